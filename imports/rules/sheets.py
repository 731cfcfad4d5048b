"""Pasted text, a CSV or an XLSX file into lines of text cells under the columns of a table. Pure."""

import difflib
import re
import warnings
import zipfile
import zlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO
from itertools import islice
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from openpyxl import load_workbook
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from common.said import marked as _
from imports.rules.rows import Lines, Wrong
from imports.rules.steps import MOST_LINES, Column, Step
from imports.rules.tables import BadFile, cells_of
from imports.rules.values import BadValue

MOST_NAMED = 12
MOST_BYTES = 10 * 1024 * 1024
MOST_UNPACKED = 64 * 1024 * 1024
PIECE = 1024 * 1024
MOST_COLUMNS, LAST_ROW = 256, 1_048_576
MOST_CELLS = 500_000
"""As a workbook writes them, with those that are empty, in twice as many rows as lines are taken: each takes its time
to be read.
"""
ROW, CELL = re.compile(rb"<(?:\w+:)?row\b"), re.compile(rb"<(?:\w+:)?c\b")
FORMULA = re.compile(rb"<(?:\w+:)?f[ >/]")
TEXT_FORMULA = re.compile(rb'<(?:\w+:)?c\b([^>]*\bt="str"[^>]*)>\s*<(?:\w+:)?f[ >/]')
PLACE = re.compile(rb'\br="([A-Z]{1,3})([0-9]+)"')
MERGED = re.compile(rb"""<(?:\w+:)?mergeCell\b[^>]*\bref=["']([A-Z0-9:]+)""")
OLD_OFFICE = b"\xd0\xcf\x11\xe0"
WORKBOOK = b"PK\x03\x04"
NO_WORKBOOK = (
    zipfile.BadZipFile, InvalidFileException, DefusedXmlException, ParseError, KeyError, ValueError, TypeError,
    AttributeError, IndexError, EOFError, OSError, NotImplementedError, RuntimeError, ArithmeticError,
)  # fmt: skip
"""What openpyxl meets in files that are no workbooks."""


Cells = dict[tuple[int, int], tuple[str, Any]]


@dataclass(frozen=True)
class Grid:
    """A header and rows of cells as they stand in the file; `broken` are cells of a workbook that hold no value."""

    header: list[str]
    header_line: int
    rows: list[tuple[int, list[str]]]
    broken: dict[tuple[int, int], BadValue] = field(default_factory=dict)
    is_workbook: bool = False


@dataclass(frozen=True)
class Sheet:
    """The lines of a table by its own columns; `letters` are a workbook's names of the columns."""

    lines: Lines
    header: tuple[str, ...]
    letters: dict[str, str]
    wrong: list[Wrong]


def read_text(text: str, most: int = MOST_LINES) -> Grid:
    """The cells of pasted text or a CSV file: tabs where its header has one, else semicolons or commas.

    Example: "Name;Role\\nAnn;rep" → header Name, Role; line 2: Ann, rep. Raises BadFile.
    """
    plain = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if "\x00" in plain:
        raise BadFile(_("It holds NUL characters: it is not a text."))
    first = next((line for line in plain.splitlines() if line.strip()), "")
    delimiter = "\t" if "\t" in first else max(",;", key=first.count)
    rows = ((number, [cell.strip() for cell in row]) for number, row in cells_of(plain, delimiter))
    return _grid(rows, most)


def decoded(content: bytes) -> str:
    """The text of a CSV file. Raises BadFile for one that is neither in UTF-8 nor marked as UTF-16."""
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeError as error:
        message = _("The file is not UTF-8 text. Save it as CSV UTF-8, or as XLSX.")
        raise BadFile(message) from error


