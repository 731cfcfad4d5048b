"""Quotas spread, prorated and rolled up to the cent; attainment, gap and pace against them."""

from datetime import date
from fractions import Fraction
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.calendars import months, quarters
from quotas.rules import (
    QuotaNode,
    RolledUp,
    attainment,
    gap,
    month_factor,
    over_assignment,
    pace,
    prorate_by_days,
    prorate_by_months,
    quota_by_days,
    ramp_factor,
    ramped_quota,
    respread,
    roll_up_quotas,
    run_rate,
    share_by_weights,
    share_by_working_days,
    spread,
    ytd_attainment,
    ytd_pace,
)

ANNUAL = 100_000_00
SEASONS = [20, 20, 20, 40]
MARCH_FIRST = date(2026, 3, 1)
RAMP = [Fraction(percent, 100) for percent in (0, 25, 50, 75, 100)]
FIRST_QUARTER = quarters(1, 2026)[0]


class TestSpread:
    def test_by_season(self) -> None:
        assert spread(ANNUAL, SEASONS) == [20_000_00, 20_000_00, 20_000_00, 40_000_00]
        assert spread(100_00, [1, 1, 1]) == [33_34, 33_33, 33_33]

    def test_a_change_moves_open_periods_only(self) -> None:
        assert respread(120_000_00, SEASONS, [20_000_00]) == [25_000_00, 25_000_00, 50_000_00]

    def test_closed_periods_cannot_hold_more_than_the_year(self) -> None:
        with pytest.raises(ValueError, match="already hold more"):
            respread(10_000_00, SEASONS, [20_000_00])

    def test_without_an_open_period_there_is_nothing_to_move(self) -> None:
        with pytest.raises(ValueError, match="above zero"):
            respread(ANNUAL, SEASONS, spread(ANNUAL, SEASONS))

    @given(st.integers(0, 10**12), st.lists(st.integers(1, 100), min_size=2, max_size=12), st.data())
    def test_closed_and_open_periods_total_the_new_year(
        self, annual: int, weights: list[int], data: st.DataObject
    ) -> None:
        closed = spread(annual, weights)[: data.draw(st.integers(0, len(weights) - 1))]
        changed = data.draw(st.integers(sum(closed), 2 * 10**12))
        assert sum(closed) + sum(respread(changed, weights, closed)) == changed


class TestProration:
    def test_month_rule(self) -> None:
        year = [months(1, 2026)[n : n + 3] for n in range(0, 12, 3)]
        parts = [
            prorate_by_months(quota, part, MARCH_FIRST, None)
            for quota, part in zip(spread(ANNUAL, SEASONS), year, strict=True)
        ]
        assert parts == [6_666_67, 20_000_00, 20_000_00, 40_000_00]
        assert sum(parts) == 86_666_67

    def test_day_rule_keeps_the_season(self) -> None:
        parts = [
            prorate_by_days(quota, part, MARCH_FIRST, None)
            for quota, part in zip(spread(ANNUAL, SEASONS), quarters(1, 2026), strict=True)
        ]
        assert parts == [6_888_89, 20_000_00, 20_000_00, 40_000_00]
        assert sum(parts) == 86_888_89

    def test_a_month_held_in_part_does_not_count_under_the_month_rule(self) -> None:
        first = months(1, 2026)[:3]
        assert prorate_by_months(300, first, date(2026, 1, 2), None) == 200
        assert prorate_by_months(300, first, date(2025, 1, 1), date(2026, 3, 31)) == 200
        assert prorate_by_months(300, first, date(2026, 5, 1), None) == 0

    def test_a_period_has_months(self) -> None:
        with pytest.raises(ValueError, match="at least one month"):
            prorate_by_months(300, [], MARCH_FIRST, None)

    @pytest.mark.parametrize(
        ("year", "shares"), [(2026, [204_444_44, 195_555_56]), (2024, [202_197_80, 197_802_20])]
    )
    def test_a_territory_handed_over_in_mid_quarter(self, year: int, shares: list[int]) -> None:
        handed_over = quota_by_days(400_000_00, quarters(1, year)[0], [date(year, 2, 16)])
        assert handed_over == shares
        assert sum(handed_over) == 400_000_00

    def test_a_territory_held_for_a_single_day(self) -> None:
        assert quota_by_days(90_00, FIRST_QUARTER, [date(2026, 3, 31)]) == [89_00, 1_00]

    def test_a_territory_never_handed_over(self) -> None:
        assert quota_by_days(400_000_00, FIRST_QUARTER, []) == [400_000_00]

    @pytest.mark.parametrize(
        "handovers",
        [
            [date(2026, 1, 1)],
            [date(2026, 4, 1)],
            [date(2026, 2, 16), date(2026, 2, 16)],
            [date(2026, 3, 1), date(2026, 2, 1)],
        ],
    )
    def test_handovers_are_in_order_inside_the_period(self, handovers: list[date]) -> None:
        with pytest.raises(ValueError, match="in order"):
            quota_by_days(400_000_00, FIRST_QUARTER, handovers)


