"""Gaps and overlaps of dated ranges are found to the day."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.calendars import Span
from territories.rules import DateRange, Overlap, gaps, overlaps

NEW_YEAR = date(2026, 1, 1)
JANUARY = Span(NEW_YEAR, date(2026, 2, 1))


def january(start: int, stop: int | None) -> DateRange:
    return date(2026, 1, start), None if stop is None else date(2026, 1, stop)


@st.composite
def date_ranges(draw: st.DrawFn) -> list[DateRange]:
    drawn = draw(st.lists(st.tuples(st.integers(-5, 40), st.integers(1, 20) | st.none()), max_size=8))
    starts = [(NEW_YEAR + timedelta(days=start), length) for start, length in drawn]
    return [(start, None if days is None else start + timedelta(days=days)) for start, days in starts]


def holds(held: DateRange, day: date) -> bool:
    start, stop = held
    return start <= day and (stop is None or day < stop)


class TestGaps:
    @pytest.mark.parametrize(
        ("ranges", "found"),
        [
            ([], [january(1, 31)]),
            ([january(1, 11), january(15, None)], [january(11, 15)]),
            ([january(15, None), january(1, 11)], [january(11, 15)]),
            ([january(5, 10), january(10, 20)], [january(1, 5), january(20, 31)]),
            ([january(1, 20), january(5, 10)], [january(20, 31)]),
            ([(date(2025, 1, 1), None)], []),
            ([(date(2026, 2, 1), None)], [january(1, 31)]),
            ([(date(2025, 1, 1), date(2025, 12, 1))], [january(1, 31)]),
        ],
    )
    def test_days_on_which_nothing_holds(
        self, ranges: list[DateRange], found: list[tuple[date, date]]
    ) -> None:
        window = Span(NEW_YEAR, date(2026, 1, 31))
        assert gaps(ranges, window) == [Span(start, stop) for start, stop in found]

    @given(date_ranges())
    def test_exactly_the_uncovered_days(self, ranges: list[DateRange]) -> None:
        found = gaps(ranges, JANUARY)
        for offset in range(JANUARY.days):
            day = NEW_YEAR + timedelta(days=offset)
            assert any(day in gap for gap in found) is not any(holds(held, day) for held in ranges)
        assert all(one.stop < other.start for one, other in pairwise(found))


class TestOverlaps:
    @pytest.mark.parametrize(
        ("ranges", "found"),
        [
            ([], []),
            ([january(1, 10), january(10, 20)], []),
            ([january(1, 10), january(8, 20)], [Overlap(0, 1, january(8, 10))]),
            ([january(8, 20), january(1, 10)], [Overlap(0, 1, january(8, 10))]),
            ([january(1, None), january(8, 20)], [Overlap(0, 1, january(8, 20))]),
            ([january(1, None), january(8, None)], [Overlap(0, 1, january(8, None))]),
            ([january(1, 20), january(8, None)], [Overlap(0, 1, january(8, 20))]),
        ],
    )
    def test_pairs_and_the_days_they_share(self, ranges: list[DateRange], found: list[Overlap]) -> None:
        assert overlaps(ranges) == found

    @given(date_ranges())
    def test_exactly_the_pairs_that_meet_on_a_day(self, ranges: list[DateRange]) -> None:
        days = [NEW_YEAR + timedelta(days=offset) for offset in range(-5, 70)]
        found = {(overlap.first, overlap.second): overlap.shared for overlap in overlaps(ranges)}
        for second in range(len(ranges)):
            for first in range(second):
                both = [day for day in days if holds(ranges[first], day) and holds(ranges[second], day)]
                shared = found.get((first, second))
                assert both == ([day for day in days if holds(shared, day)] if shared else [])


@pytest.mark.parametrize("stop", [date(2026, 1, 1), date(2025, 12, 31)])
def test_a_range_holds_at_least_a_day(stop: date) -> None:
    with pytest.raises(ValueError, match="stop after it starts"):
        overlaps([(NEW_YEAR, stop)])
    with pytest.raises(ValueError, match="stop after it starts"):
        gaps([(NEW_YEAR, stop)], JANUARY)
