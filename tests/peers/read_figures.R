# Loads the figures in the four formats as an analyst would, with base R, and holds them to each other.
#
#     Rscript read_figures.R figures.csv figures.ndjson figures.parquet figures.json
#
# NDJSON and JSON need the package jsonlite, Parquet needs nanoparquet or arrow; what is not installed is named and left
# out. Exits with 0 where every file read has the types that an analyst expects and all agree cell for cell; with 1 where
# they do not, naming each fault; with 2 where it was called wrongly.

paths <- commandArgs(trailingOnly = TRUE)
if (length(paths) != 4) {
  message("Rscript read_figures.R figures.csv figures.ndjson figures.parquet figures.json")
  quit(status = 2)
}
names(paths) <- c("csv", "ndjson", "parquet", "json")

# What an analyst expects of the columns that are no text, which all others are.
integers <- c("year", "baseline_year", "superlative_since", "quote_start", "quote_end", "comparison_count")
numbers <- c("value", "value_low", "value_high")
booleans <- c("value_low_inclusive", "value_high_inclusive")
dates <- c("period_start", "period_end")

faults <- character()
expect <- function(holds, fault) if (!isTRUE(holds)) faults <<- c(faults, fault)
has <- function(package) requireNamespace(package, quietly = TRUE)
is_whole <- function(cells) is.numeric(cells) && all(is.na(cells) | cells == round(cells))

# An empty cell of text is missing, as one of a number is without asking. read.csv knows TRUE and true, but unless it is
# told that a column is logical it takes only the former for more than text.
classes <- structure(rep("logical", length(booleans)), names = booleans)
csv <- read.csv(paths["csv"], na.strings = "", colClasses = classes, encoding = "UTF-8", check.names = FALSE)
# No missing cell is written as a text.
raw <- read.csv(paths["csv"], na.strings = character(), colClasses = "character", encoding = "UTF-8")
for (column in names(raw)) {
  odd <- tolower(raw[[column]]) %in% c("null", "nan", "none", "na", "n/a", "undefined")
  expect(!any(odd), sprintf("csv: %s has the text %s", column, toString(unique(raw[[column]][odd]))))
}

check_types <- function(name, frame) {
  for (column in names(frame)) {
    cells <- frame[[column]]
    if (all(is.na(cells))) next
    fits <- if (column %in% integers) is_whole(cells)
      else if (column %in% numbers) is.numeric(cells)
      else if (column %in% booleans) is.logical(cells)
      else if (column %in% dates) !anyNA(as.Date(cells[!is.na(cells)], format = "%Y-%m-%d"))
      else is.character(cells)
    expect(fits, sprintf("%s: R reads %s as %s", name, column, class(cells)[1]))
  }
}

# Holds a data frame to that of the CSV, cell for cell.
agree <- function(name, frame) {
  expect(identical(names(frame), names(csv)), sprintf("%s: has other columns, or another order", name))
  expect(nrow(frame) == nrow(csv), sprintf("%s: %d rows, not %d", name, nrow(frame), nrow(csv)))
  if (length(faults) > 0) return(invisible())
  for (column in names(csv)) {
    a <- frame[[column]]
    b <- csv[[column]]
    same <- if (column %in% dates) as.character(a) == b else a == b
    same <- ifelse(is.na(a) | is.na(b), is.na(a) & is.na(b), same)
    first <- which(!same)[1]
    expect(all(same), sprintf("%s: %s of row %d is %s, not %s", name, column, first, a[first], b[first]))
  }
}

# Rows as lists, in which null is missing, as a data frame.
as_frame <- function(rows) {
  columns <- names(rows[[1]])
  cells <- lapply(columns, function(column) sapply(rows, function(row) if (is.null(row[[column]])) NA else row[[column]]))
  names(cells) <- columns
  data.frame(cells, check.names = FALSE)
}

check_types("csv", csv)
read <- "CSV"
if (has("jsonlite")) {
  lines <- readLines(paths["ndjson"], encoding = "UTF-8")
  frames <- list(
    ndjson = as_frame(lapply(lines, jsonlite::fromJSON, simplifyVector = FALSE)),
    json = as_frame(jsonlite::fromJSON(paths["json"], simplifyVector = FALSE)$data)
  )
  for (name in names(frames)) {
    check_types(name, frames[[name]])
    agree(name, frames[[name]])
  }
  read <- c(read, "NDJSON", "JSON")
} else message("NDJSON and JSON were not read: the package jsonlite is not installed")

if (has("nanoparquet") || has("arrow")) {
  parquet <- if (has("nanoparquet")) nanoparquet::read_parquet(paths["parquet"])
    else arrow::read_parquet(paths["parquet"])
  parquet <- as.data.frame(parquet)
  check_types("parquet", parquet)
  for (column in dates) expect(inherits(parquet[[column]], "Date"), sprintf("parquet: %s is no date", column))
  agree("parquet", parquet)
  read <- c(read, "Parquet")
} else message("Parquet was not read: neither nanoparquet nor arrow is installed")

for (fault in faults) message(fault)
if (length(faults) == 0) cat(sprintf("%d rows of %d columns agree in %s\n", nrow(csv), ncol(csv), toString(read)))
quit(status = if (length(faults) > 0) 1 else 0)
