"""Quotas rolled up to the cent; attainment, gap and pace against them."""

from datetime import date
from fractions import Fraction
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.calendars import Span, WorkDays
from quotas.rules import (
    QuotaNode,
    RolledUp,
    attainment,
    cut,
    days_left,
    due,
    gap,
    over_assignment,
    pace,
    roll_up_quotas,
    run_rate,
    share_due,
    sum_known,
)
from quotas.selectors.figures import Figures

R, M1, M2 = 1, 2, 3
COMPANY = [
    QuotaNode(R, None, person=1000),
    QuotaNode(M1, R, person=500),
    QuotaNode(M2, R),
    QuotaNode(4, M1, person=300),
    QuotaNode(5, M1, person=250),
    QuotaNode(6, M2, person=200),
    QuotaNode(7, M2, territory=150),
]


class TestRolledUpQuota:
    def test_assigned_where_set_rolled_up_where_not(self) -> None:
        rolled = roll_up_quotas(COMPANY)
        assert rolled[R] == RolledUp(assigned=1000, rolled_up=850)
        assert over_assignment(850, 1000) == Fraction(-15, 100)
        assert rolled[M1] == RolledUp(assigned=500, rolled_up=550)
        assert over_assignment(550, 500) == Fraction(10, 100)
        assert rolled[M2] == RolledUp(assigned=None, rolled_up=350)
        assert rolled[7] == RolledUp(assigned=150, rolled_up=None)

    def test_a_managers_own_quota_is_a_row_of_its_own(self) -> None:
        rolled = roll_up_quotas([QuotaNode(1, None, person=500, own=120), QuotaNode(2, 1, person=300)])
        assert rolled[1] == RolledUp(assigned=500, rolled_up=420)
        alone = roll_up_quotas([QuotaNode(1, None, person=500, own=120)])
        assert alone[1] == RolledUp(assigned=500, rolled_up=120)

    def test_a_part_of_the_tree_starts_where_its_parent_is_not_given(self) -> None:
        assert roll_up_quotas(COMPANY[1:])[M1].rolled_up == 550
        assert roll_up_quotas(reversed(COMPANY)) == roll_up_quotas(COMPANY)
        assert roll_up_quotas([]) == {}

    @pytest.mark.parametrize(
        ("person", "territory", "assigned"),
        [
            (300, 320, 300),
            (300, 300, 300),
            (None, 320, 320),
            (300, None, 300),
            (0, 9, 0),
        ],
    )
    def test_person_and_territory_quota_are_the_same_money(
        self, person: int | None, territory: int | None, assigned: int | None
    ) -> None:
        node = QuotaNode(1, None, person=person, territory=territory)
        assert node.assigned == assigned

    def test_a_cycle_is_refused(self) -> None:
        with pytest.raises(ValueError, match="nodes are in a cycle"):
            roll_up_quotas([QuotaNode(1, 2), QuotaNode(2, 1)])

    @pytest.mark.parametrize(("below", "assigned"), [(None, 100), (100, None), (100, 0)])
    def test_over_assignment_is_undefined_without_both(self, below: int | None, assigned: int | None) -> None:
        assert over_assignment(below, assigned) is None

    def test_over_assignment_of_the_smallest_quota(self) -> None:
        assert over_assignment(2, 1) == 1


class TestAttainment:
    @pytest.mark.parametrize(
        ("actual", "quota", "attained"),
        [
            (50, 100, Fraction(1, 2)),
            (-20, 100, Fraction(-1, 5)),
            (0, 100, Fraction(0)),
            (1, 1, Fraction(1)),
            (100, 0, None),
            (100, None, None),
            (100, -5, None),
        ],
    )
    def test_actual_over_quota(self, actual: int, quota: int | None, attained: Fraction | None) -> None:
        assert attainment(actual, quota) == attained

    def test_it_is_never_capped(self) -> None:
        best, good = attainment(130, 100), attainment(110, 100)
        assert best == Fraction(130, 100)
        assert best is not None
        assert good is not None
        assert best > good > 1

    def test_year_to_date_is_not_the_mean_of_percentages(self) -> None:
        assert Figures((50, 100), (100, 50), None).attainment == 1

    def test_year_to_date_without_any_quota_is_undefined(self) -> None:
        assert Figures((50, 100), (None, None), None).attainment is None
        assert Figures((50, 100), (None, 300), None).attainment == Fraction(1, 2)

    def test_what_is_set_is_summed(self) -> None:
        assert sum_known([300, None, 250]) == 550
        assert sum_known([0]) == 0
        assert sum_known([None]) is None


