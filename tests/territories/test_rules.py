"""The tree has no cycle; gaps and overlaps of dated ranges are found to the day."""

from datetime import date, timedelta
from itertools import pairwise
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.calendars import Span
from territories.rules import DateRange, Overlap, gaps, overlaps, would_cycle

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


class TestTree:
    PARENT_OF: ClassVar = {1: None, 2: 1, 3: 2, 4: 1}

    @pytest.mark.parametrize(
        ("child", "parent", "cycle"),
        [
            (1, 3, True),
            (2, 3, True),
            (2, 2, True),
            (3, 1, False),
            (4, 3, False),
            (2, None, False),
            (9, 3, False),
        ],
    )
    def test_a_territory_never_lies_below_itself(self, child: int, parent: int | None, cycle: bool) -> None:
        assert would_cycle(self.PARENT_OF, child, parent) is cycle

    def test_a_cycle_elsewhere_does_not_trap_the_walk(self) -> None:
        assert would_cycle({5: 6, 6: 5}, 1, 5) is False

    @given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=40))
    def test_allowed_moves_keep_it_a_tree(self, moves: list[tuple[int, int]]) -> None:
        parent_of: dict[int, int | None] = dict.fromkeys(range(8))
        for child, parent in moves:
            if not would_cycle(parent_of, child, parent):
                parent_of[child] = parent
        for parent_above in parent_of.values():
            above, steps = parent_above, 0
            while above is not None:
                above, steps = parent_of[above], steps + 1
                assert steps < 8


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
