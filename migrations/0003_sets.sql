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
CREATE TABLE `served_detail` (
	`position` integer PRIMARY KEY NOT NULL,
	`metric` text NOT NULL,
	`document` text,
	`detail` text NOT NULL
) STRICT;
--> statement-breakpoint
DROP INDEX `figure_by_metric`;--> statement-breakpoint
CREATE INDEX `figure_by_metric` ON `figure` (`metric`,`year`,`document`);
