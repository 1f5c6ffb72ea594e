"""Loads the figures in the four formats as an analyst would, with pandas and pyarrow, and holds them to each other.

    read_figures.py figures.csv figures.ndjson figures.parquet figures.json

Exits with 0 where every file has the types that an analyst expects and all agree cell for cell; with 1 where they do
not, naming each fault; with 2 where it was called wrongly.
"""

import csv
import io
import json
import sys

import pandas
import pyarrow
import pyarrow.parquet

# What an analyst expects of the columns that are no text, which all others are.
INTEGERS = {"year", "baseline_year", "superlative_since", "quote_start", "quote_end", "comparison_count"}
NUMBERS = {"value", "value_low", "value_high"}
BOOLEANS = {"value_low_inclusive", "value_high_inclusive"}
DATES = {"period_start", "period_end"}
# What a program may write for a missing cell, which an analyst would then read as a text.
NOT_MISSING = {"null", "nan", "none", "na", "n/a", "undefined"}

faults = []


def expect(holds, fault):
    if not holds:
        faults.append(fault)
    return holds


def plain(value):
    """A cell of pandas as JSON has it."""
    if value is None or value is pandas.NA or value is pandas.NaT or value != value:
        return None
    if hasattr(value, "isoformat"):
        return value.isoformat()[:10]
    return value.item() if hasattr(value, "item") else value


def same_cell(a, b):
    """Whether two cells are the same: of one type too, but for whole numbers, which CSV and JSON write without a point."""
    if isinstance(a, bool) or isinstance(b, bool) or a is None or b is None:
        return a is b
    return a == b


def agree(name, frame, rows):
    """Holds a data frame to the rows of the JSON, cell for cell."""
    columns = list(rows[0])
    if not expect(list(frame.columns) == columns, f"{name}: columns are {list(frame.columns)}, not {columns}"):
        return
    if not expect(len(frame) == len(rows), f"{name}: {len(frame)} rows, not {len(rows)}"):
        return
    for column in columns:
        for index, (cell, row) in enumerate(zip(frame[column], rows)):
            got, wanted = plain(cell), row[column]
            if not expect(same_cell(got, wanted), f"{name}: {column} of row {index} is {got!r}, not {wanted!r}"):
                break


def is_empty(series):
    return bool(series.isna().all())


def read_csv(path):
    with open(path, encoding="utf-8", newline="") as file:
        content = file.read()
    expect(not content.startswith("\ufeff"), "csv: starts with a byte order mark that nobody asked for")
    expect(content.endswith("\r\n"), "csv: the last line is not ended by CRLF")
    header, *records = csv.reader(io.StringIO(content, newline=""), strict=True)
    for index, record in enumerate(records):
        expect(len(record) == len(header), f"csv: row {index} has {len(record)} cells, the header {len(header)}")
        for column, cell in zip(header, record):
            expect(cell.lower() not in NOT_MISSING, f"csv: {column} of row {index} is the text {cell!r}")

    plainly = pandas.read_csv(path)
    for column in plainly.columns:
        dtype = plainly[column].dtype
        if is_empty(plainly[column]):
            continue
        if column in NUMBERS or column in INTEGERS:
            expect(pandas.api.types.is_numeric_dtype(dtype), f"csv: pandas reads {column} as {dtype}, not as numbers")
        elif column in BOOLEANS:
            values = set(plainly[column].dropna())
            expect(values <= {True, False}, f"csv: pandas reads {column} as {values}, not as True and False")
        else:
            texts = plainly[column].dropna().map(type).eq(str).all()
            expect(texts, f"csv: pandas reads {column} as {dtype}, not as text")

    frame = pandas.read_csv(path, dtype_backend="numpy_nullable")
    for column in INTEGERS & set(frame.columns):
        dtype = frame[column].dtype
        expect(dtype == pandas.Int64Dtype(), f"csv: with nullable types pandas reads {column} as {dtype}, not as Int64")
    for column in BOOLEANS & set(frame.columns):
        dtype = frame[column].dtype
        ok = is_empty(frame[column]) or dtype == pandas.BooleanDtype()
        expect(ok, f"csv: with nullable types pandas reads {column} as {dtype}, not as boolean")
    dates = pandas.read_csv(path, usecols=sorted(DATES), parse_dates=sorted(DATES))
    for column in dates.columns:
        dtype = dates[column].dtype
        expect(pandas.api.types.is_datetime64_any_dtype(dtype), f"csv: pandas reads {column} as {dtype}, not as dates")
    return frame


def read_ndjson(path):
    with open(path, encoding="utf-8", newline="") as file:
        content = file.read()
    expect(content.endswith("\n") and "\r" not in content, "ndjson: lines are not ended by LF alone")
    rows = [json.loads(line) for line in content.split("\n")[:-1]]
    # Unless it is told otherwise, pandas reads decimals of JSON to some fifteen digits only.
    return pandas.read_json(path, lines=True, dtype=False, precise_float=True), rows


def read_parquet(path):
    schema = pyarrow.parquet.read_schema(path)
    for field in schema:
        if field.name in INTEGERS:
            ok = pyarrow.types.is_integer(field.type)
        elif field.name in NUMBERS:
            ok = pyarrow.types.is_float64(field.type)
        elif field.name in BOOLEANS:
            ok = pyarrow.types.is_boolean(field.type)
        elif field.name in DATES:
            ok = pyarrow.types.is_date(field.type)
        else:
            ok = pyarrow.types.is_string(field.type)
        expect(ok, f"parquet: {field.name} is {field.type}")
    expect(not schema.field("year").nullable, "parquet: year may be missing")
    metadata = {key.decode(): value.decode() for key, value in (schema.metadata or {}).items()}
    for key in ("release", "digest", "license"):
        expect(metadata.get(key), f"parquet: the footer does not tell the {key}")
    return pandas.read_parquet(path, dtype_backend="pyarrow")


def main():
    if len(sys.argv) != 5:
        print(__doc__, file=sys.stderr)
        return 2
    csv_path, ndjson_path, parquet_path, json_path = sys.argv[1:]
    with open(json_path, encoding="utf-8") as file:
        body = json.load(file)
    rows = body["data"]
    expect(body["page"]["total"] == len(rows) > 0, f"json: {len(rows)} rows of {body['page']['total']}")
    expected = INTEGERS | NUMBERS | BOOLEANS | DATES
    expect(expected <= set(rows[0]), f"json: has no {sorted(expected - set(rows[0]))}")
    if not faults:
        agree("csv", read_csv(csv_path), rows)
        frame, lines = read_ndjson(ndjson_path)
        agree("ndjson", frame, rows)
        expect([list(line) for line in lines] == [list(row) for row in rows], "ndjson: has other keys or another order")
        expect(lines == rows, "ndjson: has other cells")
        agree("parquet", read_parquet(parquet_path), rows)
    for fault in faults:
        print(fault, file=sys.stderr)
    if not faults:
        print(f"{len(rows)} rows of {len(rows[0])} columns agree in CSV, NDJSON, Parquet and JSON")
    return 1 if faults else 0


sys.exit(main())
