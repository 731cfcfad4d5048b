"""Days in the words in which people say them: +30, +2w, eom, eoq, fri, 31 mar."""

import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from datetime import date, timedelta

from babel import Locale

from common.calendars import iso_day

ENDS = {"eom": "month", "eoq": "quarter", "eoy": "year"}
"""The last day of a calendar month, and of a quarter and a year as the company's fiscal calendar has them."""
AHEAD = re.compile(r"\+([0-9]{1,4})([dwm]?)")
NAMED = re.compile(r"(?P<day>[0-9]{1,2})\.?\s*(?P<month>[^\W\d_]{3,})\.?(?:\s+(?P<year>[0-9]{4}))?")
MONTH_FIRST = re.compile(r"(?P<month>[^\W\d_]{3,})\.?\s*(?P<day>[0-9]{1,2})(?:,?\s+(?P<year>[0-9]{4}))?")
MONDAY_TO_SUNDAY = range(7)


def day_in_words(text: str, today: date, locale: Locale, end_of: Callable[[str], date]) -> date | None:
    """The day that such words mean on `today`; None for any other text.

    `+30` and `+2w`, `+3m`: so many days, weeks, months from today, in a shorter month its last day. `eom`, `eoq`,
    `eoy`: `end_of` the month, quarter or year. `fri`: the next Friday, never today. `31 mar`: the next one, today
    included; with a year that day. Names are those of the reader's locale and English ones, three letters or more, of
    a weekday two. On 2026-05-20, a Wednesday: +30 is 2026-06-19, wed 2026-05-27, 31 mar 2027-03-31.
    Raises Said for a day that its month does not have and one after the year 2199.
    """
    word = " ".join(text.casefold().split())
    if word in ENDS:
        return end_of(ENDS[word])
    if ahead := AHEAD.fullmatch(word):
        return iso_day(_ahead(today, int(ahead[1]), ahead[2] or "d"))
    if named := NAMED.fullmatch(word) or MONTH_FIRST.fullmatch(word):
        return _named(named, today, locale)
    weekday = _meant(word, locale, "days", MONDAY_TO_SUNDAY) if len(word) > 1 else None
    return None if weekday is None else today + timedelta((weekday - today.weekday() - 1) % 7 + 1)


def _ahead(today: date, count: int, unit: str) -> str:
    if unit != "m":
        return (today + timedelta(count * (7 if unit == "w" else 1))).isoformat()
    years, month = divmod(today.month - 1 + count, 12)
    last = monthrange(today.year + years, month + 1)[1]
    return today.replace(year=today.year + years, month=month + 1, day=min(today.day, last)).isoformat()


def _named(parts: re.Match[str], today: date, locale: Locale) -> date | None:
    month = _meant(parts["month"], locale, "months", range(1, 13))
    if month is None:
        return None
    year = int(parts["year"] or today.year)
    is_over = not parts["year"] and (month, int(parts["day"])) < (today.month, today.day)
    return iso_day(f"{year + is_over:04}-{month:02}-{int(parts['day']):02}")


def _meant(word: str, locale: Locale, kind: str, numbers: range) -> int | None:
    """The one weekday or month whose name begins so."""
    found = {number for number, name in _names(locale, kind, numbers) if name.startswith(word)}
    return found.pop() if len(found) == 1 else None


def _names(locale: Locale, kind: str, numbers: range) -> Iterator[tuple[int, str]]:
    for one in (locale, Locale("en")):
        for names in getattr(one, kind)["format"].values():
            yield from ((number, names[number].rstrip(".").casefold()) for number in numbers)
