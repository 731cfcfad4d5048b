"""How good a call was: errors, their ratios, the call that counts, and the forecast columns."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasts.rules import (
    DueOn,
    bias,
    call_at,
    comes_late,
    cumulate,
    due_after,
    due_before,
    horizon_day,
    opens,
    wape,
)

HALF = Fraction(1, 2)
OUTCOMES = st.lists(st.tuples(st.integers(-(10**9), 10**9), st.integers(-(10**9), 10**9)), max_size=12)
FRIDAY = datetime(2026, 3, 27, 17, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Call:
    submitted_at: datetime
    amount: int


class TestError:
    def test_errors_to_both_sides_do_not_hide_each_other(self) -> None:
        assert wape([(150, 100), (50, 100)]) == HALF

    def test_wape_weighs_by_what_was_sold(self) -> None:
        assert wape([(200, 100), (900, 900)]) == Fraction(1, 10)
        assert wape([(5, 0)]) is None
        assert wape([]) is None

    def test_bias_says_which_way(self) -> None:
        assert bias([(-5, -20)]) == Fraction(75, 100)
        assert bias([(150, 100), (50, 100)]) == 0
        assert bias([(80, 100)]) == Fraction(-1, 5)
        assert bias([(5, 0)]) is None

    @given(OUTCOMES)
    def test_bias_is_never_larger_than_wape(self, outcomes: list[tuple[int, int]]) -> None:
        size, direction = wape(outcomes), bias(outcomes)
        assert (size is None) is (direction is None)
        assert size is None or direction is None or abs(direction) <= size


class TestCall:
    CALLS: ClassVar = [Call(FRIDAY - timedelta(days=4), 500), Call(FRIDAY, 100)]

    @pytest.mark.parametrize(
        ("at", "amount"),
        [
            (FRIDAY + timedelta(days=1), 100),
            (FRIDAY, 100),
            (FRIDAY - timedelta(seconds=1), 500),
            (FRIDAY - timedelta(days=5), None),
        ],
    )
    def test_the_last_at_or_before_counts(self, at: datetime, amount: int | None) -> None:
        for calls in (self.CALLS, self.CALLS[::-1]):
            found = call_at(calls, at)
            assert (found.amount if found else None) == amount

    def test_of_two_in_the_same_instant_the_later_given(self) -> None:
        found = call_at([Call(FRIDAY, 1), Call(FRIDAY, 2)], FRIDAY)
        assert found is not None
        assert found.amount == 2

    @pytest.mark.parametrize(
        ("days", "day"), [(0, date(2026, 4, 1)), (7, date(2026, 3, 25)), (90, date(2026, 1, 1))]
    )
    def test_a_horizon_counts_back_from_the_day_after_the_period(self, days: int, day: date) -> None:
        assert horizon_day(date(2026, 4, 1), days) == day

    def test_a_horizon_lies_before_the_end(self) -> None:
        with pytest.raises(ValueError, match=r"^A horizon lies before the end of the period\.$"):
            horizon_day(date(2026, 4, 1), -1)


def always(weekday: int, hour: int) -> DueOn:
    return lambda day: (weekday, hour)


class TestWeeklyDueTime:
    MONDAY_NOON = datetime(2026, 5, 18, 12, 0, tzinfo=UTC)
    WEEK = timedelta(days=7)
    SECOND = timedelta(seconds=1)

    @pytest.mark.parametrize(
        ("instant", "due"),
        [
            (datetime(2026, 5, 20, 9, 30, 5, 7, tzinfo=UTC), MONDAY_NOON),
            (MONDAY_NOON, MONDAY_NOON),
            (MONDAY_NOON - SECOND, MONDAY_NOON - WEEK),
            (MONDAY_NOON + WEEK - SECOND, MONDAY_NOON),
            (datetime(2026, 5, 24, 23, 0, tzinfo=UTC), MONDAY_NOON),
        ],
    )
    def test_the_last_one_at_or_before(self, instant: datetime, due: datetime) -> None:
        assert due_before(instant, always(0, 12)) == due

    def test_any_day_of_the_week_may_be_the_due_one(self) -> None:
        friday = datetime(2026, 5, 15, 9, 0, tzinfo=UTC)
        assert due_before(self.MONDAY_NOON, always(4, 9)) == friday
        assert due_before(friday + self.WEEK, always(4, 9)) == friday + self.WEEK

    @pytest.mark.parametrize(
        ("earlier", "late"),
        [
            ([], True),
            ([MONDAY_NOON - timedelta(days=3)], False),
            ([MONDAY_NOON], False),
            ([MONDAY_NOON + SECOND], True),
            ([MONDAY_NOON - WEEK], True),
            ([MONDAY_NOON - 2 * WEEK], True),
            ([MONDAY_NOON - WEEK + SECOND], False),
            ([MONDAY_NOON - 2 * WEEK, MONDAY_NOON - timedelta(days=1)], False),
        ],
    )
    def test_late_without_a_call_in_the_week_before(self, earlier: list[datetime], late: bool) -> None:
        assert comes_late(self.MONDAY_NOON + timedelta(days=1), earlier, always(0, 12)) is late

    def test_a_due_time_of_the_past_stays_where_it_was(self) -> None:
        """From Thursday 21 May on calls are due on Fridays at 9; until then it was Monday at 12."""

        def due_on(day: date) -> tuple[int, int]:
            return (4, 9) if day >= date(2026, 5, 21) else (0, 12)

        thursday, friday = datetime(2026, 5, 21, 10, tzinfo=UTC), datetime(2026, 5, 22, 9, tzinfo=UTC)
        assert due_before(thursday, due_on) == self.MONDAY_NOON
        assert due_before(friday, due_on) == friday
        assert comes_late(friday + self.SECOND, [self.MONDAY_NOON], due_on) is True
        assert comes_late(friday + self.SECOND, [self.MONDAY_NOON + self.SECOND], due_on) is False

        assert opens(friday, due_on) == self.MONDAY_NOON
        assert opens(self.MONDAY_NOON, due_on) == self.MONDAY_NOON - self.WEEK

    @pytest.mark.parametrize("delay", [timedelta(0), timedelta(microseconds=999_999)])
    def test_in_the_due_second_a_call_is_in_time(self, delay: timedelta) -> None:
        """Who calls each week on the dot is in time each week, and a second later is late."""
        last_week, now = self.MONDAY_NOON - self.WEEK + delay, self.MONDAY_NOON + delay
        assert comes_late(now, [last_week], always(0, 12)) is False
        assert comes_late(now + self.SECOND, [last_week], always(0, 12)) is True
        assert comes_late(now + self.SECOND, [last_week, now], always(0, 12)) is False

    @pytest.mark.parametrize(
        ("instant", "due"),
        [
            (datetime(2026, 5, 20, 9, 30, tzinfo=UTC), MONDAY_NOON + WEEK),
            (MONDAY_NOON, MONDAY_NOON + WEEK),
            (MONDAY_NOON - SECOND, MONDAY_NOON),
        ],
    )
    def test_the_first_one_after(self, instant: datetime, due: datetime) -> None:
        assert due_after(instant, always(0, 12)) == due

    def test_before_the_first_due_time_nothing_is_late(self) -> None:
        """A due weekday that no day has: every day says that calls are due on the one before."""
        assert due_before(self.MONDAY_NOON, lambda day: ((day.weekday() + 6) % 7, 12)) is None
        assert due_after(self.MONDAY_NOON, lambda day: ((day.weekday() + 6) % 7, 12)) is None
        assert comes_late(self.MONDAY_NOON, [], lambda day: ((day.weekday() + 6) % 7, 12)) is False


def test_cumulative_columns_overlap() -> None:
    single = {"closed": 100, "commit": 50, "most_likely": 10, "best_case": 30, "pipeline": 20}
    assert cumulate(single) == {"closed": 100, "commit": 150, "most_likely": 160, "best_case": 190}
