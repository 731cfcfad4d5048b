"""The cells of a table as the rules read them: numbers, days, words and addresses each in one plain form."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from babel.numbers import list_currencies

from common.calendars import iso_day
from common.errors import Refused
from common.locale import parse_date, parse_units
from common.money import exponent, parse_plain, plain
from common.said import Said
from common.said import marked as _
from imports.rules.rows import Lines, Wrong
from imports.rules.sheets import Sheet, column_of
from imports.rules.steps import Column, Step
from imports.rules.values import BadValue

T = TypeVar("T")
NO_NUMBER, NO_DAY = _("It can't be read as a number."), _("It can't be read as a day.")


@dataclass(frozen=True)
class Writing:
    """How a table writes: a number with at most so many decimals in units of its last one, and a day."""

    number: Callable[[str, int], int]
    day: Callable[[str], date]


def _iso(text: str) -> date:
    try:
        return iso_day(text)
    except Said:
        raise
    except ValueError:
        raise Said(_("Write the day as %(example)s."), example="2026-03-31") from None


DECIMALS = {"amount": 2, "count": 0, "number": 6}
FILE = Writing(parse_plain, _iso)
"""Files write 1234.50 and 2026-03-31."""
TYPED = Writing(parse_units, parse_date)
"""Pasted text is written as its reader writes; days also as 2026-03-31."""


def read_cells(
    step: Step, sheet: Sheet, label: str, writing: Writing, currency: str
) -> tuple[Lines, list[Wrong]]:
    """The lines with each cell in its plain form, empty where the file lacks it; and the cells that are wrong."""
    wrong: list[Wrong] = []
    columns = [column_of(step, name) for name in sheet.header]
    missing = dict.fromkeys((column.name for column in step.columns), "")
    lines: Lines = []
    refused = {(one.line, one.column) for one in sheet.wrong}
    for number, cells in sheet.lines:
        places = exponent(cells.get("Currency", "").upper() or currency)
        read = dict(missing)
        for column in columns:
            text = cells[column.name]
            if (number, column.name) in refused:
                continue
            try:
                read[column.name] = _plain(column, text, writing, places)
            except BadValue as error:
                wrong.append(Wrong(label, number, column.name, text, error))
        lines.append((number, read))
    return lines, wrong


def _plain(column: Column, text: str, writing: Writing, places: int) -> str:
    """One cell in its plain form. Raises BadValue."""
    if not text:
        if column.is_required:
            raise BadValue(_("It is empty."), _("Fill it in."))
        return ""
    if column.kind in DECIMALS:
        decimals = places if column.kind == "amount" else DECIMALS[column.kind]
        return plain(_said(lambda: writing.number(text, decimals), NO_NUMBER), decimals)
    if column.kind == "day":
        return _said(lambda: writing.day(text), NO_DAY).isoformat()
    if column.kind == "word":
        return _word(column, text)
    if column.kind == "currency":
        return _currency(text)
    return text.lower() if column.kind == "person" and "@" in text else text


def _said(read: Callable[[], T], problem: str) -> T:
    """What a reader of numbers or days says, as the refusal of a cell."""
    try:
        return read()
    except Refused as error:
        raise BadValue(problem, str(error.message).replace("%", "%%")) from error
    except Said as error:
        raise BadValue(problem, error.text, **error.values) from error


def _word(column: Column, text: str) -> str:
    word = text.casefold().strip()
    if word not in column.words:
        raise BadValue(
            _("The word is not known here."), _("Write one of: %(known)s."), known=", ".join(column.words)
        )
    return word


def _currency(text: str) -> str:
    code = text.upper()
    if code not in list_currencies():
        raise BadValue(_("%(code)s is not a currency."), _("Write it as EUR or USD."), code=code[:12])
    return code
