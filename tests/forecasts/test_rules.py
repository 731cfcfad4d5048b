"""How good a call was: errors, their ratios, the call that counts, and the forecast columns."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasts.rules import (
    Columns,
    CumulativeColumns,
    Mape,
    accuracy,
    ape,
    bias,
    call_at,
    comes_late,
    cumulate,
    due_before,
    error,
    error_of_total,
    horizon_day,
    is_late,
    mape,
    shown_accuracy,
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
    @pytest.mark.parametrize(
        ("forecast", "actual", "off", "relative"),
        [
            (150, 100, 50, HALF),
            (50, 100, -50, HALF),
            (-5, -20, 15, Fraction(3, 4)),
            (5, 0, 5, None),
            (0, 0, 0, None),
        ],
    )
    def test_forecast_less_actual(
        self, forecast: int, actual: int, off: int, relative: Fraction | None
    ) -> None:
        assert error(forecast, actual) == off
        assert ape(forecast, actual) == relative

    def test_the_total_can_be_right_by_luck(self) -> None:
        team = [(150, 100), (50, 100)]
        assert error_of_total(team) == 0
        assert wape(team) == HALF

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

    @pytest.mark.parametrize(
        ("outcomes", "result"),
        [
            ([(150, 100), (50, 100)], Mape(HALF, HALF, 0)),
            ([(150, 100), (50, 100), (5, 0)], Mape(None, HALF, 1)),
            ([(5, 0), (0, 0)], Mape(None, None, 2)),
            ([], Mape(None, None, 0)),
        ],
    )
    def test_mape_counts_what_it_leaves_out(self, outcomes: list[tuple[int, int]], result: Mape) -> None:
        assert mape(outcomes) == result


class TestAccuracy:
    @pytest.mark.parametrize(
        ("forecast", "actual", "stored", "shown"),
        [
            (150, 100, HALF, HALF),
            (300, 100, Fraction(-1), Fraction(0)),
            (100, 100, Fraction(1), Fraction(1)),
            (5, 0, None, None),
        ],
    )
    def test_stored_without_a_cap_and_never_shown_below_zero(
        self, forecast: int, actual: int, stored: Fraction | None, shown: Fraction | None
    ) -> None:
        assert accuracy(forecast, actual) == stored
        assert shown_accuracy(stored) == shown


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

    def test_only_the_final_call_makes_the_final_accuracy(self) -> None:
        final = call_at(self.CALLS, FRIDAY + timedelta(days=1))
        assert final is not None
        assert accuracy(final.amount, 100) == 1

    @pytest.mark.parametrize(("seconds", "late"), [(-1, False), (0, False), (1, True)])
    def test_late_is_after_the_due_instant(self, seconds: int, late: bool) -> None:
        assert is_late(FRIDAY + timedelta(seconds=seconds), FRIDAY) is late

    @pytest.mark.parametrize(
        ("days", "day"), [(0, date(2026, 4, 1)), (7, date(2026, 3, 25)), (90, date(2026, 1, 1))]
    )
    def test_a_horizon_counts_back_from_the_day_after_the_period(self, days: int, day: date) -> None:
        assert horizon_day(date(2026, 4, 1), days) == day

    def test_a_horizon_lies_before_the_end(self) -> None:
        with pytest.raises(ValueError, match="before the end"):
            horizon_day(date(2026, 4, 1), -1)


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
        assert due_before(instant, weekday=0, hour=12) == due

    @pytest.mark.parametrize(
        ("earlier", "late"),
        [
            ([], True),
            ([MONDAY_NOON - timedelta(days=3)], False),
            ([MONDAY_NOON], False),
            ([MONDAY_NOON + SECOND], True),
            ([MONDAY_NOON - WEEK], True),
            ([MONDAY_NOON - WEEK + SECOND], False),
            ([MONDAY_NOON - 2 * WEEK, MONDAY_NOON - timedelta(days=1)], False),
        ],
    )
    def test_late_without_a_call_in_the_week_before(self, earlier: list[datetime], late: bool) -> None:
        assert comes_late(self.MONDAY_NOON + timedelta(days=1), earlier, weekday=0, hour=12) is late


class TestColumns:
    def test_single_columns_add_up(self) -> None:
        assert Columns(closed=100, commit=50, most_likely=10, best_case=30, pipeline=20).total == 210

    def test_cumulative_columns_overlap(self) -> None:
        single = Columns(closed=100, commit=50, most_likely=10, best_case=30, pipeline=20)
        assert cumulate(single) == CumulativeColumns(
            commit=150, most_likely=160, best_case=190, open_pipeline=110
        )