class TestGap:
    @pytest.mark.parametrize(
        ("actual", "quota", "missing"),
        [(700, 1000, 300), (1100, 1000, -100), (0, 1, 1), (5, None, None), (5, 0, None)],
    )
    def test_what_is_missing(self, actual: int, quota: int | None, missing: int | None) -> None:
        assert gap(actual, quota) == missing

    @pytest.mark.parametrize(
        ("actual", "quota", "left", "rate"),
        [
            (700, 1000, 20, Fraction(15)),
            (700, 1000, 7, Fraction(300, 7)),
            (700, 1000, 0, None),
            (999, 1000, 1, Fraction(1)),
            (1000, 1000, 0, "met"),
            (1100, 1000, 5, "met"),
            (700, None, 5, None),
        ],
    )
    def test_run_rate(
        self, actual: int, quota: int | None, left: int, rate: Fraction | Literal["met"] | None
    ) -> None:
        assert run_rate(actual, quota, left) == rate

    def test_days_left_are_not_negative(self) -> None:
        with pytest.raises(ValueError, match=r"^The working days left cannot be negative\.$"):
            run_rate(700, 1000, -1)


APRIL, JULY = date(2026, 4, 1), date(2026, 7, 1)
Q2 = Span(APRIL, JULY)
WEEKS = Span(date(2026, 4, 6), date(2026, 6, 29))
"""Twelve weeks from a Monday: 60 working days."""


class TestPace:
    def test_an_equal_share_per_working_day(self) -> None:
        assert share_due(WEEKS, date(2026, 5, 18), WorkDays()) == Fraction(30, 60)
        assert pace(280, due([1000], share_due(WEEKS, date(2026, 5, 18), WorkDays()))) == Fraction(56, 100)

    @pytest.mark.parametrize(
        ("on", "left"), [(date(2026, 3, 1), 65), (APRIL, 65), (date(2026, 5, 20), 30), (JULY, 0)]
    )
    def test_working_days_left_lie_in_the_period(self, on: date, left: int) -> None:
        assert days_left(Q2, on, WorkDays()) == left
        assert share_due(Q2, on, WorkDays()) == Fraction(65 - left, 65)

    def test_a_day_off_takes_a_working_day_away(self) -> None:
        """Whit Monday, and a Saturday that nobody worked anyway."""
        off = WorkDays(frozenset({date(2026, 5, 25), date(2026, 5, 23)}))
        assert days_left(Q2, date(2026, 5, 20), off) == 29
        assert share_due(Q2, date(2026, 5, 20), off) == Fraction(35, 64)
        assert share_due(Q2, date(2026, 6, 1), off) == Fraction(42, 64)

    def test_a_share_of_nothing_is_undefined(self) -> None:
        assert share_due(Span(date(2026, 5, 23), date(2026, 5, 25)), date(2026, 5, 24), WorkDays()) is None

    @pytest.mark.parametrize(
        ("quota", "share"), [(1000, Fraction(0)), (1000, None), (0, Fraction(1)), (None, Fraction(1))]
    )
    def test_undefined_before_anything_is_due(self, quota: int | None, share: Fraction | None) -> None:
        assert pace(280, due([quota], share)) is None

    def test_year_to_date_takes_ended_periods_in_full(self) -> None:
        assert due([1000, 1000], Fraction(35, 100)) == 1350
        assert pace(1180, due([1000, 1000], Fraction(35, 100))) == Fraction(1180, 1350)
        assert pace(900, due([1000, 1000], Fraction(0))) == Fraction(9, 10)
        assert pace(1180, due([1000, None], Fraction(35, 100))) == Fraction(1180, 1000)
        assert pace(3, due([0, 1], Fraction(1))) == 3
        assert pace(3, due([0, 1], Fraction(1, 2))) == 6

    def test_what_is_due_is_rounded_for_a_drawing_and_not_for_the_pace(self) -> None:
        figures = Figures((1,), (1,), Fraction(1, 2))
        assert figures.due == 1
        assert figures.pace == 2
        assert Figures((1,), (None,), Fraction(1, 2)).due is None

    @given(st.integers(1, 10**9), st.integers(1, 66))
    def test_on_pace_means_one(self, quota: int, total: int) -> None:
        assert pace(quota, due([quota * total], Fraction(1, total))) == 1


class TestCut:
    @pytest.mark.parametrize(
        ("sizes", "parts"),
        [
            ([3, 3, 3, 3], [[0, 1], [2], [3]]),
            ([5, 0, 5], [[0, 1], [2]]),
            ([1] * 12, [[0, 1, 2, 3, 4, 5], [6, 7, 8], [9, 10], [11]]),
            ([9, 1, 1], [[0], [1], [2]]),
            ([7, 7], [[0], [1]]),
            ([7, 0, 0], [[0, 1, 2]]),
            ([0, 0], [[0, 1]]),
        ],
    )
    def test_about_half_of_what_is_left_each_time(self, sizes: list[int], parts: list[list[int]]) -> None:
        assert cut(sizes) == parts

    @given(sizes=st.lists(st.integers(0, 1000), min_size=1, max_size=40))
    def test_each_piece_is_in_one_part(self, sizes: list[int]) -> None:
        parts = cut(sizes)
        assert [place for part in parts for place in part] == list(range(len(sizes)))
        assert all(sum(sizes[place] for place in part) for part in parts[1:])
