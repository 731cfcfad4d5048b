"""Credit is shared without losing a cent, taken back exactly, and known as new or existing business."""

from datetime import date, timedelta
from fractions import Fraction
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.calendars import WorkDays
from common.money import WHOLE_SHARE, allocate
from orders.rules import (
    SplitTotalError,
    below_limit,
    cancel_lines,
    days_back,
    free_from,
    is_new_business,
    late_from,
    left_of_lines,
    median_of,
    split_credit,
    split_lines,
)

HALVES = [50_000_000, 50_000_000]
THIRDS = [33_333_334, 33_333_333, 33_333_333]
AMOUNTS = st.integers(-(10**13), 10**13)
NOT_A_PART = r"^Only a part of what the order is still worth, or all of it, can be cancelled\.$"


@st.composite
def splits(draw: st.DrawFn) -> list[int]:
    weights = draw(st.lists(st.integers(0, 1000), min_size=1, max_size=6).filter(any))
    return allocate(WHOLE_SHARE, weights)


class TestSplit:
    def test_sixty_forty(self) -> None:
        credited = split_credit(1_000_00, [60_000_000, 40_000_000])
        assert credited == [600_00, 400_00]
        assert sum(credited) == 1_000_00

    def test_a_deal_shared_inside_a_team_counts_once_for_the_team(self) -> None:
        assert sum(split_credit(100_000_00, HALVES)) == 100_000_00

    @pytest.mark.parametrize(
        ("amount", "shares", "credited"),
        [
            (100_01, HALVES, [50_01, 50_00]),
            (100_01, [60_000_000, 40_000_000], [60_01, 40_00]),
            (100_00, THIRDS, [33_34, 33_33, 33_33]),
            (-100_00, THIRDS, [-33_34, -33_33, -33_33]),
            (100_00, [0, WHOLE_SHARE], [0, 100_00]),
        ],
    )
    def test_no_cent_is_lost(self, amount: int, shares: list[int], credited: list[int]) -> None:
        assert split_credit(amount, shares) == credited

    @pytest.mark.parametrize(
        ("shares", "said"),
        [
            ([60_000_000, 39_990_000], "99.99 %"),
            ([60_000_000, 40_010_000], "100.01 %"),
            ([33_333_333] * 3, "99.999999 %"),
            ([], "0 %"),
        ],
    )
    def test_shares_must_total_exactly_100_percent(self, shares: list[int], said: str) -> None:
        with pytest.raises(SplitTotalError, match=f"total {said}") as refused:
            split_credit(100_00, shares)
        assert refused.value.total == sum(shares)

    def test_a_negative_share_is_refused(self) -> None:
        with pytest.raises(ValueError, match="negative"):
            split_credit(100_00, [150_000_000, -50_000_000])

    @given(AMOUNTS, splits())
    def test_credits_total_the_amount(self, amount: int, shares: list[int]) -> None:
        assert sum(split_credit(amount, shares)) == amount


class TestLines:
    def test_the_order_is_the_sum_of_its_lines(self) -> None:
        lines = split_lines([1, 1], HALVES)
        assert lines == [[1, 0], [1, 0]]
        assert [sum(person) for person in zip(*lines, strict=True)] == [2, 0]

    @given(st.lists(AMOUNTS, max_size=8), splits())
    def test_lines_and_people_give_the_same_total(self, amounts: list[int], shares: list[int]) -> None:
        lines = split_lines(amounts, shares)
        assert [sum(line) for line in lines] == amounts
        assert sum(sum(person) for person in zip(*lines, strict=True)) == sum(amounts)


