"""Where a template's milestones fall, and how often promised days were kept."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.calendars import WorkDays
from pipeline.rules.plans import Promise, Reliability, laid_on, reliability

FRIDAY, MONDAY = date(2026, 6, 5), date(2026, 6, 8)
DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 31))
PROMISES = st.lists(st.builds(Promise, DAYS, st.none() | DAYS, st.none() | DAYS), max_size=30)


def may(day: int) -> date:
    return date(2026, 5, day)


VECTOR = [Promise(may(1), may(1)), Promise(may(5), may(7)), Promise(may(10)), Promise(may(20))]


@pytest.mark.parametrize(
    ("last", "kept", "due"), [(may(1), 1, 1), (may(9), 1, 2), (may(15), 1, 3), (may(20), 1, 4)]
)
def test_the_worked_example(last: date, kept: int, due: int) -> None:
    assert reliability(VECTOR, None, last) == Reliability(kept, due)


def test_its_ratio_is_exact_and_undefined_without_a_promise() -> None:
    assert reliability(VECTOR, None, may(15)).ratio == Fraction(1, 3)
    assert reliability(VECTOR, may(2), may(4)).ratio is None


def test_met_early_counts_when_its_day_has_passed() -> None:
    early = [Promise(may(30), may(10))]
    assert reliability(early, None, may(29)) == Reliability(0, 0)
    assert reliability(early, None, may(30)) == Reliability(1, 1)


def test_what_a_closed_deal_left_over_counts_nowhere() -> None:
    left = [Promise(may(9), None, may(10)), Promise(may(10), None, may(10)), Promise(may(11), None, may(10))]
    assert reliability(left, None, may(31)) == Reliability(0, 2)


@given(PROMISES, DAYS, DAYS)
def test_parts_of_a_time_add_up_to_the_whole(promises: list[Promise], one: date, other: date) -> None:
    first, last = min(one, other), max(one, other)
    middle = first + (last - first) // 2
    whole = reliability(promises, first, last)
    parts = [
        reliability(promises, first, middle),
        reliability(promises, middle + timedelta(days=1), last),
    ]
    assert (whole.kept, whole.due) == (sum(one.kept for one in parts), sum(one.due for one in parts))
    assert 0 <= whole.kept <= whole.due <= len(promises)


@given(PROMISES, DAYS)
def test_moving_the_planned_day_changes_nothing_and_meeting_in_time_only_helps(
    promises: list[Promise], last: date
) -> None:
    before = reliability(promises, None, last)
    met = [Promise(one.first_planned_on, one.first_planned_on, one.closed_on) for one in promises]
    after = reliability(met, None, last)
    assert after.due == before.due == after.kept
    assert after.kept >= before.kept


@pytest.mark.parametrize(
    ("today", "off", "day"),
    [
        (FRIDAY - timedelta(days=10), [], date(2026, 5, 31)),
        (date(2026, 5, 31), [], date(2026, 5, 31)),
        (FRIDAY, [], MONDAY),
        (FRIDAY, [MONDAY], date(2026, 6, 9)),
        (MONDAY, [], date(2026, 6, 9)),
    ],
)
def test_a_step_whose_day_is_past_comes_on_the_next_working_day(
    today: date, off: list[date], day: date
) -> None:
    assert laid_on(date(2026, 6, 30), 30, today, WorkDays(frozenset(off))) == day