class TestRamp:
    @pytest.mark.parametrize(
        ("month", "factor"), [(2, 0), (3, 0), (4, Fraction(1, 4)), (5, Fraction(1, 2)), (7, 1), (12, 1)]
    )
    def test_by_whole_months_in_the_seat(self, month: int, factor: Fraction) -> None:
        assert ramp_factor(RAMP, MARCH_FIRST, months(1, 2026)[month - 1]) == factor

    def test_without_a_profile_everything_is_asked(self) -> None:
        assert ramp_factor([], MARCH_FIRST, months(1, 2026)[2]) == 1

    def test_a_month_before_the_seat_asks_nothing(self) -> None:
        assert month_factor([], months(1, 2026)[1], MARCH_FIRST, None) == 0
        assert month_factor([], months(1, 2026)[2], MARCH_FIRST, None) == 1

    def test_a_year_with_ramp(self) -> None:
        factors = [month_factor(RAMP, month, MARCH_FIRST, None) for month in months(1, 2026)]
        by_quarter = [
            sum(ramped_quota(quota, factors[3 * n : 3 * n + 3]))
            for n, quota in enumerate(spread(ANNUAL, SEASONS))
        ]
        assert by_quarter == [0, 10_000_00, 20_000_00, 40_000_00]
        assert sum(by_quarter) == 70_000_00

    def test_by_month(self) -> None:
        assert ramped_quota(20_000_00, RAMP[1:4]) == [1_666_67, 3_333_33, 5_000_00]
        assert ramped_quota(20_000_00, [Fraction(1)] * 3) == [6_666_67, 6_666_67, 6_666_66]

    def test_a_period_has_months(self) -> None:
        with pytest.raises(ValueError, match="at least one month"):
            ramped_quota(20_000_00, [])

    def test_a_negative_factor_is_refused(self) -> None:
        with pytest.raises(ValueError, match="negative"):
            ramped_quota(20_000_00, [Fraction(1), Fraction(-1, 2)])


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
        assert rolled[R] == RolledUp(assigned=1000, rolled_up=850, street=900, unset=0)
        assert rolled[R].level_over_assignment == Fraction(-15, 100)
        assert rolled[R].street_over_assignment == Fraction(-10, 100)
        assert rolled[M1] == RolledUp(assigned=500, rolled_up=550, street=550, unset=0)
        assert rolled[M1].level_over_assignment == Fraction(10, 100)
        assert rolled[M2] == RolledUp(assigned=None, rolled_up=350, street=350, unset=0)
        assert rolled[M2].level_over_assignment is None
        assert rolled[7] == RolledUp(assigned=150, rolled_up=None, street=150, unset=0)

    def test_over_assignment_compounds(self) -> None:
        rolled = roll_up_quotas([
            QuotaNode(1, None, person=1000),
            QuotaNode(2, 1, person=1100),
            QuotaNode(3, 2, person=1210),
        ])  # fmt: skip
        assert rolled[1].level_over_assignment == rolled[2].level_over_assignment == Fraction(1, 10)
        assert rolled[1].street_over_assignment == Fraction(121, 100) - 1

    def test_a_managers_own_quota_is_a_row_of_its_own(self) -> None:
        rolled = roll_up_quotas([QuotaNode(1, None, person=500, own=120), QuotaNode(2, 1, person=300)])
        assert rolled[1] == RolledUp(assigned=500, rolled_up=420, street=420, unset=0)
        alone = roll_up_quotas([QuotaNode(1, None, person=500, own=120)])
        assert alone[1] == RolledUp(assigned=500, rolled_up=120, street=120, unset=0)

    def test_places_without_a_quota_are_counted(self) -> None:
        rolled = roll_up_quotas(
            [QuotaNode(1, None), QuotaNode(2, 1), QuotaNode(3, 1, person=300), QuotaNode(4, None)]
        )
        assert rolled[1] == RolledUp(assigned=None, rolled_up=300, street=300, unset=1)
        assert rolled[4] == RolledUp(assigned=None, rolled_up=None, street=None, unset=1)

    def test_a_part_of_the_tree_starts_where_its_parent_is_not_given(self) -> None:
        assert roll_up_quotas(COMPANY[1:])[M1].rolled_up == 550
        assert roll_up_quotas([]) == {}

    @pytest.mark.parametrize(
        ("person", "territory", "assigned", "difference"),
        [
            (300, 320, 300, -20),
            (300, 300, 300, None),
            (None, 320, 320, None),
            (300, None, 300, None),
            (0, 9, 0, -9),
        ],
    )
    def test_person_and_territory_quota_are_the_same_money(
        self, person: int | None, territory: int | None, assigned: int | None, difference: int | None
    ) -> None:
        node = QuotaNode(1, None, person=person, territory=territory)
        assert (node.assigned, node.difference) == (assigned, difference)

    def test_a_cycle_is_refused(self) -> None:
        with pytest.raises(ValueError, match="cycle"):
            roll_up_quotas([QuotaNode(1, 2), QuotaNode(2, 1)])

    def test_a_place_comes_once(self) -> None:
        with pytest.raises(ValueError, match="twice"):
            roll_up_quotas([QuotaNode(1, None), QuotaNode(1, None)])

    @pytest.mark.parametrize(("below", "assigned"), [(None, 100), (100, None), (100, 0)])
    def test_over_assignment_is_undefined_without_both(self, below: int | None, assigned: int | None) -> None:
        assert over_assignment(below, assigned) is None

    def test_over_assignment_of_the_smallest_quota(self) -> None:
        assert over_assignment(2, 1) == 1

    @given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 1000)), min_size=1, max_size=40))
    def test_the_street_is_the_sum_of_the_lowest_level_in_any_order(
        self, drawn: list[tuple[int, int]]
    ) -> None:
        nodes = [
            QuotaNode(n, above % n if n else None, person=quota) for n, (above, quota) in enumerate(drawn)
        ]
        parents = {node.parent for node in nodes}
        rolled = roll_up_quotas(nodes)
        assert rolled[0].street == sum(quota for n, (_, quota) in enumerate(drawn) if n not in parents)
        assert roll_up_quotas(reversed(nodes)) == rolled


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
        assert ytd_attainment([50, 100], [100, 50]) == 1

    def test_year_to_date_without_any_quota_is_undefined(self) -> None:
        assert ytd_attainment([50, 100], [None, None]) is None
        assert ytd_attainment([50, 100], [None, 300]) == Fraction(1, 2)
        assert ytd_attainment([], []) is None

    def test_every_period_has_both(self) -> None:
        with pytest.raises(ValueError, match="Every period"):
            ytd_attainment([50], [])


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
        with pytest.raises(ValueError, match="negative"):
            run_rate(700, 1000, -1)