class TestCancellation:
    def test_what_is_left_is_spread_over_the_lines(self) -> None:
        assert left_of_lines(300, [300, 100]) == [225, 75]
        assert left_of_lines(0, [0, 0]) == [0, 0]

    def test_thirds_cancelled_in_two_halves_leave_nothing(self) -> None:
        credited = split_credit(100_00, THIRDS)
        first = cancel_lines(50_00, [1], [THIRDS], [credited])[0]
        assert first == [-16_67, -16_66, -16_67]
        left = [credit + posted for credit, posted in zip(credited, first, strict=True)]
        second = cancel_lines(50_00, [1], [THIRDS], [left])[0]
        assert second == [-16_67, -16_67, -16_66]
        assert [credit + posted for credit, posted in zip(left, second, strict=True)] == [0, 0, 0]

    def test_a_part_is_taken_from_every_line_by_what_it_was_booked_at(self) -> None:
        lines = [300_00, 100_00]
        credited = split_lines(lines, HALVES)
        assert cancel_lines(100_01, lines, [HALVES] * 2, credited) == [[-37_50, -37_51], [-12_50, -12_50]]

    @given(st.lists(st.integers(0, 10**9), min_size=1, max_size=5).filter(any), splits(), st.data())
    def test_lines_lose_what_is_cancelled_and_end_at_nothing(
        self, lines: list[int], shares: list[int], data: st.DataObject
    ) -> None:
        credited = split_lines(lines, shares)
        for cancelled in [data.draw(st.integers(0, sum(lines) - 1)), None]:
            taken = cancelled or sum(map(sum, credited))
            posted = cancel_lines(taken, lines, [shares] * len(lines), credited)
            assert sum(map(sum, posted)) == -taken
            credited = [
                [old + new for old, new in zip(before, row, strict=True)]
                for before, row in zip(credited, posted, strict=True)
            ]
            if sum(map(sum, credited)) == 0:
                break
        assert not any(map(any, credited))

    def test_a_single_cent(self) -> None:
        assert cancel_lines(1, [1], [HALVES], [[50, 50]]) == [[0, -1]]

    def test_where_nothing_is_left_nothing_is_taken_back(self) -> None:
        assert cancel_lines(0, [0], [HALVES], [[0, 0]]) == [[0, 0]]

    @pytest.mark.parametrize("cancelled", [0, -1, 101])
    def test_never_nothing_and_never_more_than_is_left(self, cancelled: int) -> None:
        with pytest.raises(ValueError, match=NOT_A_PART):
            cancel_lines(cancelled, [1], [HALVES], [[50, 50]])[0]

    def test_nothing_is_left_to_cancel(self) -> None:
        with pytest.raises(ValueError, match=NOT_A_PART):
            cancel_lines(1, [1], [HALVES], [[0, 0]])[0]

    def test_people_and_shares_must_match(self) -> None:
        with pytest.raises(ValueError, match="zip"):
            cancel_lines(50, [1], [HALVES], [[100]])[0]

    def test_every_line_has_its_credits(self) -> None:
        with pytest.raises(ValueError, match="zip"):
            cancel_lines(50, [1, 1], [HALVES] * 2, [[50, 50]])

    @given(st.integers(2, 10**12), splits(), st.data())
    def test_any_order_of_the_same_cancellations_ends_alike(
        self, amount: int, shares: list[int], data: st.DataObject
    ) -> None:
        first = data.draw(st.integers(1, amount - 1))
        second = data.draw(st.integers(1, amount - first))
        ends = [
            self._after(amount, shares, order)
            for order in ([first, second], [second, first], [first + second])
        ]
        assert ends[0] == ends[1] == ends[2]
        assert sum(ends[0]) == amount - first - second

    @staticmethod
    def _after(amount: int, shares: list[int], cancellations: list[int]) -> list[int]:
        credited = split_credit(amount, shares)
        for cancelled in cancellations:
            posted = cancel_lines(cancelled, [1], [shares], [credited])[0]
            assert sum(posted) == -cancelled
            credited = [old + new for old, new in zip(credited, posted, strict=True)]
        return credited

    @given(st.integers(1, 10**12), splits())
    def test_cancelling_everything_takes_back_every_credit(self, amount: int, shares: list[int]) -> None:
        credited = split_credit(amount, shares)
        assert cancel_lines(amount, [1], [shares], [credited])[0] == [-credit for credit in credited]


