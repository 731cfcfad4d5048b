"""One cell's text into a typed value, in the style that the profile declares; nothing is guessed."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from imports.rules.entities import Field

_TOKENS = {"YYYY": r"(?P<year>[0-9]{4})", "MM": r"(?P<month>[0-9]{1,2})", "DD": r"(?P<day>[0-9]{1,2})"}
_FLAGS = {
    "true": True,
    "yes": True,
    "1": True,
    "y": True,
    "false": False,
    "no": False,
    "0": False,
    "n": False,
}
FIRST_YEAR, LAST_YEAR = 1900, 2100
MOST_MINOR = 10**15


class BadValue(ValueError):
    """A cell that can't be read: what is wrong with it, and what would be right."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(f"{problem} {remedy}")
        self.problem = problem
        self.remedy = remedy


@dataclass(frozen=True)
class Style:
    """How a file writes dates and numbers, and which texts mean *nothing here*."""

    dates: str = "YYYY-MM-DD"
    decimal: str = "."
    thousands: str = ""
    empty: tuple[str, ...] = ("",)


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
        raise BadValue("It holds characters that can't be seen.", "Type it again.")
    if len(clean) > field.longest and field.kind == "text":
        raise BadValue(f"It has {len(clean)} characters.", f"At most {field.longest} are kept.")
    if field.words and clean not in field.words:
        raise BadValue("The word is not known here.", f"Map it to one of: {', '.join(field.words)}.")
    return clean


def read_day(text: str, style: str) -> date:
    """A day written in the declared style. Example: "03/04/2026" as DD/MM/YYYY → 3 April 2026. Raises BadValue."""
    pattern = re.escape(style).replace(r"\-", "-")
    for token, group in _TOKENS.items():
        pattern = pattern.replace(token, group)
    match = re.fullmatch(pattern, text)
    remedy = f"Write days as {style}, or declare another style in the profile."
    if match is None:
        raise BadValue("It is not a day in the declared style.", remedy)
    try:
        day = date(*(int(match[part]) for part in ("year", "month", "day")))
    except ValueError as error:
        raise BadValue("There is no such day.", remedy) from error
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise BadValue(f"The year {day.year} can't be meant.", f"Years run from {FIRST_YEAR} to {LAST_YEAR}.")
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
        raise BadValue("It is not a number in the declared style.", f"Write it as {example}.")
    digits = match[2].replace(style.thousands, "") if style.thousands else match[2]
    return Decimal(f"{match[1]}{digits}.{match[3] or '0'}")


def _whole(number: Decimal, exponent: int, is_money: bool) -> int:
    minor = number.scaleb(exponent)
    if minor != minor.to_integral_value():
        remedy = f"Amounts here have at most {exponent} decimals." if is_money else "It has no decimals."
        raise BadValue("It has too many decimals.", remedy)
    if abs(minor) >= MOST_MINOR:
        raise BadValue("It is too large.", "At most 12 digits before the decimals.")
    return int(minor)


def _flag(text: str) -> bool:
    if text.lower() not in _FLAGS:
        raise BadValue("It is neither yes nor no.", "Write true or false.")
    return _FLAGS[text.lower()]


def filled(template: str, cells: dict[str, str]) -> str:
    """A template with the cells of its columns; `|dots` and `|code` make a name fit an address or a code.

    Example: "{agent|dots}@x.example" with agent "Mei-Mei Johns" → "mei.mei.johns@x.example"; "{office|code}" with
    "New York" → "NEW-YORK". Raises KeyError for a column that is not there.
    """

    def one(match: re.Match[str]) -> str:
        text = cells[match[1]]
        return {"dots": dotted, "code": coded}[match[2]](text) if match[2] else text

    return _TEMPLATE.sub(one, template)


_TEMPLATE = re.compile(r"\{([^{}|]+)(?:\|(dots|code))?\}")


def columns_of(template: str) -> list[str]:
    """The columns that a template names. Example: "{a} of {b|code}" → a, b."""
    return [match[1] for match in _TEMPLATE.finditer(template)]


def dotted(text: str) -> str:
    return ".".join(_words(text)).lower()


def coded(text: str) -> str:
    return "-".join(_words(text)).upper()


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.findall(r"[A-Za-z0-9]+", plain)
