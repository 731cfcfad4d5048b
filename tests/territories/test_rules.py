"""Gaps between dated spans are found to the day."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.calendars import Span
from territories.rules import gaps

NEW_YEAR = date(2026, 1, 1)
JANUARY = Span(NEW_YEAR, date(2026, 2, 1))


def january(start: int, stop: int | None) -> Span:
    return Span(date(2026, 1, start), date.max if stop is None else date(2026, 1, stop))


def a_span(start: int, days: int | None) -> Span:
    first = NEW_YEAR + timedelta(days=start)
    return Span(first, date.max if days is None else first + timedelta(days=days))


SPANS = st.lists(st.builds(a_span, st.integers(-5, 40), st.integers(1, 20) | st.none()), max_size=8)


@pytest.mark.parametrize(
    ("held", "found"),
    [
        ([], [january(1, 31)]),
        ([january(1, 11), january(15, None)], [january(11, 15)]),
        ([january(15, None), january(1, 11)], [january(11, 15)]),
        ([january(5, 10), january(10, 20)], [january(1, 5), january(20, 31)]),
        ([january(1, 20), january(5, 10)], [january(20, 31)]),
        ([Span(date(2025, 1, 1), date.max)], []),
        ([Span(date(2026, 2, 1), date.max)], [january(1, 31)]),
        ([Span(date(2025, 1, 1), date(2025, 12, 1))], [january(1, 31)]),
    ],
)
def test_days_on_which_nothing_holds(held: list[Span], found: list[Span]) -> None:
    assert gaps(held, Span(NEW_YEAR, date(2026, 1, 31))) == found


@given(SPANS)
def test_exactly_the_uncovered_days(held: list[Span]) -> None:
    found = gaps(held, JANUARY)
    for offset in range(JANUARY.days):
        day = NEW_YEAR + timedelta(days=offset)
        assert any(day in gap for gap in found) is not any(day in span for span in held)
    assert all(one.stop < other.start for one, other in pairwise(found))
