CREATE TABLE `served_key` (
	`bucket` integer PRIMARY KEY NOT NULL,
	`keys` blob NOT NULL
) STRICT;
--> statement-breakpoint
ALTER TABLE `served_range` ADD `numbers` blob NOT NULL;--> statement-breakpoint
ALTER TABLE `served_range` ADD `places` blob NOT NULL;--> statement-breakpoint
ALTER TABLE `served_range` DROP COLUMN `cells`;