"""Moves between stages, the category kept by hand, the days in a stage, and how far the pipeline reaches."""

from datetime import date
from fractions import Fraction
from typing import Literal

import pytest

from pipeline.rules import (
    Move,
    category_after_stage_change,
    days_in_stage,
    pipeline_coverage,
    stage_move,
)


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


class TestCoverage:
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
    @pytest.mark.parametrize(("stage", "days"), [(7, 6), (8, 5), (9, 0)])
    def test_days_in_a_stage_add_all_visits(self, stage: int, days: int) -> None:
        visits = [(7, date(2026, 3, 1)), (8, date(2026, 3, 5)), (7, date(2026, 3, 10))]
        assert days_in_stage(visits, stage, date(2026, 3, 12)) == days

    def test_days_in_a_stage_on_an_earlier_day_leave_later_visits_out(self) -> None:
        visits = [(7, date(2026, 3, 1)), (8, date(2026, 3, 5)), (7, date(2026, 3, 10))]
        assert days_in_stage(visits, 7, date(2026, 3, 4)) == 3
        assert days_in_stage([], 7, date(2026, 3, 4)) == 0
