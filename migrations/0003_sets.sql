CREATE TABLE `served_order` (
	`order` text PRIMARY KEY NOT NULL,
	`positions` blob NOT NULL
) STRICT;
--> statement-breakpoint
CREATE TABLE `served_range` (
	`column` text PRIMARY KEY NOT NULL,
	`cells` blob NOT NULL
) STRICT;
--> statement-breakpoint
DROP TABLE `served_key`;--> statement-breakpoint
DROP TABLE `served_term`;--> statement-breakpoint
CREATE TABLE `served_term` (
	`column` text NOT NULL,
	`term` text NOT NULL,
	`figures` integer NOT NULL,
	`positions` blob NOT NULL,
	PRIMARY KEY(`column`, `term`)
) STRICT;--> statement-breakpoint
DROP TABLE `served_figure`;--> statement-breakpoint
CREATE TABLE `served_figure` (
	`position` integer PRIMARY KEY NOT NULL,
	`id` text NOT NULL,
	`row` text NOT NULL,
	`detail` text NOT NULL
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `served_figure_id_unique` ON `served_figure` (`id`);
