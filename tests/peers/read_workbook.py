"""Reads a workbook that a spreadsheet made of the CSV, and holds it to the JSON, cell for cell.

    read_workbook.py figures.xlsx figures.json

A spreadsheet takes text that looks like a number or a date for one. Where that is the same year, month or day, it is
counted and told; everything else that is not what the JSON has is a fault: another text, another number, a formula, a
text in an empty cell. Exits with 0 where there is no fault; with 1 where there is one, naming each; with 2 where it was
called wrongly.
"""

import collections
import datetime
import json
import re
import sys
import warnings

import openpyxl

faults = []
taken = collections.defaultdict(collections.Counter)


def expect(holds, fault):
    if not holds:
        faults.append(fault)
    return holds


def as_taken(cell, text):
    """What a cell was taken for where it was a text: a number or a date that says the same; otherwise None."""
    if type(cell) is int and re.fullmatch(r"\d{4}", text) and cell == int(text):
        return "numbers"
    if isinstance(cell, datetime.datetime) and re.fullmatch(r"\d{4}-\d\d(-\d\d)?", text):
        # A month stands as its first day.
        return "dates" if cell == datetime.datetime.fromisoformat((text + "-01")[:10]) else None
    return None


def same_cell(cell, wanted):
    if wanted is None or isinstance(wanted, (bool, str)):
        return type(cell) is type(wanted) and cell == wanted
    # Spreadsheets keep fifteen digits of a number, or more.
    return type(cell) in (int, float) and f"{cell:.15g}" == f"{wanted:.15g}"


def main():
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    workbook_path, json_path = sys.argv[1:]
    with open(json_path, encoding="utf-8") as file:
        rows = json.load(file)["data"]
    # Gnumeric writes no default style, which is of no account here.
    warnings.filterwarnings("ignore", message="Workbook contains no default style")
    book = openpyxl.load_workbook(workbook_path)
    expect(len(book.worksheets) == 1, f"{len(book.worksheets)} sheets")
    header, *lines = book.worksheets[0].iter_rows()
    columns = [cell.value for cell in header]
    expect(columns == list(rows[0]), f"columns are {columns}")
    expect(len(lines) == len(rows) > 0, f"{len(lines)} rows, not {len(rows)}")
    for index, (line, row) in enumerate(zip(lines, rows)):
        for cell, (column, wanted) in zip(line, row.items()):
            expect(cell.data_type not in ("f", "e"), f"{column} of row {index} is a formula or an error: {cell.value!r}")
            if same_cell(cell.value, wanted):
                continue
            kind = as_taken(cell.value, wanted) if isinstance(wanted, str) else None
            if expect(kind is not None, f"{column} of row {index} is {cell.value!r}, not {wanted!r}"):
                taken[kind][column] += 1
    for fault in faults[:20]:
        print(fault, file=sys.stderr)
    if not faults:
        print(f"{len(rows)} rows of {len(columns)} columns")
        for kind, counts in sorted(taken.items()):
            print(f"taken for {kind}: {', '.join(f'{column} {count}' for column, count in sorted(counts.items()))}")
    return 1 if faults else 0


sys.exit(main())
