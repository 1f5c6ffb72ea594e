CREATE TABLE `served_figure` (
	`position` integer PRIMARY KEY NOT NULL,
	`id` text NOT NULL,
	`row` text NOT NULL
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `served_figure_id_unique` ON `served_figure` (`id`);--> statement-breakpoint
CREATE TABLE `served_key` (
	`position` integer PRIMARY KEY NOT NULL,
	`metric` integer,
	`topic` integer,
	`scope` integer,
	`measure` integer,
	`claim_type` integer,
	`origin` integer,
	`qualifier` integer,
	`unit` integer,
	`place` integer,
	`actor` integer,
	`attribution` integer,
	`document` integer,
	`publisher` integer,
	`superlative` integer,
	`baseline_year` integer,
	`year` integer,
	`period_start_year` integer,
	`published_year` integer,
	`by_id` integer NOT NULL,
	`by_metric` integer NOT NULL,
	`by_document` integer NOT NULL,
	`by_year` integer NOT NULL,
	`by_value` integer NOT NULL,
	`by_value_desc` integer NOT NULL,
	`by_published` integer NOT NULL,
	`by_published_desc` integer NOT NULL,
	`value` real,
	`value_low` real,
	`value_low_inclusive` integer,
	`value_high` real,
	`value_high_inclusive` integer,
	`published_by` text
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `served_key_by_id` ON `served_key` (`by_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `served_key_by_metric` ON `served_key` (`by_metric`);--> statement-breakpoint
CREATE UNIQUE INDEX `served_key_by_document` ON `served_key` (`by_document`);--> statement-breakpoint
CREATE UNIQUE INDEX `served_key_by_year` ON `served_key` (`by_year`);--> statement-breakpoint
CREATE UNIQUE INDEX `served_key_by_value` ON `served_key` (`by_value`);--> statement-breakpoint
CREATE UNIQUE INDEX `served_key_by_value_desc` ON `served_key` (`by_value_desc`);--> statement-breakpoint
CREATE UNIQUE INDEX `served_key_by_published` ON `served_key` (`by_published`);--> statement-breakpoint
CREATE UNIQUE INDEX `served_key_by_published_desc` ON `served_key` (`by_published_desc`);--> statement-breakpoint
CREATE INDEX `served_key_metric` ON `served_key` (`metric`);--> statement-breakpoint
CREATE INDEX `served_key_metric_by_id` ON `served_key` (`metric`,`by_id`);--> statement-breakpoint
CREATE INDEX `served_key_metric_by_metric` ON `served_key` (`metric`,`by_metric`);--> statement-breakpoint
CREATE INDEX `served_key_metric_by_document` ON `served_key` (`metric`,`by_document`);--> statement-breakpoint
CREATE INDEX `served_key_metric_by_year` ON `served_key` (`metric`,`by_year`);--> statement-breakpoint
CREATE INDEX `served_key_metric_by_value` ON `served_key` (`metric`,`by_value`);--> statement-breakpoint
CREATE INDEX `served_key_metric_by_value_desc` ON `served_key` (`metric`,`by_value_desc`);--> statement-breakpoint
CREATE INDEX `served_key_metric_by_published` ON `served_key` (`metric`,`by_published`);--> statement-breakpoint
CREATE INDEX `served_key_metric_by_published_desc` ON `served_key` (`metric`,`by_published_desc`);--> statement-breakpoint
CREATE INDEX `served_key_topic` ON `served_key` (`topic`);--> statement-breakpoint
CREATE INDEX `served_key_topic_by_id` ON `served_key` (`topic`,`by_id`);--> statement-breakpoint
CREATE INDEX `served_key_topic_by_metric` ON `served_key` (`topic`,`by_metric`);--> statement-breakpoint
CREATE INDEX `served_key_topic_by_document` ON `served_key` (`topic`,`by_document`);--> statement-breakpoint
CREATE INDEX `served_key_topic_by_year` ON `served_key` (`topic`,`by_year`);--> statement-breakpoint
CREATE INDEX `served_key_topic_by_value` ON `served_key` (`topic`,`by_value`);--> statement-breakpoint
CREATE INDEX `served_key_topic_by_value_desc` ON `served_key` (`topic`,`by_value_desc`);--> statement-breakpoint
CREATE INDEX `served_key_topic_by_published` ON `served_key` (`topic`,`by_published`);--> statement-breakpoint
CREATE INDEX `served_key_topic_by_published_desc` ON `served_key` (`topic`,`by_published_desc`);--> statement-breakpoint
CREATE INDEX `served_key_scope` ON `served_key` (`scope`);--> statement-breakpoint
CREATE INDEX `served_key_scope_by_id` ON `served_key` (`scope`,`by_id`);--> statement-breakpoint
CREATE INDEX `served_key_scope_by_metric` ON `served_key` (`scope`,`by_metric`);--> statement-breakpoint
CREATE INDEX `served_key_scope_by_document` ON `served_key` (`scope`,`by_document`);--> statement-breakpoint
CREATE INDEX `served_key_scope_by_year` ON `served_key` (`scope`,`by_year`);--> statement-breakpoint
CREATE INDEX `served_key_scope_by_value` ON `served_key` (`scope`,`by_value`);--> statement-breakpoint
CREATE INDEX `served_key_scope_by_value_desc` ON `served_key` (`scope`,`by_value_desc`);--> statement-breakpoint
CREATE INDEX `served_key_scope_by_published` ON `served_key` (`scope`,`by_published`);--> statement-breakpoint
CREATE INDEX `served_key_scope_by_published_desc` ON `served_key` (`scope`,`by_published_desc`);--> statement-breakpoint
CREATE INDEX `served_key_measure` ON `served_key` (`measure`);--> statement-breakpoint
CREATE INDEX `served_key_measure_by_id` ON `served_key` (`measure`,`by_id`);--> statement-breakpoint
CREATE INDEX `served_key_measure_by_metric` ON `served_key` (`measure`,`by_metric`);--> statement-breakpoint
CREATE INDEX `served_key_measure_by_document` ON `served_key` (`measure`,`by_document`);--> statement-breakpoint
CREATE INDEX `served_key_measure_by_year` ON `served_key` (`measure`,`by_year`);--> statement-breakpoint
CREATE INDEX `served_key_measure_by_value` ON `served_key` (`measure`,`by_value`);--> statement-breakpoint
CREATE INDEX `served_key_measure_by_value_desc` ON `served_key` (`measure`,`by_value_desc`);--> statement-breakpoint
CREATE INDEX `served_key_measure_by_published` ON `served_key` (`measure`,`by_published`);--> statement-breakpoint
CREATE INDEX `served_key_measure_by_published_desc` ON `served_key` (`measure`,`by_published_desc`);--> statement-breakpoint
CREATE INDEX `served_key_claim_type` ON `served_key` (`claim_type`);--> statement-breakpoint
CREATE INDEX `served_key_claim_type_by_id` ON `served_key` (`claim_type`,`by_id`);--> statement-breakpoint
CREATE INDEX `served_key_claim_type_by_metric` ON `served_key` (`claim_type`,`by_metric`);--> statement-breakpoint
CREATE INDEX `served_key_claim_type_by_document` ON `served_key` (`claim_type`,`by_document`);--> statement-breakpoint
CREATE INDEX `served_key_claim_type_by_year` ON `served_key` (`claim_type`,`by_year`);--> statement-breakpoint
CREATE INDEX `served_key_claim_type_by_value` ON `served_key` (`claim_type`,`by_value`);--> statement-breakpoint
CREATE INDEX `served_key_claim_type_by_value_desc` ON `served_key` (`claim_type`,`by_value_desc`);--> statement-breakpoint
CREATE INDEX `served_key_claim_type_by_published` ON `served_key` (`claim_type`,`by_published`);--> statement-breakpoint
CREATE INDEX `served_key_claim_type_by_published_desc` ON `served_key` (`claim_type`,`by_published_desc`);--> statement-breakpoint
CREATE INDEX `served_key_origin` ON `served_key` (`origin`);--> statement-breakpoint
CREATE INDEX `served_key_origin_by_id` ON `served_key` (`origin`,`by_id`);--> statement-breakpoint
CREATE INDEX `served_key_origin_by_metric` ON `served_key` (`origin`,`by_metric`);--> statement-breakpoint
CREATE INDEX `served_key_origin_by_document` ON `served_key` (`origin`,`by_document`);--> statement-breakpoint
CREATE INDEX `served_key_origin_by_year` ON `served_key` (`origin`,`by_year`);--> statement-breakpoint
CREATE INDEX `served_key_origin_by_value` ON `served_key` (`origin`,`by_value`);--> statement-breakpoint
CREATE INDEX `served_key_origin_by_value_desc` ON `served_key` (`origin`,`by_value_desc`);--> statement-breakpoint
CREATE INDEX `served_key_origin_by_published` ON `served_key` (`origin`,`by_published`);--> statement-breakpoint
CREATE INDEX `served_key_origin_by_published_desc` ON `served_key` (`origin`,`by_published_desc`);--> statement-breakpoint
CREATE INDEX `served_key_qualifier` ON `served_key` (`qualifier`);--> statement-breakpoint
CREATE INDEX `served_key_qualifier_by_id` ON `served_key` (`qualifier`,`by_id`);--> statement-breakpoint
CREATE INDEX `served_key_qualifier_by_metric` ON `served_key` (`qualifier`,`by_metric`);--> statement-breakpoint
CREATE INDEX `served_key_qualifier_by_document` ON `served_key` (`qualifier`,`by_document`);--> statement-breakpoint
CREATE INDEX `served_key_qualifier_by_year` ON `served_key` (`qualifier`,`by_year`);--> statement-breakpoint
CREATE INDEX `served_key_qualifier_by_value` ON `served_key` (`qualifier`,`by_value`);--> statement-breakpoint
CREATE INDEX `served_key_qualifier_by_value_desc` ON `served_key` (`qualifier`,`by_value_desc`);--> statement-breakpoint
CREATE INDEX `served_key_qualifier_by_published` ON `served_key` (`qualifier`,`by_published`);--> statement-breakpoint
CREATE INDEX `served_key_qualifier_by_published_desc` ON `served_key` (`qualifier`,`by_published_desc`);--> statement-breakpoint
CREATE INDEX `served_key_unit` ON `served_key` (`unit`);--> statement-breakpoint
CREATE INDEX `served_key_unit_by_id` ON `served_key` (`unit`,`by_id`);--> statement-breakpoint
CREATE INDEX `served_key_unit_by_metric` ON `served_key` (`unit`,`by_metric`);--> statement-breakpoint
CREATE INDEX `served_key_unit_by_document` ON `served_key` (`unit`,`by_document`);--> statement-breakpoint
CREATE INDEX `served_key_unit_by_year` ON `served_key` (`unit`,`by_year`);--> statement-breakpoint
CREATE INDEX `served_key_unit_by_value` ON `served_key` (`unit`,`by_value`);--> statement-breakpoint
CREATE INDEX `served_key_unit_by_value_desc` ON `served_key` (`unit`,`by_value_desc`);--> statement-breakpoint
CREATE INDEX `served_key_unit_by_published` ON `served_key` (`unit`,`by_published`);--> statement-breakpoint
CREATE INDEX `served_key_unit_by_published_desc` ON `served_key` (`unit`,`by_published_desc`);--> statement-breakpoint
CREATE INDEX `served_key_place` ON `served_key` (`place`);--> statement-breakpoint
CREATE INDEX `served_key_place_by_id` ON `served_key` (`place`,`by_id`);--> statement-breakpoint
CREATE INDEX `served_key_place_by_metric` ON `served_key` (`place`,`by_metric`);--> statement-breakpoint
CREATE INDEX `served_key_place_by_document` ON `served_key` (`place`,`by_document`);--> statement-breakpoint
CREATE INDEX `served_key_place_by_year` ON `served_key` (`place`,`by_year`);--> statement-breakpoint
CREATE INDEX `served_key_place_by_value` ON `served_key` (`place`,`by_value`);--> statement-breakpoint
CREATE INDEX `served_key_place_by_value_desc` ON `served_key` (`place`,`by_value_desc`);--> statement-breakpoint
CREATE INDEX `served_key_place_by_published` ON `served_key` (`place`,`by_published`);--> statement-breakpoint
CREATE INDEX `served_key_place_by_published_desc` ON `served_key` (`place`,`by_published_desc`);--> statement-breakpoint
CREATE INDEX `served_key_actor` ON `served_key` (`actor`);--> statement-breakpoint
CREATE INDEX `served_key_actor_by_id` ON `served_key` (`actor`,`by_id`);--> statement-breakpoint
CREATE INDEX `served_key_actor_by_metric` ON `served_key` (`actor`,`by_metric`);--> statement-breakpoint
CREATE INDEX `served_key_actor_by_document` ON `served_key` (`actor`,`by_document`);--> statement-breakpoint
CREATE INDEX `served_key_actor_by_year` ON `served_key` (`actor`,`by_year`);--> statement-breakpoint
CREATE INDEX `served_key_actor_by_value` ON `served_key` (`actor`,`by_value`);--> statement-breakpoint
CREATE INDEX `served_key_actor_by_value_desc` ON `served_key` (`actor`,`by_value_desc`);--> statement-breakpoint
CREATE INDEX `served_key_actor_by_published` ON `served_key` (`actor`,`by_published`);--> statement-breakpoint
CREATE INDEX `served_key_actor_by_published_desc` ON `served_key` (`actor`,`by_published_desc`);--> statement-breakpoint
CREATE INDEX `served_key_attribution` ON `served_key` (`attribution`);--> statement-breakpoint
CREATE INDEX `served_key_attribution_by_id` ON `served_key` (`attribution`,`by_id`);--> statement-breakpoint
CREATE INDEX `served_key_attribution_by_metric` ON `served_key` (`attribution`,`by_metric`);--> statement-breakpoint
CREATE INDEX `served_key_attribution_by_document` ON `served_key` (`attribution`,`by_document`);--> statement-breakpoint
CREATE INDEX `served_key_attribution_by_year` ON `served_key` (`attribution`,`by_year`);--> statement-breakpoint
CREATE INDEX `served_key_attribution_by_value` ON `served_key` (`attribution`,`by_value`);--> statement-breakpoint
CREATE INDEX `served_key_attribution_by_value_desc` ON `served_key` (`attribution`,`by_value_desc`);--> statement-breakpoint
CREATE INDEX `served_key_attribution_by_published` ON `served_key` (`attribution`,`by_published`);--> statement-breakpoint
CREATE INDEX `served_key_attribution_by_published_desc` ON `served_key` (`attribution`,`by_published_desc`);--> statement-breakpoint
CREATE INDEX `served_key_document` ON `served_key` (`document`);--> statement-breakpoint
CREATE INDEX `served_key_document_by_id` ON `served_key` (`document`,`by_id`);--> statement-breakpoint
CREATE INDEX `served_key_document_by_metric` ON `served_key` (`document`,`by_metric`);--> statement-breakpoint
CREATE INDEX `served_key_document_by_document` ON `served_key` (`document`,`by_document`);--> statement-breakpoint
CREATE INDEX `served_key_document_by_year` ON `served_key` (`document`,`by_year`);--> statement-breakpoint
CREATE INDEX `served_key_document_by_value` ON `served_key` (`document`,`by_value`);--> statement-breakpoint
CREATE INDEX `served_key_document_by_value_desc` ON `served_key` (`document`,`by_value_desc`);--> statement-breakpoint
CREATE INDEX `served_key_document_by_published` ON `served_key` (`document`,`by_published`);--> statement-breakpoint
CREATE INDEX `served_key_document_by_published_desc` ON `served_key` (`document`,`by_published_desc`);--> statement-breakpoint
CREATE INDEX `served_key_publisher` ON `served_key` (`publisher`);--> statement-breakpoint
CREATE INDEX `served_key_publisher_by_id` ON `served_key` (`publisher`,`by_id`);--> statement-breakpoint
CREATE INDEX `served_key_publisher_by_metric` ON `served_key` (`publisher`,`by_metric`);--> statement-breakpoint
CREATE INDEX `served_key_publisher_by_document` ON `served_key` (`publisher`,`by_document`);--> statement-breakpoint
CREATE INDEX `served_key_publisher_by_year` ON `served_key` (`publisher`,`by_year`);--> statement-breakpoint
CREATE INDEX `served_key_publisher_by_value` ON `served_key` (`publisher`,`by_value`);--> statement-breakpoint
CREATE INDEX `served_key_publisher_by_value_desc` ON `served_key` (`publisher`,`by_value_desc`);--> statement-breakpoint
CREATE INDEX `served_key_publisher_by_published` ON `served_key` (`publisher`,`by_published`);--> statement-breakpoint
CREATE INDEX `served_key_publisher_by_published_desc` ON `served_key` (`publisher`,`by_published_desc`);--> statement-breakpoint
CREATE INDEX `served_key_superlative` ON `served_key` (`superlative`);--> statement-breakpoint
CREATE INDEX `served_key_superlative_by_id` ON `served_key` (`superlative`,`by_id`);--> statement-breakpoint
CREATE INDEX `served_key_superlative_by_metric` ON `served_key` (`superlative`,`by_metric`);--> statement-breakpoint
CREATE INDEX `served_key_superlative_by_document` ON `served_key` (`superlative`,`by_document`);--> statement-breakpoint
CREATE INDEX `served_key_superlative_by_year` ON `served_key` (`superlative`,`by_year`);--> statement-breakpoint
CREATE INDEX `served_key_superlative_by_value` ON `served_key` (`superlative`,`by_value`);--> statement-breakpoint
CREATE INDEX `served_key_superlative_by_value_desc` ON `served_key` (`superlative`,`by_value_desc`);--> statement-breakpoint
CREATE INDEX `served_key_superlative_by_published` ON `served_key` (`superlative`,`by_published`);--> statement-breakpoint
CREATE INDEX `served_key_superlative_by_published_desc` ON `served_key` (`superlative`,`by_published_desc`);--> statement-breakpoint
CREATE INDEX `served_key_baseline_year` ON `served_key` (`baseline_year`);--> statement-breakpoint
CREATE INDEX `served_key_baseline_year_by_id` ON `served_key` (`baseline_year`,`by_id`);--> statement-breakpoint
CREATE INDEX `served_key_baseline_year_by_metric` ON `served_key` (`baseline_year`,`by_metric`);--> statement-breakpoint
CREATE INDEX `served_key_baseline_year_by_document` ON `served_key` (`baseline_year`,`by_document`);--> statement-breakpoint
CREATE INDEX `served_key_baseline_year_by_year` ON `served_key` (`baseline_year`,`by_year`);--> statement-breakpoint
CREATE INDEX `served_key_baseline_year_by_value` ON `served_key` (`baseline_year`,`by_value`);--> statement-breakpoint
CREATE INDEX `served_key_baseline_year_by_value_desc` ON `served_key` (`baseline_year`,`by_value_desc`);--> statement-breakpoint
CREATE INDEX `served_key_baseline_year_by_published` ON `served_key` (`baseline_year`,`by_published`);--> statement-breakpoint
CREATE INDEX `served_key_baseline_year_by_published_desc` ON `served_key` (`baseline_year`,`by_published_desc`);--> statement-breakpoint
CREATE INDEX `served_key_year` ON `served_key` (`year`);--> statement-breakpoint
CREATE INDEX `served_key_year_by_id` ON `served_key` (`year`,`by_id`);--> statement-breakpoint
CREATE INDEX `served_key_year_by_metric` ON `served_key` (`year`,`by_metric`);--> statement-breakpoint
CREATE INDEX `served_key_year_by_document` ON `served_key` (`year`,`by_document`);--> statement-breakpoint
CREATE INDEX `served_key_year_by_year` ON `served_key` (`year`,`by_year`);--> statement-breakpoint
CREATE INDEX `served_key_year_by_value` ON `served_key` (`year`,`by_value`);--> statement-breakpoint
CREATE INDEX `served_key_year_by_value_desc` ON `served_key` (`year`,`by_value_desc`);--> statement-breakpoint
CREATE INDEX `served_key_year_by_published` ON `served_key` (`year`,`by_published`);--> statement-breakpoint
CREATE INDEX `served_key_year_by_published_desc` ON `served_key` (`year`,`by_published_desc`);--> statement-breakpoint
CREATE INDEX `served_key_period_start_year` ON `served_key` (`period_start_year`);--> statement-breakpoint
CREATE INDEX `served_key_period_start_year_by_id` ON `served_key` (`period_start_year`,`by_id`);--> statement-breakpoint
CREATE INDEX `served_key_period_start_year_by_metric` ON `served_key` (`period_start_year`,`by_metric`);--> statement-breakpoint
CREATE INDEX `served_key_period_start_year_by_document` ON `served_key` (`period_start_year`,`by_document`);--> statement-breakpoint
CREATE INDEX `served_key_period_start_year_by_year` ON `served_key` (`period_start_year`,`by_year`);--> statement-breakpoint
CREATE INDEX `served_key_period_start_year_by_value` ON `served_key` (`period_start_year`,`by_value`);--> statement-breakpoint
CREATE INDEX `served_key_period_start_year_by_value_desc` ON `served_key` (`period_start_year`,`by_value_desc`);--> statement-breakpoint
CREATE INDEX `served_key_period_start_year_by_published` ON `served_key` (`period_start_year`,`by_published`);--> statement-breakpoint
CREATE INDEX `served_key_period_start_year_by_published_desc` ON `served_key` (`period_start_year`,`by_published_desc`);--> statement-breakpoint
CREATE INDEX `served_key_published_year` ON `served_key` (`published_year`);--> statement-breakpoint
CREATE INDEX `served_key_published_year_by_id` ON `served_key` (`published_year`,`by_id`);--> statement-breakpoint
CREATE INDEX `served_key_published_year_by_metric` ON `served_key` (`published_year`,`by_metric`);--> statement-breakpoint
CREATE INDEX `served_key_published_year_by_document` ON `served_key` (`published_year`,`by_document`);--> statement-breakpoint
CREATE INDEX `served_key_published_year_by_year` ON `served_key` (`published_year`,`by_year`);--> statement-breakpoint
CREATE INDEX `served_key_published_year_by_value` ON `served_key` (`published_year`,`by_value`);--> statement-breakpoint
CREATE INDEX `served_key_published_year_by_value_desc` ON `served_key` (`published_year`,`by_value_desc`);--> statement-breakpoint
CREATE INDEX `served_key_published_year_by_published` ON `served_key` (`published_year`,`by_published`);--> statement-breakpoint
CREATE INDEX `served_key_published_year_by_published_desc` ON `served_key` (`published_year`,`by_published_desc`);--> statement-breakpoint
CREATE TABLE `served_term` (
	`column` text NOT NULL,
	`code` integer NOT NULL,
	`term` text NOT NULL,
	`figures` integer NOT NULL,
	PRIMARY KEY(`column`, `code`)
) STRICT;--> statement-breakpoint
CREATE VIRTUAL TABLE `served_text` USING fts5(
	`statement`, `quote`, `metric`, `metric_title`, `actor`, `actor_title`, `document_title`,
	content = '',
	tokenize = "unicode61 remove_diacritics 2"
);
