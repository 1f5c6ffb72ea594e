CREATE TABLE `served_rank` (
	`order` text PRIMARY KEY NOT NULL,
	`ranks` blob NOT NULL
) STRICT;