class TestNewBusiness:
    @pytest.mark.parametrize(
        ("first_ordered_on", "booked_on", "is_new"),
        [
            (None, date(2026, 3, 15), True),
            (date(2025, 3, 15), date(2026, 3, 14), True),
            (date(2025, 3, 15), date(2026, 3, 15), False),
            (date(2024, 2, 29), date(2025, 2, 27), True),
            (date(2024, 2, 29), date(2025, 2, 28), False),
            (date(2026, 3, 15), date(2025, 1, 1), True),
            (date(2026, 3, 15), date(2026, 3, 15), True),
            (date(2024, 3, 15), date(2026, 3, 14), False),
        ],
    )
    def test_new_for_twelve_months(
        self, first_ordered_on: date | None, booked_on: date, is_new: bool
    ) -> None:
        assert is_new_business(first_ordered_on, booked_on, 12) is is_new


class TestBackDating:
    WEDNESDAY = date(2026, 5, 20)

    @pytest.mark.parametrize(
        ("day", "today", "back"),
        [
            (date(2026, 5, 4), WEDNESDAY, 12),
            (date(2026, 5, 15), date(2026, 5, 18), 1),
            (WEDNESDAY, WEDNESDAY, 0),
            (date(2026, 5, 16), date(2026, 5, 17), 0),
        ],
    )
    def test_working_days_count(self, day: date, today: date, back: int) -> None:
        assert days_back(day, today, WorkDays()) == back

    def test_a_day_off_does_not_count(self) -> None:
        off = WorkDays(frozenset({date(2026, 5, 14)}))
        assert days_back(date(2026, 5, 13), self.WEDNESDAY, off) == 4
        assert free_from(self.WEDNESDAY, 5, off) == date(2026, 5, 12)

    @pytest.mark.parametrize(
        ("today", "days", "first"),
        [
            (WEDNESDAY, 5, date(2026, 5, 13)),
            (WEDNESDAY, 0, WEDNESDAY),
            (date(2026, 5, 17), 0, date(2026, 5, 15)),
        ],
    )
    def test_the_first_free_day(self, today: date, days: int, first: date) -> None:
        assert free_from(today, days, WorkDays()) == first

    @given(st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.integers(0, 40))
    def test_it_is_the_earliest_that_lies_so_many_back(self, today: date, days: int) -> None:
        first = free_from(today, days, WorkDays())
        assert days_back(first, today, WorkDays()) <= days
        assert days_back(first - timedelta(days=1), today, WorkDays()) > days


def test_a_price_below_the_limit() -> None:
    assert below_limit(159_99, 2, 100_00, 80)
    assert not below_limit(160_00, 2, 100_00, 80)
    assert not below_limit(0, 2, 100_00, 0)


class TestEntryTime:
    def test_the_example(self) -> None:
        friday, off = date(2026, 5, 8), frozenset({date(2026, 5, 11)})
        assert late_from(friday, WorkDays()) == date(2026, 5, 13)
        assert late_from(friday, WorkDays(off)) == date(2026, 5, 14)

    @given(st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.integers(0, 20))
    def test_it_is_late_from_that_day_on(self, booked_on: date, more: int) -> None:
        work, entered_on = WorkDays(), booked_on + timedelta(days=more)
        assert (work.between(booked_on, entered_on) > 2) == (entered_on >= late_from(booked_on, work))

    @given(st.lists(st.integers(0, 30), min_size=1))
    def test_the_median_is_that_of_all(self, values: list[int]) -> None:
        assert median_of({value: values.count(value) for value in values}) == Fraction(
            median([Fraction(value) for value in values])
        )

    def test_of_nothing_there_is_none(self) -> None:
        assert median_of({}) is None
