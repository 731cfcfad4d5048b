"""Planned things as an iCalendar file (RFC 5545), which every calendar program reads."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from icalendar import Calendar, Event

HOUR = timedelta(hours=1)
MADE_BY = "-//Sales performance//Activities//EN"


@dataclass(frozen=True)
class Entry:
    """One entry: of a whole day, or an hour from an instant on. `key` stays the same for ever, `version` grows."""

    key: str
    title: str
    starts: date | datetime
    version: int
    about: str = ""
    url: str = ""


def calendar_file(name: str, entries: Iterable[Entry], made_at: datetime) -> bytes:
    """The file of these entries. Times are written in UTC; texts are escaped and long lines folded.

    What takes a whole day leaves the day free, as a task does; what has an hour takes one. Raises nothing.
    """
    calendar = Calendar()
    calendar.add("prodid", MADE_BY)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", HOUR, parameters={"VALUE": "DURATION"})
    for entry in entries:
        calendar.add_component(_event(entry, made_at))
    content: bytes = calendar.to_ical()
    return content


def _event(entry: Entry, made_at: datetime) -> Event:
    event, is_timed = Event(), isinstance(entry.starts, datetime)
    event.add("uid", entry.key)
    event.add("summary", entry.title)
    event.add("dtstart", entry.starts)
    event.add("dtend", entry.starts + (HOUR if is_timed else timedelta(days=1)))
    event.add("dtstamp", made_at)
    event.add("sequence", entry.version)
    event.add("transp", "OPAQUE" if is_timed else "TRANSPARENT")
    if entry.about:
        event.add("description", entry.about)
    if entry.url:
        event.add("url", entry.url)
    return event
