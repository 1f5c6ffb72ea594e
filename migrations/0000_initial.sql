CREATE TABLE `comparison` (
	`id` text PRIMARY KEY NOT NULL,
	`figure_a` text NOT NULL,
	`figure_b` text NOT NULL,
	`metric` text NOT NULL,
	`relation` text NOT NULL,
	`compatible` integer NOT NULL,
	`involves_derived` integer NOT NULL,
	`gap_low` real,
	`gap_high` real,
	`reason` text,
	FOREIGN KEY (`figure_a`) REFERENCES `figure`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`figure_b`) REFERENCES `figure`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`metric`) REFERENCES `metric`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "comparison_of_two" CHECK("comparison"."figure_a" <> "comparison"."figure_b"),
	CONSTRAINT "comparison_relation" CHECK("comparison"."relation" IN ('different_scope', 'repeats', 'agrees', 'updates', 'revises', 'conflicts', 'compatible')),
	CONSTRAINT "comparison_compatible" CHECK("comparison"."compatible" IN (0, 1)),
	CONSTRAINT "comparison_involves_derived" CHECK("comparison"."involves_derived" IN (0, 1)),
	CONSTRAINT "comparison_gap_in_order" CHECK("comparison"."gap_low" <= "comparison"."gap_high"),
	CONSTRAINT "comparison_says_why" CHECK("comparison"."relation" NOT IN ('different_scope', 'revises', 'conflicts') OR "comparison"."reason" IS NOT NULL)
) STRICT;
--> statement-breakpoint
CREATE INDEX `comparison_by_b` ON `comparison` (`figure_b`);--> statement-breakpoint
CREATE UNIQUE INDEX `comparison_pair` ON `comparison` (`figure_a`,`figure_b`);--> statement-breakpoint
CREATE TABLE `document` (
	`id` text PRIMARY KEY NOT NULL,
	`title` text NOT NULL,
	`kind` text NOT NULL,
	`publisher` text NOT NULL,
	`address` text NOT NULL,
	`language` text NOT NULL,
	`published` text NOT NULL,
	`published_earliest` text NOT NULL,
	`published_latest` text NOT NULL,
	`published_basis` text NOT NULL,
	`published_note` text,
	`sha256` text NOT NULL,
	`rights` text NOT NULL,
	`note` text,
	FOREIGN KEY (`publisher`) REFERENCES `organization`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "document_published_basis" CHECK("document"."published_basis" IN ('stated', 'inferred')),
	CONSTRAINT "document_published_order" CHECK("document"."published_earliest" <= "document"."published_latest"),
	CONSTRAINT "document_inferred_says_why" CHECK("document"."published_basis" <> 'inferred' OR "document"."published_note" IS NOT NULL),
	CONSTRAINT "document_sha256" CHECK(length("document"."sha256") = 64)
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `document_sha256_unique` ON `document` (`sha256`);--> statement-breakpoint
CREATE TABLE `evidence` (
	`figure` text NOT NULL,
	`role` text NOT NULL,
	`start` integer NOT NULL,
	`end` integer NOT NULL,
	PRIMARY KEY(`figure`, `role`, `start`),
	FOREIGN KEY (`figure`) REFERENCES `figure`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "evidence_role" CHECK("evidence"."role" IN ('value', 'period', 'baseline', 'since')),
	CONSTRAINT "evidence_span" CHECK("evidence"."start" >= 0 AND "evidence"."start" < "evidence"."end")
) STRICT;
--> statement-breakpoint
CREATE TABLE `figure` (
	`id` text PRIMARY KEY NOT NULL,
	`metric` text NOT NULL,
	`scope` text NOT NULL,
	`measure` text NOT NULL,
	`claim_type` text NOT NULL,
	`origin` text NOT NULL,
	`value` real,
	`value_low` real,
	`value_low_inclusive` integer,
	`value_high` real,
	`value_high_inclusive` integer,
	`qualifier` text,
	`unit` text NOT NULL,
	`year` integer NOT NULL,
	`period` text NOT NULL,
	`period_start` text,
	`period_end` text NOT NULL,
	`period_basis` text NOT NULL,
	`baseline_year` integer,
	`baseline_basis` text,
	`place` text NOT NULL,
	`actor` text,
	`attribution` text,
	`superlative` text,
	`superlative_since` integer,
	`document` text,
	`quote` text,
	`quote_start` integer,
	`quote_end` integer,
	`source_url` text,
	`statement` text NOT NULL,
	`note` text,
	FOREIGN KEY (`metric`) REFERENCES `metric`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`unit`) REFERENCES `unit`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`place`) REFERENCES `place`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`actor`) REFERENCES `organization`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`attribution`) REFERENCES `organization`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`document`) REFERENCES `document`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`metric`,`scope`) REFERENCES `metric_scope`(`metric`,`scope`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "figure_measure" CHECK("figure"."measure" IN ('level', 'cumulative', 'change', 'relative_change', 'share', 'rate')),
	CONSTRAINT "figure_claim_type" CHECK("figure"."claim_type" IN ('outcome', 'target', 'projection')),
	CONSTRAINT "figure_origin" CHECK("figure"."origin" IN ('quoted', 'derived')),
	CONSTRAINT "figure_qualifier" CHECK("figure"."qualifier" IN ('exact', 'approximately', 'estimated', 'more_than', 'at_least', 'less_than', 'at_most', 'nearly')),
	CONSTRAINT "figure_period_basis" CHECK("figure"."period_basis" IN ('stated', 'inferred', 'document')),
	CONSTRAINT "figure_baseline_basis" CHECK("figure"."baseline_basis" IN ('stated', 'inferred')),
	CONSTRAINT "figure_superlative" CHECK("figure"."superlative" IN ('highest', 'lowest')),
	CONSTRAINT "figure_null_value_only_with_superlative" CHECK("figure"."value" IS NOT NULL OR "figure"."superlative" IS NOT NULL),
	CONSTRAINT "figure_quoted_value_has_qualifier" CHECK("figure"."origin" = 'derived' OR ("figure"."value" IS NULL) = ("figure"."qualifier" IS NULL)),
	CONSTRAINT "figure_value_exact_in_double" CHECK("figure"."value" IS NULL OR abs("figure"."value") <= 9007199254740991),
	CONSTRAINT "figure_low_inclusive_with_low" CHECK(("figure"."value_low" IS NULL) = ("figure"."value_low_inclusive" IS NULL)),
	CONSTRAINT "figure_high_inclusive_with_high" CHECK(("figure"."value_high" IS NULL) = ("figure"."value_high_inclusive" IS NULL)),
	CONSTRAINT "figure_inclusive_is_boolean" CHECK(coalesce("figure"."value_low_inclusive", 0) IN (0, 1) AND coalesce("figure"."value_high_inclusive", 0) IN (0, 1)),
	CONSTRAINT "figure_bounds_in_order" CHECK("figure"."value_low" IS NULL OR "figure"."value_high" IS NULL OR "figure"."value_low" < "figure"."value_high" OR ("figure"."value_low" = "figure"."value_high" AND "figure"."value_low_inclusive" = 1 AND "figure"."value_high_inclusive" = 1)),
	CONSTRAINT "figure_no_value_no_bounds" CHECK("figure"."value" IS NOT NULL OR ("figure"."value_low" IS NULL AND "figure"."value_high" IS NULL)),
	CONSTRAINT "figure_bounds_fit_qualifier" CHECK("figure"."origin" = 'derived' OR "figure"."qualifier" IS NULL OR CASE
        WHEN "figure"."qualifier" = 'exact' THEN "figure"."value_low" IS "figure"."value" AND "figure"."value_high" IS "figure"."value"
        WHEN "figure"."qualifier" IN ('approximately', 'estimated') THEN "figure"."value_low" IS NULL AND "figure"."value_high" IS NULL
        WHEN ("figure"."qualifier" IN ('more_than', 'at_least')) = ("figure"."value" >= 0)
          THEN "figure"."value_low" IS "figure"."value" AND "figure"."value_high" IS NULL
            AND "figure"."value_low_inclusive" = ("figure"."qualifier" IN ('at_least', 'at_most'))
        ELSE "figure"."value_high" IS "figure"."value" AND "figure"."value_low" IS NULL
            AND "figure"."value_high_inclusive" = ("figure"."qualifier" IN ('at_least', 'at_most'))
      END),
	CONSTRAINT "figure_percent" CHECK("figure"."measure" NOT IN ('relative_change', 'share') OR "figure"."unit" = 'percent'),
	CONSTRAINT "figure_year_ends_period" CHECK("figure"."year" = CAST(substr("figure"."period_end", 1, 4) AS INTEGER)),
	CONSTRAINT "figure_period_in_order" CHECK("figure"."period_start" IS NULL OR "figure"."period_start" <= "figure"."period_end"),
	CONSTRAINT "figure_baseline_only_for_change" CHECK("figure"."baseline_year" IS NULL OR "figure"."measure" IN ('change', 'relative_change')),
	CONSTRAINT "figure_baseline_has_basis" CHECK(("figure"."baseline_year" IS NULL) = ("figure"."baseline_basis" IS NULL)),
	CONSTRAINT "figure_baseline_before_period" CHECK("figure"."baseline_year" <= "figure"."year"),
	CONSTRAINT "figure_inferred_says_why" CHECK("figure"."note" IS NOT NULL OR ("figure"."period_basis" <> 'inferred' AND coalesce("figure"."baseline_basis", '') <> 'inferred')),
	CONSTRAINT "figure_since_only_with_superlative" CHECK("figure"."superlative_since" IS NULL OR "figure"."superlative" IS NOT NULL),
	CONSTRAINT "figure_since_before_period" CHECK("figure"."superlative_since" < "figure"."year"),
	CONSTRAINT "figure_origin_decides_source" CHECK(CASE "figure"."origin"
        WHEN 'quoted' THEN "figure"."document" IS NOT NULL AND "figure"."quote" IS NOT NULL AND "figure"."quote_start" IS NOT NULL AND "figure"."quote_end" IS NOT NULL AND "figure"."source_url" IS NOT NULL
        ELSE "figure"."document" IS NULL AND "figure"."quote" IS NULL AND "figure"."quote_start" IS NULL AND "figure"."quote_end" IS NULL AND "figure"."source_url" IS NULL AND "figure"."attribution" IS NULL
      END),
	CONSTRAINT "figure_quote_length" CHECK("figure"."quote_end" - "figure"."quote_start" = length("figure"."quote")),
	CONSTRAINT "figure_quote_start" CHECK("figure"."quote_start" >= 0)
) STRICT;
--> statement-breakpoint
CREATE INDEX `figure_by_metric` ON `figure` (`metric`,`year`);--> statement-breakpoint
CREATE INDEX `figure_by_document` ON `figure` (`document`);--> statement-breakpoint
CREATE INDEX `figure_by_year` ON `figure` (`year`);--> statement-breakpoint
CREATE TABLE `metric` (
	`id` text PRIMARY KEY NOT NULL,
	`title` text NOT NULL,
	`definition` text NOT NULL,
	`topic` text NOT NULL,
	`unit` text NOT NULL,
	`additive` integer NOT NULL,
	FOREIGN KEY (`unit`) REFERENCES `unit`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "metric_topic" CHECK("metric"."topic" IN ('counternarcotics', 'security', 'humanitarian', 'peace', 'trade')),
	CONSTRAINT "metric_additive" CHECK("metric"."additive" IN (0, 1))
) STRICT;
--> statement-breakpoint
CREATE TABLE `metric_scope` (
	`metric` text NOT NULL,
	`scope` text NOT NULL,
	`definition` text NOT NULL,
	PRIMARY KEY(`metric`, `scope`),
	FOREIGN KEY (`metric`) REFERENCES `metric`(`id`) ON UPDATE no action ON DELETE no action
) STRICT;
--> statement-breakpoint
CREATE TABLE `not_recorded` (
	`document` text NOT NULL,
	`text` text NOT NULL,
	`start` integer NOT NULL,
	`end` integer NOT NULL,
	`reason` text NOT NULL,
	PRIMARY KEY(`document`, `start`),
	FOREIGN KEY (`document`) REFERENCES `document`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "not_recorded_reason" CHECK("not_recorded"."reason" IN ('date', 'ordinal', 'duration', 'vague', 'name', 'idiom', 'page_furniture', 'repeated_mention')),
	CONSTRAINT "not_recorded_span" CHECK("not_recorded"."start" >= 0 AND "not_recorded"."end" - "not_recorded"."start" = length("not_recorded"."text"))
) STRICT;
--> statement-breakpoint
CREATE TABLE `organization` (
	`id` text PRIMARY KEY NOT NULL,
	`title` text NOT NULL,
	`definition` text NOT NULL
) STRICT;
--> statement-breakpoint
CREATE TABLE `place` (
	`id` text PRIMARY KEY NOT NULL,
	`title` text NOT NULL,
	`definition` text NOT NULL,
	`iso_3166` text
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `place_iso_3166_unique` ON `place` (`iso_3166`);--> statement-breakpoint
CREATE TABLE `release` (
	`id` integer PRIMARY KEY NOT NULL,
	`version` text NOT NULL,
	`digest` text NOT NULL,
	`title` text NOT NULL,
	`description` text NOT NULL,
	`released` text NOT NULL,
	`license` text NOT NULL,
	`license_url` text NOT NULL,
	`license_note` text NOT NULL,
	`contact` text NOT NULL,
	`changelog` text NOT NULL,
	CONSTRAINT "release_only_one" CHECK("release"."id" = 1),
	CONSTRAINT "release_digest" CHECK("release"."digest" GLOB 'sha256:*' AND length("release"."digest") = 71),
	CONSTRAINT "release_changelog" CHECK(json_valid("release"."changelog"))
) STRICT;
--> statement-breakpoint
CREATE TABLE `unit` (
	`id` text PRIMARY KEY NOT NULL,
	`title` text NOT NULL,
	`definition` text NOT NULL,
	`symbol` text NOT NULL,
	`ucum` text,
	`qudt` text
) STRICT;
