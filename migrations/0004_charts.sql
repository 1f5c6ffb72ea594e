CREATE TABLE `chart` (
	`metric` text NOT NULL,
	`size` text NOT NULL,
	`svg` text NOT NULL,
	`specification` text NOT NULL,
	PRIMARY KEY(`metric`, `size`),
	FOREIGN KEY (`metric`) REFERENCES `metric`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "chart_size" CHECK("chart"."size" IN ('wide', 'narrow', 'card')),
	CONSTRAINT "chart_specification" CHECK(json_valid("chart"."specification"))
) STRICT;
