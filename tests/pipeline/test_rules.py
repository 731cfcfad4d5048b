"""Moves between stages, the category kept by hand, and what the pipeline is worth."""

from datetime import date
from fractions import Fraction
from typing import Literal

import pytest

from pipeline.rules import (
    Move,
    category_after_stage_change,
    days_in_stage,
    deal_age,
    is_overdue,
    is_push,
    pipeline_coverage,
    stage_move,
    weighted_pipeline,
    weighted_value,
)

FORTY_PERCENT = Fraction(40, 100)


class TestStageMoves:
    @pytest.mark.parametrize(
        ("current", "target", "move"),
        [
            ("open", "open", Move.ADVANCE),
            ("open", "lost", Move.LOSE),
            ("open", "won", Move.BOOK),
            ("lost", "open", Move.REOPEN),
            ("lost", "won", Move.REFUSED),
            ("lost", "lost", Move.REFUSED),
            ("won", "open", Move.REFUSED),
            ("won", "lost", Move.REFUSED),
            ("won", "won", Move.REFUSED),
        ],
    )
    def test_every_pair_of_kinds(self, current: str, target: str, move: Move) -> None:
        assert stage_move(current, target) is move

    @pytest.mark.parametrize(("current", "target"), [("open", "stuck"), ("", "open")])
    def test_an_unknown_kind_is_refused(self, current: str, target: str) -> None:
        with pytest.raises(ValueError, match="is not a valid StageKind"):
            stage_move(current, target)


class TestCategory:
    def test_a_stage_change_keeps_the_manual_category(self) -> None:
        assert category_after_stage_change(True, "commit", "pipeline") == "commit"

    def test_otherwise_it_follows_the_stage(self) -> None:
        assert category_after_stage_change(False, "pipeline", "best_case") == "best_case"

    @pytest.mark.parametrize("default", ["omitted", "closed"])
    def test_a_closed_deal_follows_its_stage_whoever_chose_before(self, default: str) -> None:
        assert category_after_stage_change(True, "commit", default, closes=True) == default


class TestWorth:
    def test_lost_deals_weigh_nothing(self) -> None:
        deals = [(50_000_00, "lost", Fraction(1)), (100_000_00, "open", FORTY_PERCENT)]
        assert weighted_pipeline(deals) == 40_000_00

    def test_won_deals_weigh_in_full(self) -> None:
        assert weighted_value(70_000_00, "won", Fraction(0)) == 70_000_00

    def test_each_deal_is_rounded_once(self) -> None:
        assert weighted_pipeline([(1, "open", Fraction(1, 2))] * 3) == 3
        assert weighted_pipeline([]) == 0

    @pytest.mark.parametrize("probability", [Fraction(-1, 100), Fraction(101, 100)])
    def test_a_probability_lies_between_0_and_1(self, probability: Fraction) -> None:
        with pytest.raises(ValueError, match="between 0 and 1"):
            weighted_value(100, "open", probability)

    @pytest.mark.parametrize(
        ("open_value", "quota", "closed", "coverage"),
        [
            (1800, 1000, 400, Fraction(3)),
            (0, 1000, 400, Fraction(0)),
            (3, 1, 0, Fraction(3)),
            (1800, 1000, 1000, "met"),
            (1800, 1000, 1300, "met"),
            (1800, 0, 0, None),
            (1800, None, 400, None),
        ],
    )
    def test_coverage_of_what_is_still_missing(
        self, open_value: int, quota: int | None, closed: int, coverage: Fraction | Literal["met"] | None
    ) -> None:
        assert pipeline_coverage(open_value, quota, closed) == coverage


class TestTime:
    @pytest.mark.parametrize(
        ("on", "days"), [(date(2026, 3, 31), 30), (date(2026, 3, 1), 0), (date(2026, 2, 28), 0)]
    )
    def test_age_counts_from_creation(self, on: date, days: int) -> None:
        assert deal_age(date(2026, 3, 1), on) == days

    @pytest.mark.parametrize(("stage", "days"), [(7, 6), (8, 5), (9, 0)])
    def test_days_in_a_stage_add_all_visits(self, stage: int, days: int) -> None:
        visits = [(7, date(2026, 3, 1)), (8, date(2026, 3, 5)), (7, date(2026, 3, 10))]
        assert days_in_stage(visits, stage, date(2026, 3, 12)) == days

    def test_days_in_a_stage_on_an_earlier_day_leave_later_visits_out(self) -> None:
        visits = [(7, date(2026, 3, 1)), (8, date(2026, 3, 5)), (7, date(2026, 3, 10))]
        assert days_in_stage(visits, 7, date(2026, 3, 4)) == 3
        assert days_in_stage([], 7, date(2026, 3, 4)) == 0

    @pytest.mark.parametrize(
        ("kind", "today", "overdue"),
        [
            ("open", date(2026, 3, 31), False),
            ("open", date(2026, 4, 1), True),
            ("won", date(2026, 4, 1), False),
            ("lost", date(2026, 4, 1), False),
        ],
    )
    def test_an_open_deal_is_overdue_the_day_after_its_close_date(
        self, kind: str, today: date, overdue: bool
    ) -> None:
        assert is_overdue(kind, date(2026, 3, 31), today) is overdue

    @pytest.mark.parametrize(
        ("old", "new", "push"),
        [
            (date(2026, 6, 15), date(2026, 7, 1), True),
            (date(2026, 6, 15), date(2026, 6, 30), False),
            (date(2026, 7, 1), date(2026, 6, 15), False),
            (date(2026, 7, 1), date(2026, 7, 2), False),
            (date(2026, 6, 30), date(2026, 12, 1), True),
        ],
    )
    def test_a_push_passes_the_first_day_of_a_later_period(self, old: date, new: date, push: bool) -> None:
        quarters = [date(2026, 4, 1), date(2026, 7, 1), date(2026, 10, 1)]
        assert is_push(old, new, quarters) is push