class TestPace:
    def test_with_seasonality(self) -> None:
        share = share_by_weights([20, 30, 50], ended=1, elapsed=10, total=20)
        assert share == Fraction(35, 100)
        assert pace(280, 1000, share) == Fraction(80, 100)

    def test_without_seasonality_an_equal_share_per_working_day(self) -> None:
        assert pace(280, 1000, share_by_working_days(30, 60)) == Fraction(56, 100)

    @pytest.mark.parametrize(
        ("ended", "elapsed", "total", "share"),
        [(0, 0, 20, 0), (1, 0, 20, Fraction(1, 5)), (1, 0, 0, Fraction(1, 5)), (3, 0, 0, 1), (2, 21, 21, 1)],
    )
    def test_cumulative_share(self, ended: int, elapsed: int, total: int, share: Fraction) -> None:
        assert share_by_weights([20, 30, 50], ended, elapsed, total) == share

    def test_a_share_of_nothing_is_undefined(self) -> None:
        assert share_by_weights([0, 0], 1, 1, 2) is None
        assert share_by_weights([0, 1], 1, 1, 2) == Fraction(1, 2)
        assert share_by_working_days(0, 0) is None

    @pytest.mark.parametrize("ended", [-1, 4])
    def test_months_ended_lie_in_the_period(self, ended: int) -> None:
        with pytest.raises(ValueError, match="months ended"):
            share_by_weights([20, 30, 50], ended, 0, 20)

    @pytest.mark.parametrize(("elapsed", "total"), [(-1, 20), (21, 20)])
    def test_days_elapsed_lie_in_the_month(self, elapsed: int, total: int) -> None:
        with pytest.raises(ValueError, match="days elapsed"):
            share_by_weights([20, 30, 50], 0, elapsed, total)

    @pytest.mark.parametrize(
        ("quota", "share"),
        [(1000, Fraction(0)), (1000, None), (0, Fraction(1)), (None, Fraction(1)), (-1, Fraction(1))],
    )
    def test_undefined_before_anything_is_due(self, quota: int | None, share: Fraction | None) -> None:
        assert pace(280, quota, share) is None

    def test_year_to_date_takes_ended_periods_in_full(self) -> None:
        assert ytd_pace([900, 280], [1000, 1000], Fraction(35, 100)) == Fraction(1180, 1350)
        assert ytd_pace([900, 0], [1000, 1000], Fraction(0)) == Fraction(9, 10)
        assert ytd_pace([900, 280], [1000, None], Fraction(35, 100)) == Fraction(1180, 1000)
        assert ytd_pace([900, 280], [-1, 1000], Fraction(1)) is None
        assert ytd_pace([3, 0], [0, 1], Fraction(1)) == 3
        assert ytd_pace([3, 0], [0, 1], Fraction(1, 2)) == 6

    @pytest.mark.parametrize(("actuals", "quotas"), [([], []), ([1], []), ([1], [1, 2])])
    def test_every_period_has_both(self, actuals: list[int], quotas: list[int | None]) -> None:
        with pytest.raises(ValueError, match="Every period"):
            ytd_pace(actuals, quotas, Fraction(1))

    @given(st.integers(1, 10**9), st.integers(1, 66))
    def test_on_pace_means_one(self, quota: int, total: int) -> None:
        assert pace(quota, quota * total, share_by_working_days(1, total)) == 1