def _grid(rows: Iterable[tuple[int, list[str]]], most: int, **more: Any) -> Grid:
    """The first row that is not empty is the header; empty rows below it are none."""
    filled = ((number, row) for number, row in rows if any(row))
    number, header = next(filled, (0, []))
    if not header:
        raise BadFile(_("It is empty; the first line names the columns."))
    kept = list(filled)
    if not kept:
        raise BadFile(_("It has the names of columns and no line below them."))
    if len(kept) > most:
        message = _("It has %(count)s lines; at most %(most)s are taken at once. Split it.")
        raise BadFile(message, count=f"{len(kept):,}", most=f"{most:,}")
    return Grid(header, number, kept, **more)


def read_workbook(content: bytes, most: int = MOST_LINES) -> Grid:
    """The cells of the first sheet of an XLSX file, numbers as plain text and days as 2026-03-31. Raises BadFile."""
    _check_packing(content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what openpyxl does not draw is not what is read here
            values, broken = _first_sheet(content, most)
        rows: dict[int, list[str]] = {}
        for (line, column), (kind, value) in values.items():
            row = rows.setdefault(line, [])
            row += [""] * (column + 1 - len(row))
            row[column] = "#" if (line, column) in broken and value is None else _plain(kind, value)
    except BadFile:
        raise
    except NO_WORKBOOK as error:
        raise BadFile(
            _("It can't be read as an XLSX file. Save it again as XLSX, or as CSV UTF-8.")
        ) from error
    return _grid(sorted(rows.items()), most, broken=broken, is_workbook=True)


def _check_packing(content: bytes) -> None:
    if content.startswith(OLD_OFFICE):
        raise BadFile(
            _("It is an old XLS file, or protected by a password. Save it as XLSX without a password.")
        )
    if not content.startswith(WORKBOOK):
        raise BadFile(_("It is not an XLSX file, whatever its name says. Save it as XLSX, or as CSV UTF-8."))
    try:
        _unpack(content)
    except BadFile:
        raise
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, RuntimeError, EOFError) as error:
        raise BadFile(_("The XLSX file is damaged. Save it again.")) from error


def _unpack(content: bytes) -> None:
    """Whether each part has the size that it names, and all of them no more than is taken; read piece by piece."""
    unpacked = 0
    with zipfile.ZipFile(BytesIO(content)) as packed:
        for entry in packed.infolist():
            named, before = entry.file_size, unpacked
            # It is read to its end, and not to where it says that it ends.
            entry.file_size = 2 * MOST_UNPACKED
            with packed.open(entry) as part:
                while piece := part.read(PIECE):
                    unpacked += len(piece)
                    if unpacked > MOST_UNPACKED:
                        raise BadFile(_("The XLSX file unpacks to more than 64 MB. Split it."))
            if unpacked - before != named:
                raise zipfile.BadZipFile(entry.filename)


def _first_sheet(content: bytes, most: int) -> tuple[Cells, dict[tuple[int, int], BadValue]]:
    """The filled cells of the first sheet, and those that hold no value."""
    book = _book(content, data_only=True)
    with zipfile.ZipFile(BytesIO(content)) as packed:
        xml = packed.read(book.worksheets[0]._worksheet_path)
    _check_shape(xml, most)
    values = _cells(book, most)
    formulas = _cells(_book(content, data_only=False), most) if FORMULA.search(xml) else {}
    return values, dict(_broken(values, formulas, _empty_results(xml)))


def _book(content: bytes, *, data_only: bool) -> Any:
    return load_workbook(BytesIO(content), read_only=True, data_only=data_only, keep_links=False)


def _check_shape(xml: bytes, most: int) -> None:
    """Whether the sheet's cells make a plain table. Raises BadFile, ValueError for no sheet in a plain encoding."""
    if b"sheetData" not in xml:
        raise ValueError("no cells")
    if merged := MERGED.search(xml):
        message = _("Cells %(range)s are merged. Unmerge them, and fill in each of them.")
        raise BadFile(message, range=merged[1].decode())
    begin = 0
    for count, row in enumerate(ROW.finditer(xml)):
        if count > 2 * most:
            raise _too_long(most)
        _check_width(xml, begin, row.start())
        begin = row.start()
    _check_width(xml, begin, len(xml))
    if any(islice(CELL.finditer(xml), MOST_CELLS, None)):
        raise _too_long(most)


