"""Rows as files that a spreadsheet opens: no cell of them is ever taken for a formula. Pure."""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from io import BytesIO, TextIOWrapper
from typing import IO

from xlsxwriter import Workbook

Cell = str | int | Decimal | date
ROW_BY_ROW = {"constant_memory": True}
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""How a file of each format is called on its way."""
FORMULA = re.compile(r"(^|[;\n])(?=[=+\-@\t\r])")
"""Where a formula may begin: a spreadsheet that parts cells at semicolons takes one behind such for one too."""
GUARDED = re.compile(r"(^|[;\n])'(?=[=+\-@\t\r])")


def as_csv(rows: Iterable[Sequence[Cell]]) -> bytes:
    """A CSV file in UTF-8 with its mark. Example: the text "=1+1" is written as "'=1+1"."""
    out = BytesIO()
    write_csv(out, rows)
    return out.getvalue()


def write_csv(out: IO[bytes], rows: Iterable[Sequence[Cell]]) -> None:
    """The same into a file, row by row."""
    out.write(b"\xef\xbb\xbf")
    text = TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
    csv.writer(text).writerows([_safe(cell) for cell in row] for row in rows)
    text.detach()


def _safe(cell: Cell) -> str:
    return FORMULA.sub(r"\1'", cell) if isinstance(cell, str) else str(cell)


def unquoted(text: str) -> str:
    """The text of a cell that was written by `as_csv`. Example: "'=1+1" → "=1+1", "'s" stays."""
    return GUARDED.sub(r"\1", text)


def as_workbook(rows: Iterable[Sequence[Cell]]) -> bytes:
    """An XLSX file: texts stay texts, numbers numbers, days days; the first row is the header."""
    out = BytesIO()
    write_workbook(out, rows, {"in_memory": True})
    return out.getvalue()


def write_workbook(
    out: IO[bytes], rows: Iterable[Sequence[Cell]], options: Mapping[str, bool] = ROW_BY_ROW
) -> None:
    """The same into a file, keeping one row at a time."""
    safe = {"strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(out, {**options, **safe}) as book:
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
