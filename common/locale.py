"""The reader's locale and zone: figures and days written and read the way this person writes them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date as babel_date
from babel.dates import format_time as babel_time
from babel.numbers import (
    NumberPattern,
    format_currency,
    get_currency_precision,
    get_decimal_symbol,
    get_group_symbol,
)
from django.utils.translation import gettext_lazy as _

from common.errors import BadAmount, Refused
from common.money import parse_plain

UNDEFINED = "—"

Number = int | float | Decimal | Fraction

_SPACES = (" ", "\u00a0", "\u202f")
_APOSTROPHES = ("'", "\u2019")
_MOST_DIGITS = 12
_YEARS = range(1900, 2200)
_ISO_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")


@dataclass(frozen=True)
class Current:
    """Whom the page is written for: how they write figures, and the zone they live in."""

    locale: Locale
    zone: ZoneInfo


_ENGLISH = Current(Locale("en"), ZoneInfo("UTC"))
_current: ContextVar[Current | None] = ContextVar("locale", default=None)


def current() -> Current:
    """The locale and zone of the person who reads this page; English and UTC where nobody said otherwise."""
    return _current.get() or _ENGLISH


@contextmanager
def use(locale: Locale | str, zone: ZoneInfo | str) -> Iterator[Current]:
    """Write and read figures for this locale and zone until the block ends."""
    named = Locale.parse(locale.replace("-", "_")) if isinstance(locale, str) else locale
    chosen = Current(named, ZoneInfo(zone) if isinstance(zone, str) else zone)
    token = _current.set(chosen)
    try:
        yield chosen
    finally:
        _current.reset(token)


def exponent(currency: str) -> int:
    """How many decimals a currency has: 2 for EUR, 0 for JPY, 3 for KWD."""
    return get_currency_precision(currency)


def format_money(minor: int | None, currency: str) -> str:
    """Whole minor units with their currency: 123456, EUR → €1,234.56; no amount → —."""
    return UNDEFINED if minor is None else _money(minor, currency, current().locale)


# Pages say the same amounts and days again and again, and writing one walks through the locale's data.
@lru_cache(maxsize=20_000)
def _money(minor: int, currency: str, locale: Locale) -> str:
    amount = Decimal(minor).scaleb(-exponent(currency))
    return _spaced(format_currency(amount, currency, locale=locale))


def format_money_whole(minor: int | None, currency: str) -> str:
    """The same amount without decimals, a half rounded away from zero: for tiles and totals of a board."""
    if minor is None:
        return UNDEFINED
    amount = Decimal(minor).scaleb(-exponent(currency)).quantize(Decimal(1), ROUND_HALF_UP)
    pattern = _with_decimals(current().locale.currency_formats["standard"], 0)
    return _spaced(str(pattern.apply(amount, current().locale, currency=currency, currency_digits=False)))


def format_amount(minor: int | None, currency: str) -> str:
    """The amount alone, as a form field of this reader holds it: 123456, EUR → 1,234.56."""
    if minor is None:
        return ""
    return _decimal(Decimal(minor).scaleb(-exponent(currency)), exponent(currency))


def format_number(value: Number | None, digits: int = 0) -> str:
    """A count or a ratio with thousands separators and a fixed number of decimals; None → —."""
    return UNDEFINED if value is None else _decimal(_rounded(value, digits), digits)


def format_exact(value: Decimal, least: int = 0) -> str:
    """A number with every decimal that counts, at least so many of them, and no idle zeros: 1.0825000000 → 1.0825."""
    return format_number(value, max(least, -int(value.normalize().as_tuple().exponent)))


def format_percent(ratio: Number | None, digits: int = 1) -> str:
    """A ratio as percent: 0.8345 → 83.5 %; undefined → —, never 0 %."""
    if ratio is None:
        return UNDEFINED
    pattern = _with_decimals(current().locale.percent_formats[None], digits)
    return str(pattern.apply(_rounded(ratio, digits + 2), current().locale))


def format_date(day: date | None, style: str = "medium") -> str:
    """A day in the reader's order of day, month and year."""
    return UNDEFINED if day is None else _date(day, style, current().locale)


@lru_cache(maxsize=5_000)
def _date(day: date, style: str, locale: Locale) -> str:
    return babel_date(day, style, locale=locale)


def format_instant(moment: datetime | None, style: str = "medium") -> str:
    """An instant on the reader's clock, with the zone named: 21 Nov 2026, 15:03 CET."""
    if moment is None:
        return UNDEFINED
    here = _here(moment)
    day = babel_date(here, style, locale=current().locale)
    clock = babel_time(here, "short", locale=current().locale, tzinfo=current().zone)
    return f"{day}, {clock} {_zone_name(here)}"


def parse_amount(text: str, currency: str) -> int:
    """Minor units of an amount typed in the reader's own style, and in no other.

    1,234.56 is 123456 for a reader of English and refused for a reader of German, who writes 1.234,56.
    Raises BadAmount, which says how the amount should look.
    """
    places = exponent(currency)
    match = _amount_style().fullmatch(text.strip())
    if match is None:
        raise BadAmount(_("Write the amount as %(example)s.") % {"example": _example(places)})
    whole = re.sub(r"[^0-9]", "", match["whole"])
    if len(whole) > _MOST_DIGITS:
        message = _("An amount has at most %(most)s digits before the decimals.")
        raise BadAmount(message % {"most": _MOST_DIGITS})
    minor = _minor(whole, match["decimals"] or "", places, currency)
    if match["sign"] and minor == 0:
        raise BadAmount(_("Zero has no sign: write 0."))
    return -minor if match["sign"] else minor


