"""One typed line says what was done with whom, about what, when, and what is next."""

from datetime import date, datetime, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import Refused
from common.locale import parse_date, use
from pipeline.rules.one_line import MOST_SUBJECT, candidates, read_line
from pipeline.rules.spoken_days import Clock, day_of, hour_of

NOW = datetime(2026, 5, 20, 9, 30)  # noqa: DTZ001  a Wednesday, by the reader's clock
THURSDAY, FRIDAY = date(2026, 5, 21), date(2026, 5, 22)


def written(text: str) -> date | None:
    try:
        return parse_date(text)
    except Refused:
        return None


CLOCK = Clock(NOW, written, lambda: date(2026, 6, 30))


def said(line: str) -> dict[str, Any]:
    """What of a line is said, without what it leaves open."""
    return {name: value for name, value in vars(read_line(line, CLOCK)).items() if value}


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (
            "call Ann about pricing, follow up Friday",
            {"kind": "call", "text": "Call Ann about pricing", "name": "Ann", "topic": "Pricing",
             "next_step": "Follow up: pricing", "next_step_on": FRIDAY},
        ),
        (
            "call Ann about pricing, wants 5 % off, board meets in June, follow up +2w",
            {"kind": "call", "text": "Call Ann about pricing", "name": "Ann", "topic": "Pricing",
             "outcome": "Wants 5 % off, board meets in June", "next_step": "Follow up: pricing",
             "next_step_on": date(2026, 6, 3)},
        ),
        (
            "demo at Fjord Logistics yesterday",
            {"kind": "demo", "text": "Demo at Fjord Logistics", "name": "Fjord Logistics", "on": date(2026, 5, 19)},
        ),
        (
            "visit Acme tomorrow 14:00",
            {"kind": "visit", "text": "Visit Acme", "name": "Acme", "on": THURSDAY, "at": time(14), "is_planned": True},
        ),
        (
            "tomorrow at 2pm visit Acme about the lease",
            {"kind": "visit", "text": "Visit Acme about the lease", "name": "Acme", "topic": "The lease",
             "on": THURSDAY, "at": time(14), "is_planned": True},
        ),
        (
            "met Ann at Fjord Logistics on Monday",
            {"kind": "meeting", "text": "Met Ann at Fjord Logistics", "name": "Ann", "place": "Fjord Logistics",
             "on": date(2026, 5, 18)},
        ),
        (
            "email to Ann: new offer, then call her next week",
            {"kind": "email", "text": "Email to Ann: new offer", "name": "Ann", "topic": "New offer",
             "next_step": "Call her", "next_step_on": date(2026, 5, 25)},
        ),
        ("note: they moved, new street", {"kind": "note", "text": "They moved, new street"}),
        (
            "Note: they moved, follow up 31 May",
            {"kind": "note", "text": "They moved", "next_step": "Follow up", "next_step_on": date(2026, 5, 31)},
        ),
        (
            "follow up with Ann Friday",
            {"kind": "follow_up", "text": "Follow up with Ann", "name": "Ann", "on": FRIDAY, "is_planned": True},
        ),
        ("they like the offer", {"kind": "note", "text": "They like the offer"}),
        ("send brochure Friday", {"kind": "task", "text": "Send brochure", "on": FRIDAY, "is_planned": True}),
        ("had a quick call with Ann", {"kind": "call", "text": "Had a quick call with Ann", "name": "Ann"}),
        ("phone call Ann", {"kind": "call", "text": "Phone call Ann", "name": "Ann"}),
        ("demo at Fjord, 19 May", {"kind": "demo", "text": "Demo at Fjord", "name": "Fjord", "on": date(2026, 5, 19)}),
        ("visited Fjord, 19 May", {"kind": "visit", "text": "Visited Fjord", "name": "Fjord", "on": date(2026, 5, 19)}),
        ("call Ann 9:00", {"kind": "call", "text": "Call Ann", "name": "Ann", "on": date(2026, 5, 20)}),
        ("call Ann 10:00", {"kind": "call", "text": "Call Ann", "name": "Ann", "on": date(2026, 5, 20),
                            "at": time(10), "is_planned": True}),
        ("call Ann, send offer +3", {"kind": "call", "text": "Call Ann", "name": "Ann", "next_step": "Send offer",
                                     "next_step_on": date(2026, 5, 23)}),
        ("call Ann, next: send offer", {"kind": "call", "text": "Call Ann", "name": "Ann", "next_step": "Send offer"}),
    ],
)  # fmt: skip
def test_what_a_line_says(line: str, found: dict[str, Any]) -> None:
    assert said(line) == found


