"""Rows as files that a spreadsheet opens: no cell of them is ever taken for a formula. Pure."""

import csv
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from io import BytesIO, StringIO

from xlsxwriter import Workbook

Cell = str | int | Decimal | date
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_csv(rows: Iterable[Sequence[Cell]]) -> bytes:
    """A CSV file in UTF-8 with its mark. Example: the text "=1+1" is written as "'=1+1"."""
    out = StringIO(newline="")
    csv.writer(out).writerows([[_safe(cell) for cell in row] for row in rows])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _safe(cell: Cell) -> str:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else str(cell)


def unquoted(text: str) -> str:
    """The text of a cell that was written by `as_csv`. Example: "'=1+1" → "=1+1", "'s" stays."""
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA) else text


def as_workbook(rows: Iterable[Sequence[Cell]]) -> bytes:
    """An XLSX file: texts stay texts, numbers numbers, days days; the first row is the header."""
    out = BytesIO()
    with Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet()
        bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, 20, 18)
        for line, row in enumerate(rows):
            for place, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_datetime(line, place, cell, day)
                elif isinstance(cell, str):
                    sheet.write_string(line, place, cell, bold if line == 0 else None)
                else:
                    sheet.write_number(line, place, cell)
    return out.getvalue()
