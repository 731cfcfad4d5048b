"""One cell's text into a typed value, in the style that the profile declares; nothing is guessed."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated

from common.money import MOST_MINOR
from common.said import marked as _
from imports.rules import sections
from imports.rules.entities import Field

_TOKENS = {"YYYY": r"(?P<year>[0-9]{4})", "MM": r"(?P<month>[0-9]{1,2})", "DD": r"(?P<day>[0-9]{1,2})"}
_FLAGS = {**dict.fromkeys(("true", "yes", "1", "y"), True), **dict.fromkeys(("false", "no", "0", "n"), False)}
FIRST_YEAR, LAST_YEAR = 1900, 2100


class BadValue(ValueError):
    """A cell that can't be read: what is wrong with it, and what would be right, to be translated with `values`."""

    def __init__(self, problem: str, remedy: str, **values: object) -> None:
        super().__init__(f"{problem} {remedy}" % values)
        self.problem = problem
        self.remedy = remedy
        self.values = values


@dataclass(frozen=True)
class Style:
    """How a file writes dates and numbers, and which texts mean *nothing here*."""

    dates: Annotated[str, sections.DATES] = "YYYY-MM-DD"
    decimal: Annotated[str, sections.MARK] = "."
    thousands: Annotated[str, sections.MARK_OR_NONE] = ""
    empty: Annotated[tuple[str, ...], sections.TEXTS] = ("",)


def read_value(
    text: str, field: Field, style: Style, *, exponent: int = 2, multiply: int = 1
) -> str | int | bool | date | Decimal | None:
    """The value of a cell; a text that means nothing is None, or "" where the field is a text.

    Example: an amount "1.234,5" with decimal "," and thousands "." → 123450 (exponent 2); "2" times 1000 → 200000.
    Raises BadValue, with the remedy.
    """
    if text in style.empty:
        return "" if field.kind == "text" else None
    if field.kind in ("text", "reference"):
        return read_text(text, field)
    if field.kind == "day":
        return read_day(text, style.dates)
    if field.kind == "flag":
        return _flag(text)
    number = read_number(text, style) * multiply
    if field.kind == "rate":
        return number
    return _whole(number, exponent if field.kind == "amount" else 0, field.kind == "amount")


def read_text(text: str, field: Field) -> str:
    """A text within its length and its words. Raises BadValue."""
    clean = unicodedata.normalize("NFC", text)
    if any(unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Co") for letter in clean):
        raise BadValue(_("It holds characters that can't be seen."), _("Type it again."))
    if len(clean) > field.longest and field.kind == "text":
        problem, remedy = _("It has %(length)s characters."), _("At most %(most)s are kept.")
        raise BadValue(problem, remedy, length=len(clean), most=field.longest)
    if field.words and clean not in field.words:
        raise BadValue(
            _("The word is not known here."), _("Map it to one of: %(known)s."), known=", ".join(field.words)
        )
    return clean


def read_day(text: str, style: str) -> date:
    """A day written in the declared style. Example: "03/04/2026" as DD/MM/YYYY → 3 April 2026. Raises BadValue."""
    pattern = re.escape(style).replace(r"\-", "-")
    for token, group in _TOKENS.items():
        pattern = pattern.replace(token, group)
    match = re.fullmatch(pattern, text)
    remedy = _("Write days as %(style)s, or declare another style in the profile.")
    if match is None:
        raise BadValue(_("It is not a day in the declared style."), remedy, style=style)
    try:
        day = date(*(int(match[part]) for part in ("year", "month", "day")))
    except ValueError as error:
        raise BadValue(_("There is no such day."), remedy, style=style) from error
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        problem, remedy = _("The year %(year)s can't be meant."), _("Years run from %(first)s to %(last)s.")
        raise BadValue(problem, remedy, year=day.year, first=FIRST_YEAR, last=LAST_YEAR)
    return day


def read_number(text: str, style: Style) -> Decimal:
    """An exact number in the declared style. Raises BadValue for any other, rather than guess.

    Example: "1,234.50" with thousands "," → 1234.50; with no thousands it is refused.
    """
    mark, group = re.escape(style.decimal), re.escape(style.thousands)
    whole = rf"[0-9]{{1,3}}(?:{group}[0-9]{{3}})+|[0-9]{{1,15}}" if style.thousands else "[0-9]{1,15}"
    match = re.fullmatch(rf"(-?)({whole})(?:{mark}([0-9]{{1,12}}))?", text)
    if match is None:
        example = f"1{style.thousands}234{style.decimal}50"
        raise BadValue(
            _("It is not a number in the declared style."), _("Write it as %(example)s."), example=example
        )
    digits = match[2].replace(style.thousands, "") if style.thousands else match[2]
    return Decimal(f"{match[1]}{digits}.{match[3] or '0'}")


def _whole(number: Decimal, exponent: int, is_money: bool) -> int:
    minor = number.scaleb(exponent)
    if minor != minor.to_integral_value():
        remedy = _("Amounts here have at most %(most)s decimals.") if is_money else _("It has no decimals.")
        raise BadValue(_("It has too many decimals."), remedy, most=exponent)
    if abs(minor) >= MOST_MINOR:
        raise BadValue(_("It is too large."), _("At most 12 digits before the decimals."))
    return int(minor)


def _flag(text: str) -> bool:
    if text.lower() not in _FLAGS:
        raise BadValue(_("It is neither yes nor no."), _("Write true or false."))
    return _FLAGS[text.lower()]


def filled(template: str, cells: dict[str, str]) -> str:
    """A template with the cells of its columns; `|dots` and `|code` make a name fit an address or a code.

    Example: "{agent|dots}@x.example" with agent "Mei-Mei Johns" → "mei.mei.johns@x.example"; "{office|code}" with
    "New York" → "NEW-YORK". Raises KeyError for a column that is not there.
    """

    def one(match: re.Match[str]) -> str:
        text = cells[match[1]]
        if not match[2]:
            return text
        words = re.findall(
            "[A-Za-z0-9]+", unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
        )
        return ".".join(words).lower() if match[2] == "dots" else "-".join(words).upper()

    return _TEMPLATE.sub(one, template)


_TEMPLATE = re.compile(r"\{([^{}|]+)(?:\|(dots|code))?\}")


def columns_of(template: str) -> list[str]:
    """The columns that a template names. Example: "{a} of {b|code}" → a, b."""
    return [match[1] for match in _TEMPLATE.finditer(template)]


def plain_of(template: str) -> str:
    """What a template holds beside its columns. Example: "{a} of {b|code}" → " of "."""
    return _TEMPLATE.sub("", template)
