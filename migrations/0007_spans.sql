DROP TABLE `served_detail`;--> statement-breakpoint
ALTER TABLE `served_figure` ADD `metric` text NOT NULL;--> statement-breakpoint
ALTER TABLE `served_figure` ADD `document` text;--> statement-breakpoint
ALTER TABLE `served_figure` ADD `detail` text NOT NULL;--> statement-breakpoint
ALTER TABLE `served_term` ADD `spans` blob NOT NULL;