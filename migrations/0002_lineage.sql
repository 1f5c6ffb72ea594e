CREATE TABLE `derivation` (
	`figure` text PRIMARY KEY NOT NULL,
	`method` text NOT NULL,
	`assumes` text,
	FOREIGN KEY (`figure`) REFERENCES `figure`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "derivation_method" CHECK("derivation"."method" IN ('level_before_change', 'level_after_change', 'change_from_relative', 'share_of_level', 'difference', 'relative_change', 'ratio', 'annual_rate'))
) STRICT;
--> statement-breakpoint
CREATE TABLE `derivation_input` (
	`figure` text NOT NULL,
	`place` integer NOT NULL,
	`name` text NOT NULL,
	`input` text NOT NULL,
	PRIMARY KEY(`figure`, `place`),
	FOREIGN KEY (`figure`) REFERENCES `derivation`(`figure`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`input`) REFERENCES `figure`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "derivation_input_place" CHECK("derivation_input"."place" >= 0),
	CONSTRAINT "derivation_input_not_itself" CHECK("derivation_input"."input" <> "derivation_input"."figure")
) STRICT;
--> statement-breakpoint
CREATE INDEX `derivation_input_by_input` ON `derivation_input` (`input`);--> statement-breakpoint
CREATE TABLE `target` (
	`id` text PRIMARY KEY NOT NULL,
	`metric` text NOT NULL,
	`place` text NOT NULL,
	`base` text NOT NULL,
	`absolute` text NOT NULL,
	`deadline` text NOT NULL,
	`outcome_scope` text NOT NULL,
	`outcome_voice` text NOT NULL,
	FOREIGN KEY (`metric`) REFERENCES `metric`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`place`) REFERENCES `place`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`base`) REFERENCES `figure`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`absolute`) REFERENCES `figure`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`outcome_voice`) REFERENCES `organization`(`id`) ON UPDATE no action ON DELETE no action
) STRICT;
--> statement-breakpoint
CREATE TABLE `target_statement` (
	`target` text NOT NULL,
	`figure` text NOT NULL,
	PRIMARY KEY(`target`, `figure`),
	FOREIGN KEY (`target`) REFERENCES `target`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`figure`) REFERENCES `figure`(`id`) ON UPDATE no action ON DELETE no action
) STRICT;
