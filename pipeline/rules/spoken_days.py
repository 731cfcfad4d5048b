"""Days and hours as people say them: tomorrow, Friday, +2w, 31 Mar, 14:00. Words are English."""

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from common.calendars import YEARS, add_months

DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
SHORT = {"mon": 0, "tue": 1, "tues": 1, "wed": 2, "thu": 3, "thur": 3, "thurs": 3, "fri": 4}
"""Sat and sun alone are words as well."""
MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
NEAR = {"yesterday": -1, "today": 0, "tomorrow": 1, "day after tomorrow": 2, "day before yesterday": -2}
AHEAD = re.compile(r"(?:\+|in )(\d{1,3}|an?) ?(d|w|m|days?|weeks?|months?)?")
CLOCK = re.compile(r"(\d{1,2})(?::([0-5]\d))? ?(am|pm)?")
MONTH_DAY = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th)?\.? ([a-z]+)\.?(?: (\d{4}))?|([a-z]+)\.? (\d{1,2})(?:st|nd|rd|th)?(?: (\d{4}))?"
)
BEFORE_DAY = re.compile(r"(?:(?:on|by|until|till|this) )?(?:the )?")
DANGLING = frozenset("on by until till at this".split())
MOST_WORDS = 4


@dataclass(frozen=True)
class Clock:
    """By whose clock and habits days are read: what day and hour it is, how they write days, when the quarter ends."""

    now: datetime
    day: Callable[[str], date | None]
    quarter_end: Callable[[], date | None]


@dataclass(frozen=True)
class When:
    """The day and the hour that some words say, and the other words."""

    on: date | None
    at: time | None
    words: list[str]


def when_of(words: list[str], clock: Clock, lean: int = 0) -> When:
    """The day and hour with which the words end, or else begin; `lean` as in `day_of`.

    Example on Wednesday 20 May 2026: "visit Acme tomorrow 14:00" → 21 May, 14:00, "visit Acme". Raises nothing.
    """
    found = When(None, None, list(words))
    for is_end in (True, False):
        while (shorter := _shorter(found, clock, lean, is_end=is_end)) is not None:
            found = shorter
    return found


def _shorter(found: When, clock: Clock, lean: int, *, is_end: bool) -> When | None:
    """The same with a day or an hour taken off one end; None where none is there."""
    words = found.words
    for number in range(min(MOST_WORDS, len(words)), 0, -1):
        part = words[-number:] if is_end else words[:number]
        rest = words[:-number] if is_end else words[number:]
        phrase = " ".join(part).lower().rstrip(".,;") if is_end else " ".join(part).lower().rstrip(",;")
        on = None if found.on else day_of(phrase, clock, lean)
        at = None if found.at or on else hour_of(phrase)
        if on or at:
            while is_end and len(rest) > 1 and rest[-1].lower() in DANGLING:
                rest = rest[:-1]
            return When(on or found.on, at or found.at, rest)
    return None


def hour_of(phrase: str) -> time | None:
    """An hour: 14:00, 2pm, 2:30 pm, noon; None for anything else. A bare number is none."""
    text = phrase.removeprefix("at ")
    if text == "noon":
        return time(12)
    match = CLOCK.fullmatch(text)
    if match is None or not (match[2] or match[3]):
        return None
    hour = int(match[1])
    if match[3]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if match[3] == "pm" else 0)
    return time(hour, int(match[2] or 0)) if hour < 24 else None


def day_of(phrase: str, clock: Clock, lean: int = 0) -> date | None:
    """The day that a phrase says, and nothing else of it; None for anything else. Raises nothing.

    A weekday alone is the next one after today; *next* Friday is that of next week. A date without a year is the
    nearest one. `lean`: -1 where both lie behind, 1 where they lie ahead; today does both.
    """
    text, today = BEFORE_DAY.sub("", phrase, count=1), clock.now.date()
    if text in NEAR:
        return today + timedelta(days=NEAR[text])
    if text in ("eom", "end of month"):
        return today.replace(day=monthrange(today.year, today.month)[1])
    if text in ("eoq", "end of quarter"):
        return clock.quarter_end()
    if text == "next week":
        return today + timedelta(days=7 - today.weekday())
    for read in (_ahead, _weekday):
        if found := read(text, today, lean):
            return found
    return _month_day(text, today, lean) or _written(text, clock, lean)


def _ahead(text: str, today: date, lean: int) -> date | None:
    match = AHEAD.fullmatch(text)
    if match is None or (text.startswith("in") and not match[2]):
        return None
    number, unit = (1 if match[1].startswith("a") else int(match[1])), (match[2] or "d")[0]
    return (
        add_months(today, number)
        if unit == "m"
        else today + timedelta(days=number * (7 if unit == "w" else 1))
    )


def _weekday(text: str, today: date, lean: int) -> date | None:
    which, _space, name = text.rpartition(" ")
    known = SHORT | ({"sat": 5, "sun": 6} if which else {})
    place = DAYS.index(name) if name in DAYS else known.get(name)
    if place is None or which not in ("", "next", "last"):
        return None
    if which == "next":
        return today + timedelta(days=7 - today.weekday() + place)
    if which == "last" or lean < 0:
        return today - timedelta(days=(today.weekday() - place - 1) % 7 + 1)
    return today + timedelta(days=(place - today.weekday() - 1) % 7 + 1)


def _month_day(text: str, today: date, lean: int) -> date | None:
    match = MONTH_DAY.fullmatch(text)
    if match is None:
        return None
    day, name, year = (match[1], match[2], match[3]) if match[1] else (match[5], match[4], match[6])
    month = next((number for number, short in enumerate(MONTHS, 1) if _is_month(name, short)), 0)
    return _near(lambda of: _date(of, month, int(day)), year, today, lean) if month else None


FULL = "january february march april may june july august september october november december".split()


def _is_month(name: str, short: str) -> bool:
    return name in (short, FULL[MONTHS.index(short)]) or (name == "sept" and short == "sep")


def _written(text: str, clock: Clock, lean: int) -> date | None:
    """A day as the reader writes it, with or without its year."""
    if " " in text or not text[:1].isdigit():
        return None
    if found := clock.day(text):
        return found
    if not re.fullmatch(r"\d{1,2}[./-]\d{1,2}[./-]?", text):
        return None
    mark = "" if text[-1] in "./-" else next(sign for sign in text if not sign.isdigit())
    return _near(lambda of: clock.day(f"{text}{mark}{of}"), None, clock.now.date(), lean)


def _near(read: Callable[[int], date | None], year: str | None, today: date, lean: int) -> date | None:
    """The day in the year that is said, else the nearest one of those that lie where it leans."""
    if year:
        return read(int(year))
    found = filter(None, (read(today.year + more) for more in (-1, 0, 1)))
    fitting = [day for day in found if lean * (day - today).days >= 0]
    return min(fitting, key=lambda day: abs(day - today), default=None)


def _date(year: int, month: int, day: int) -> date | None:
    is_day = year in YEARS and 1 <= day <= monthrange(year, month)[1]
    return date(year, month, day) if is_day else None