def _check_width(xml: bytes, begin: int, end: int) -> None:
    """Whether a row, as it is written, has no more cells than are taken."""
    is_long = end - begin > MOST_COLUMNS * len("<c/>")
    if is_long and any(islice(CELL.finditer(xml, begin, end), MOST_COLUMNS, None)):
        raise _too_wide()


def _too_long(most: int) -> BadFile:
    message = _(
        "It has more than %(most)s lines, or empty ones with a format. Delete the rows below the table, or split it."
    )
    return BadFile(message, most=f"{most:,}")


def _too_wide() -> BadFile:
    message = _("It has more than %(most)s columns. Delete what stands to the right of the table.")
    return BadFile(message, most=MOST_COLUMNS)


def _empty_results(xml: bytes) -> set[tuple[int, int]]:
    """The cells whose formula answers with an empty text."""
    found = (PLACE.search(match[1]) for match in TEXT_FORMULA.finditer(xml))
    return {(int(one[2]), column_index_from_string(one[1].decode()) - 1) for one in found if one}


def _cells(book: Any, most: int) -> Cells:
    """The filled cells of the first sheet: its row and column -> the cell's kind and value. Raises BadFile."""
    sheet: Any = book.worksheets[0]
    sheet.reset_dimensions()  # a file may say that it has a million rows
    cells: Cells = {}
    filled = 0
    for number, row in enumerate(sheet.iter_rows(), 1):
        if len(row) > MOST_COLUMNS:
            raise _too_wide()
        there = [
            cell
            for cell in row
            if getattr(cell, "row", None) and (cell.value is not None or cell.data_type == "e")
        ]
        filled += bool(there)
        if filled > most + 1 or number > LAST_ROW:
            raise _too_long(most)
        cells |= {(cell.row, cell.column - 1): (cell.data_type, cell.value) for cell in there}
    book.close()
    return cells


def _broken(
    values: Cells, formulas: Cells, empty: Collection[tuple[int, int]]
) -> Iterator[tuple[tuple[int, int], BadValue]]:
    """The cells that hold an error, or a formula of which the file does not know the result."""
    for place, (kind, value) in values.items():
        if kind == "e":
            problem, remedy = _("It holds the error %(error)s."), _("Mend the formula, or type the value.")
            yield place, BadValue(problem, remedy, error=value)
    for place, (kind, _value) in formulas.items():
        if kind == "f" and place not in values and place not in empty:
            values[place] = ("f", None)
            problem = _("It holds a formula without a result.")
            yield (
                place,
                BadValue(problem, _("Open the file, save it, and choose it again; or type the value.")),
            )