def parse_decimal(text: str, places: int) -> Decimal:
    """A number such as an exchange rate, typed in the reader's own style with at most `places` decimals.

    Raises Refused, which says how the number should look.
    """
    match = _amount_style().fullmatch(text.strip())
    decimals = (match["decimals"] or "") if match else ""
    whole = re.sub(r"[^0-9]", "", match["whole"]) if match else ""
    if match is None or len(whole) > _MOST_DIGITS or len(decimals) > places:
        message = _("Write the number as %(example)s, with at most %(places)s decimals.")
        raise Refused(
            message % {"example": _decimal(Decimal("1.25"), 2), "places": places}, code="number_format"
        )
    return Decimal(f"{'-' if match['sign'] else ''}{whole}.{decimals or 0}")


def parse_date(text: str) -> date:
    """A day of the years 1900 to 2199, typed in the reader's short style, or as year-month-day with hyphens.

    Raises Refused, which says how the day should look.
    """
    typed = text.strip()
    parts = _iso_parts(typed) or _short_parts(typed)
    try:
        if parts is None:
            raise ValueError
        day = date(*parts)
    except ValueError:
        example = _("Write the day as %(example)s or %(iso)s.") % {
            "example": _short_example(date(2026, 3, 31)),
            "iso": "2026-03-31",
        }
        raise Refused(example, code="date_format") from None
    if day.year not in _YEARS:
        years = {"first": _YEARS[0], "last": _YEARS[-1]}
        raise Refused(_("A day lies in the years %(first)s to %(last)s.") % years, code="date_range")
    return day


def _spaced(written: str) -> str:
    """A currency that is written in letters stands apart from its figure: CHF 5, but €5."""
    return re.sub(r"(?<=[^\W\d_])(?=[0-9])", "\u00a0", written)


def _exact(value: Number) -> Decimal:
    if isinstance(value, Fraction):
        return Decimal(value.numerator) / Decimal(value.denominator)
    return Decimal(str(value))


def _rounded(value: Number, digits: int) -> Decimal:
    rounded = _exact(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return abs(rounded) if rounded.is_zero() else rounded


def _decimal(value: Decimal, digits: int) -> str:
    pattern = _with_decimals(current().locale.decimal_formats[None], digits)
    return str(pattern.apply(value, current().locale))


def _with_decimals(pattern: NumberPattern, digits: int) -> NumberPattern:
    made = copy(pattern)
    made.frac_prec = (digits, digits)
    return made


def _here(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("An instant without a zone cannot be placed on anybody's clock.")
    return moment.astimezone(current().zone)


def _zone_name(here: datetime) -> str:
    name = here.tzname() or ""
    offset = f"{here:%z}"
    return f"UTC{offset[:3]}:{offset[3:5]}" if name[:1] in ("+", "-") else name


def _amount_style() -> re.Pattern[str]:
    """The one way to write an amount in this locale: plain digits, or digits in its groups."""
    locale = current().locale
    point = re.escape(get_decimal_symbol(locale, numbering_system="latn"))
    first, further = locale.decimal_formats[None].grouping
    group = _group_style(get_group_symbol(locale, numbering_system="latn"))
    grouped = rf"[0-9]{{1,{further}}}(?:{group}[0-9]{{{further}}})*{group}[0-9]{{{first}}}"
    return re.compile(rf"(?P<sign>[-\u2212])?(?P<whole>{grouped}|[0-9]+)(?:{point}(?P<decimals>[0-9]+))?")


def _group_style(symbol: str) -> str:
    for family in (_SPACES, _APOSTROPHES):
        if symbol in family:
            return f"[{''.join(family)}]"
    return re.escape(symbol)


def _minor(whole: str, decimals: str, places: int, currency: str) -> int:
    if len(decimals) > places:
        message = _("%(currency)s has %(places)s decimals: write the amount as %(example)s.")
        raise BadAmount(message % {"currency": currency, "places": places, "example": _example(places)})
    return parse_plain(f"{whole}.{decimals}" if decimals else whole, places)


def _example(places: int) -> str:
    return _decimal(Decimal("1234.567").quantize(Decimal(1).scaleb(-places)), places)


def _iso_parts(text: str) -> tuple[int, int, int] | None:
    match = _ISO_DAY.fullmatch(text)
    return (int(match[1]), int(match[2]), int(match[3])) if match else None


def _short_pattern() -> list[str]:
    """The short style of this locale cut up: dd.MM.yy → d . M . y"""
    pattern = current().locale.date_formats["short"].pattern.replace("\u200f", "")
    return [re.sub(r"([dMy])\1*", r"\1", part) for part in re.split(r"([dMy]+)", pattern)]


def _short_parts(text: str) -> tuple[int, int, int] | None:
    digits = {"d": "(?P<d>[0-9]{1,2})", "M": "(?P<M>[0-9]{1,2})", "y": "(?P<y>[0-9]{4}|[0-9]{2})"}
    style = "".join(digits.get(part) or re.escape(part) for part in _short_pattern())
    match = re.fullmatch(style, text)
    if match is None:
        return None
    year = int(match["y"])
    return (year if len(match["y"]) == 4 else 2000 + year, int(match["M"]), int(match["d"]))


def _short_example(day: date) -> str:
    written = {"d": f"{day.day:02}", "M": f"{day.month:02}", "y": f"{day.year}"}
    return "".join(written.get(part, part) for part in _short_pattern())
