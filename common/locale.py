"""The reader's locale and zone: figures and days written and read the way this person writes them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date as babel_date
from babel.dates import format_time as babel_time
from babel.numbers import (
    NumberPattern,
    format_currency,
    get_decimal_symbol,
    get_group_symbol,
)
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from common.calendars import iso_day
from common.errors import Refused
from common.money import MOST_DIGITS, exponent, round_half_away, units
from common.said import Said

UNDEFINED = "—"
STYLES = ("short", "medium", "long", "full")
"""How a whole day is written, as the reader writes it."""

Number = int | float | Decimal | Fraction

_GROUPS = (" \u00a0\u202f", "'\u2019")


@dataclass(frozen=True)
class Current:
    """Whom the page is written for: how they write figures, and the zone they live in."""

    locale: Locale
    zone: ZoneInfo


_current = ContextVar("locale", default=Current(Locale("en"), ZoneInfo("UTC")))  # noqa: B039  it is frozen


def current() -> Current:
    """The locale and zone of the person who reads this page; English and UTC where nobody said otherwise."""
    return _current.get()


@contextmanager
def use(locale: str, zone: str) -> Iterator[None]:
    """Write and read figures for this locale and zone until the block ends."""
    token = _current.set(Current(Locale.parse(locale.replace("-", "_")), ZoneInfo(zone)))
    try:
        yield
    finally:
        _current.reset(token)


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
    amount, pattern = (
        Decimal(minor).scaleb(-exponent(currency)),
        current().locale.currency_formats["standard"],
    )
    return _spaced(_written(pattern, _rounded(amount, 0), 0, currency=currency, currency_digits=False))


def format_amount(minor: int, currency: str) -> str:
    """The amount alone, as a form field of this reader holds it: 123456, EUR → 1,234.56."""
    return format_number(Decimal(minor).scaleb(-exponent(currency)), exponent(currency))


def format_number(value: Number | None, digits: int = 0) -> str:
    """A count or a ratio with thousands separators and a fixed number of decimals; None → —."""
    if value is None:
        return UNDEFINED
    return _written(current().locale.decimal_formats[None], _rounded(value, digits), digits)


def format_exact(value: Decimal, least: int = 0) -> str:
    """A number with every decimal that counts, at least so many of them, and no idle zeros: 1.0825000000 → 1.0825."""
    return format_number(value, max(least, -int(value.normalize().as_tuple().exponent)))


def format_share(weight: int) -> str:
    """A share in millionths of a percent, without idle zeros and its sign: 33500000 → 33.5"""
    return format_exact(Decimal(weight).scaleb(-6))


def format_percent(ratio: Number | None, digits: int = 1) -> str:
    """A ratio as percent: 0.8345 → 83.5 %; undefined → —, never 0 %."""
    if ratio is None:
        return UNDEFINED
    return _written(current().locale.percent_formats[None], _rounded(ratio, digits + 2), digits)


def format_times(ratio: Number | None) -> str:
    """How many times: 2.96 → 3.0 times; undefined → —."""
    return UNDEFINED if ratio is None else _("%(times)s times") % {"times": format_number(ratio, 1)}


def format_date(day: date | None, style: str = "medium") -> str:
    """A day in the reader's order of day, month and year; a pattern such as MMMM in words of the page's language."""
    if day is None:
        return UNDEFINED
    return _date(day, style, current().locale if style in STYLES else spoken())


def spoken() -> Locale:
    """The locale of the page's words: the reader's own where it speaks the page's language."""
    own, language = current().locale, (get_language() or "en").replace("-", "_")
    return own if own.language == language.split("_")[0] else Locale.parse(language)


def format_month(day: date) -> str:
    """The month of a day in words: March 2026."""
    return format_date(day, "LLLL yyyy")


@lru_cache(maxsize=5_000)
def _date(day: date, style: str, locale: Locale) -> str:
    return babel_date(day, style, locale=locale)


def format_instant(moment: datetime | None) -> str:
    """An instant on the reader's clock, with the zone named: 21 Nov 2026, 15:03 CET."""
    if moment is None:
        return UNDEFINED
    here = moment.astimezone(current().zone)
    clock = babel_time(here, "short", locale=current().locale, tzinfo=current().zone)
    name = here.tzname() or ""
    zone = f"UTC{here.isoformat()[-6:]}" if name[:1] in ("+", "-") else name
    return f"{format_date(here.date())}, {clock} {zone}"