def _plain(kind: str, value: Any) -> str:
    """A cell's value as a text. Numbers have the 15 digits that a spreadsheet counts with: 0.1 + 0.2 is 0.3."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float):
        return f"{Decimal(format(value, '.15g')):f}"
    return str(value).strip()


def sheet_of(step: Step, grid: Grid, label: str, quarters: Sequence[str] = ()) -> Sheet:
    """The grid by the columns of the table; what is wrong with its header, or has no place, is told.

    Names of columns are taken in any order, in large or small letters, with or without spaces and hyphens.
    """
    known = {key_of(name): name for name in (*(column.name for column in step.columns), *quarters)}
    names, wrong = _header(grid, known, label, is_by_quarter=step.by_quarter)
    wrong += _missing(step, names, grid, label, quarters)
    letters = {
        name: get_column_letter(place + 1) for place, name in names.items() if grid.is_workbook and name
    }
    lines: Lines = []
    for number, row in grid.rows:
        padded = [*row, *[""] * (len(grid.header) - len(row))]
        lines.append((number, {name: padded[place] for place, name in names.items() if name}))
        wrong += _beyond(grid, names, number, row, label)
    for (line, place), error in grid.broken.items():
        if line != grid.header_line and names.get(place):
            wrong.append(Wrong(label, line, names[place], "", error))
    return Sheet(lines, tuple(name for name in names.values() if name), letters, wrong)


def key_of(name: str) -> str:
    """By what the name of a column is found again, however it is written. Example: "Close-Date *" → "closedate"."""
    return re.sub(r"[\s_*\-\u2010-\u2015]+", "", name.casefold())


def _header(
    grid: Grid, known: dict[str, str], label: str, *, is_by_quarter: bool
) -> tuple[dict[int, str], list[Wrong]]:
    """Which of the table's columns stands at which place, and what is wrong with the names of the others."""
    names: dict[int, str] = {}
    wrong: list[Wrong] = []
    if not any(key_of(text) in known for text in grid.header):
        message, remedy = (
            _("The first line does not name the columns."),
            _("Begin with a line of: %(known)s."),
        )
        error = BadValue(message, remedy, known=", ".join(known.values()))
        return names, [Wrong(label, grid.header_line, "", "", error)]
    for place, text in enumerate(grid.header):
        name = known.get(key_of(text), "")
        if name and name in names.values():
            error = BadValue(_("The column stands there twice."), _("Keep one of the two."))
            wrong.append(Wrong(label, grid.header_line, text, text, error))
            continue
        names[place] = name
        if text and not name:
            wrong.append(Wrong(label, grid.header_line, text, text, _unknown(text, known, is_by_quarter)))
    return names, wrong


def _unknown(text: str, known: dict[str, str], is_by_quarter: bool) -> BadValue:
    if is_by_quarter and re.fullmatch(r".*[0-9]{4}.*", text):
        problem = _("The calendar has no quarter of that name.")
        quarters = [name for name in known.values() if name[:1].isdigit()]
        values = {"known": some_of(quarters) or "—"}
        return BadValue(problem, _("It has: %(known)s. Add a fiscal year for others."), **values)
    near = difflib.get_close_matches(key_of(text), known, 1, 0.5)
    if near:
        return BadValue(_("There is no such column."), _("Did you mean %(near)r?"), near=known[near[0]])
    remedy = _("Take it out. Known: %(known)s.")
    return BadValue(_("There is no such column."), remedy, known=", ".join(known.values()))


def _missing(
    step: Step, names: dict[int, str], grid: Grid, label: str, quarters: Sequence[str]
) -> list[Wrong]:
    """The columns that the table needs and the file has not."""
    if not names:
        return []
    there = set(names.values())
    groups = [(column.name,) for column in step.columns if column.is_required] + list(step.one_of)
    groups += [tuple(quarters)] if step.by_quarter else []
    problem, remedy = _("A column is missing."), _("Add one named %(names)s to the first line.")
    return [
        Wrong(
            label,
            grid.header_line,
            group[0] if group else "",
            "",
            BadValue(problem, remedy, names=some_of(group, " / ")),
        )
        for group in groups
        if not there.intersection(group)
    ]


def some_of(names: Sequence[str], between: str = ", ") -> str:
    """The names; of many the first and the last."""
    return between.join(names) if len(names) <= MOST_NAMED else f"{names[0]} … {names[-1]}"


def _beyond(grid: Grid, names: dict[int, str], number: int, row: list[str], label: str) -> Iterator[Wrong]:
    """What stands under no name."""
    for place, text in enumerate(row):
        if text and not (place < len(grid.header) and grid.header[place]):
            letter = get_column_letter(place + 1)
            problem = _("%(text)r stands in column %(letter)s, which has no name.")
            remedy = _("Name the column, or empty the cell.")
            first = next((name for name in names.values() if name), "")
            yield Wrong(label, number, first, text, BadValue(problem, remedy, text=text[:40], letter=letter))
            return


def column_of(step: Step, name: str) -> Column:
    """A column of the table by its name; a quarter's is an amount."""
    return next((one for one in step.columns if one.name == name), Column(name, "", "amount"))
