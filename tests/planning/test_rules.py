"""Quota and open work on a move, by the figures of docs/domain.md."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as some

from common.calendars import Span
from planning.rules.quota import by_days, with_accounts
from planning.rules.work import Work, passes_on

Q1 = Span(date(2026, 1, 1), date(2026, 4, 1))
LEAP = Span(date(2028, 1, 1), date(2028, 4, 1))
MOVE = date(2026, 2, 16)


def test_quota_that_follows_the_territory_is_cut_by_days():
    assert by_days(40_000_000, Q1, MOVE) == (20_444_444, 19_555_556)


def test_in_a_leap_year_the_quarter_has_a_day_more():
    assert by_days(40_000_000, LEAP, date(2028, 2, 16)) == (20_219_780, 19_780_220)


def test_a_period_is_cut_inside_of_it_alone():
    assert by_days(100, Q1, Q1.start) == (0, 100)
    assert by_days(100, Q1, Q1.stop) == (100, 0)
    with pytest.raises(ValueError, match="outside of the period"):
        by_days(100, Q1, date(2026, 4, 2))


def test_quota_moves_with_accounts_by_days_and_potential():
    moved = with_accounts(40_000_000, Q1, MOVE, 150, 1_000)
    assert (moved, 40_000_000 - moved) == (2_933_333, 37_066_667)


def test_periods_after_the_move_go_in_full_and_those_before_not_at_all():
    later, earlier = Span(date(2026, 4, 1), date(2026, 7, 1)), Span(date(2025, 10, 1), date(2026, 1, 1))
    assert with_accounts(40_000_000, later, MOVE, 150, 1_000) == 6_000_000
    assert with_accounts(40_000_000, earlier, MOVE, 150, 1_000) == 0


@pytest.mark.parametrize(("potential", "whole"), [(0, 0), (2, 1), (-1, 1)])
def test_without_potential_no_quota_moves(potential, whole):
    with pytest.raises(ValueError, match="potential is known"):
        with_accounts(100, Q1, MOVE, potential, whole)


@given(some.integers(0, 10**12), some.dates(Q1.start, Q1.stop))
def test_nothing_is_lost_by_the_cut(amount, day):
    assert sum(by_days(amount, Q1, day)) == amount


DAY = date(2026, 5, 1)


@pytest.mark.parametrize(
    ("choice", "category", "close_on", "passes"),
    [
        (Work.USUAL, "commit", date(2026, 5, 30), None),
        (Work.USUAL, "commit", date(2026, 5, 31), DAY),
        (Work.USUAL, "commit", date(2026, 4, 2), None),
        (Work.USUAL, "best_case", date(2026, 5, 2), DAY),
        (Work.GO, "commit", date(2026, 5, 2), DAY),
        (Work.CLOSED, "pipeline", date(2026, 9, 1), None),
        (Work.UNTIL, "commit", date(2026, 9, 1), date(2026, 6, 15)),
    ],
)
def test_open_deals_go_or_stay(choice, category, close_on, passes):
    assert passes_on(choice, category, close_on, DAY, date(2026, 6, 15)) == passes


def test_a_day_before_the_move_is_the_move():
    assert passes_on(Work.UNTIL, "commit", DAY, DAY, date(2026, 4, 1)) == DAY
    assert passes_on(Work.UNTIL, "commit", DAY, DAY, None) == DAY