def parse_units(text: str, places: int) -> int:
    """A number typed in the reader's own style, and in no other, in units of its last place.

    With 2 places 1,234.56 is 123456 for a reader of English and refused for a reader of German, who writes 1.234,56.
    Raises Refused, which says how the number should look.
    """
    match = _number_style().fullmatch(text.strip())
    if match is None:
        raise Refused(_("Write it as %(example)s.") % {"example": _example(places)}, code="number_format")
    try:
        whole = re.sub("[^0-9]", "", match["whole"])
        return units(match["sign"] or "", whole, match["decimals"] or "", places)
    except Said as error:
        raise Refused(_(error.text) % error.values, code="number_format") from error


SHORT = {"k": 3, "m": 6}
_SHORT_AMOUNT = re.compile(r"(?P<number>.*[0-9])\s?(?P<ending>[km])", re.IGNORECASE)


def parse_amount(text: str, places: int) -> int:
    """An amount as `parse_units` reads it, or cut short: 12k is twelve thousand, 1.5m one and a half million.

    Raises Refused, which says how the number should look.
    """
    short = _SHORT_AMOUNT.fullmatch(text.strip())
    if short is None:
        return parse_units(text, places)
    units_of = parse_units(short["number"], places + SHORT[short["ending"].lower()])
    if abs(units_of) >= 10 ** (MOST_DIGITS + places):
        raise Refused(_("There are at most %(most)s digits before the decimals.") % {"most": MOST_DIGITS})
    return units_of


def parse_date(text: str) -> date:
    """A day of the years 1900 to 2199, typed in the reader's short style, or as year-month-day with hyphens.

    Raises Refused, which says how the day should look.
    """
    typed = text.strip()
    try:
        return iso_day(_from_short(typed) or typed)
    except Said as error:
        raise Refused(_(error.text) % error.values, code="date_format") from error
    except ValueError:
        examples = {"example": typed_date(date(2026, 3, 31)), "iso": "2026-03-31"}
        message = _("Write the day as %(example)s or %(iso)s.") % examples
        raise Refused(message, code="date_format") from None


def _spaced(written: str) -> str:
    """A currency that is written in letters stands apart from its figure: CHF 5, but €5."""
    return re.sub(r"(?<=[^\W\d_])(?=[0-9])", "\u00a0", written)


def _rounded(value: Number, digits: int) -> Decimal:
    exact = Fraction(str(value) if isinstance(value, float) else value)
    return Decimal(round_half_away(exact * 10**digits)).scaleb(-digits)


def _written(pattern: NumberPattern, value: Decimal, digits: int, **more: Any) -> str:
    """A number with so many decimals, in one of the locale's patterns."""
    made = copy(pattern)
    made.frac_prec = (digits, digits)
    return str(made.apply(value, current().locale, **more))


def _number_style() -> re.Pattern[str]:
    """The one way to write a number in this locale: plain digits, or digits in its groups."""
    locale = current().locale
    point = re.escape(get_decimal_symbol(locale, numbering_system="latn"))
    first, further = locale.decimal_formats[None].grouping
    symbol = get_group_symbol(locale, numbering_system="latn")
    group = next((f"[{alike}]" for alike in _GROUPS if symbol in alike), re.escape(symbol))
    grouped = rf"[0-9]{{1,{further}}}(?:{group}[0-9]{{{further}}})*{group}[0-9]{{{first}}}"
    return re.compile(rf"(?P<sign>[-\u2212])?(?P<whole>{grouped}|[0-9]+)(?:{point}(?P<decimals>[0-9]+))?")


def _example(places: int) -> str:
    """An amount; for rates and shares, which have many decimals, a number with a few of them."""
    return format_number(Decimal("1.25"), 2) if places > 3 else format_number(Decimal("1234.567"), places)


def _short_pattern() -> list[str]:
    """The short style of this locale cut up: dd.MM.yy → d . M . y"""
    pattern = current().locale.date_formats["short"].pattern.replace("\u200f", "")
    return [re.sub(r"([dMy])\1*", r"\1", part) for part in re.split(r"([dMy]+)", pattern)]


def day_style() -> str:
    """How this reader writes a day, as a script reads it: d.M.y"""
    return "".join(_short_pattern())


def _from_short(text: str) -> str | None:
    """A day in this locale's short style as year-month-day; None for any other text."""
    digits = {"d": "(?P<d>[0-9]{1,2})", "M": "(?P<M>[0-9]{1,2})", "y": "(?P<y>[0-9]{4}|[0-9]{2})"}
    style = "".join(digits.get(part) or re.escape(part) for part in _short_pattern())
    match = re.fullmatch(style, text)
    return "-".join((f"20{match['y']}"[-4:], match["M"].zfill(2), match["d"].zfill(2))) if match else None


def typed_date(day: date) -> str:
    """A day as this reader would type it, with all of its year: 31/03/2026."""
    written = {"d": f"{day.day:02}", "M": f"{day.month:02}", "y": f"{day.year}"}
    return "".join(written.get(part, part) for part in _short_pattern())