@pytest.mark.parametrize(
    ("phrase", "day"),
    [
        ("today", date(2026, 5, 20)), ("tomorrow", THURSDAY), ("yesterday", date(2026, 5, 19)),
        ("friday", FRIDAY), ("fri", FRIDAY), ("on friday", FRIDAY), ("wednesday", date(2026, 5, 27)),
        ("next friday", date(2026, 5, 29)), ("last friday", date(2026, 5, 15)), ("next sun", date(2026, 5, 31)),
        ("sun", None), ("fridays", None), ("+3", date(2026, 5, 23)), ("+2w", date(2026, 6, 3)),
        ("+1m", date(2026, 6, 20)), ("in 3 days", date(2026, 5, 23)), ("in a week", date(2026, 5, 27)),
        ("in 3", None), ("31 mar", date(2026, 3, 31)), ("31 march 2026", date(2026, 3, 31)),
        ("may 20", date(2026, 5, 20)), ("march 31st", date(2026, 3, 31)), ("31 jun", None), ("5 men", None),
        ("eom", date(2026, 5, 31)), ("eoq", date(2026, 6, 30)), ("next week", date(2026, 5, 25)),
        ("2026-06-01", date(2026, 6, 1)), ("6/1/2026", date(2026, 6, 1)), ("6/1", date(2026, 6, 1)),
        ("3/31", date(2026, 3, 31)), ("13/13", None), ("12", None), ("", None),
    ],
)  # fmt: skip
def test_days_as_they_are_said(phrase: str, day: date | None) -> None:
    assert day_of(phrase, CLOCK) == day


def test_what_follows_lies_ahead_and_what_was_done_behind() -> None:
    march, next_march = date(2026, 3, 31), date(2027, 3, 31)
    assert [day_of("31 mar", CLOCK, lean) for lean in (-1, 0, 1)] == [march, march, next_march]
    assert [day_of("friday", CLOCK, lean) for lean in (-1, 0, 1)] == [date(2026, 5, 15), FRIDAY, FRIDAY]


def test_days_are_read_in_the_readers_own_order() -> None:
    with use("de-DE", "UTC"):
        assert [day_of(text, CLOCK) for text in ("1.6.2026", "1.6.", "6/1")] == [date(2026, 6, 1)] * 2 + [
            None
        ]


@pytest.mark.parametrize(
    ("phrase", "hour"),
    [
        ("14:00", time(14)), ("2pm", time(14)), ("2:30 pm", time(14, 30)), ("12 am", time(0)), ("at noon", time(12)),
        ("13pm", None), ("24:00", None), ("14", None), ("9:60", None),
    ],
)  # fmt: skip
def test_hours_as_they_are_said(phrase: str, hour: time | None) -> None:
    assert hour_of(phrase) == hour


def test_the_longest_name_is_tried_first() -> None:
    assert candidates("Ann the Offer") == ["ann the offer", "ann the", "ann"]
    assert candidates("") == []


@given(st.text(max_size=200))
def test_no_line_breaks_it_and_none_grows(line: str) -> None:
    found = read_line(line, CLOCK)
    assert max(len(found.text), len(found.topic), len(found.next_step)) <= MOST_SUBJECT
    assert found.kind


def test_a_long_note_is_kept_whole() -> None:
    found = read_line("note: " + "word " * 60, CLOCK)
    assert (len(found.text) <= MOST_SUBJECT, len(found.outcome)) == (True, 299)
