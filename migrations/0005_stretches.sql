DROP TABLE `served_order`;--> statement-breakpoint
CREATE TABLE `served_order` (
	`order` text NOT NULL,
	`stretch` integer NOT NULL,
	`positions` blob NOT NULL,
	PRIMARY KEY(`order`, `stretch`)
) STRICT;
