"""What a stage asks, the category kept by hand, the days in a stage, and how far the pipeline reaches."""

from datetime import date
from fractions import Fraction
from typing import Literal

import pytest

from pipeline.rules.coverage import pipeline_coverage
from pipeline.rules.stages import Asks, category_after_stage_change, days_in_stage, stage_asks


class TestStage:
    @pytest.mark.parametrize(
        ("left", "entered", "asks"),
        [
            (None, "open", Asks.NOTHING),
            (None, "lost", Asks.BOOKING),
            (None, "won", Asks.BOOKING),
            ("open", "open", Asks.NOTHING),
            ("open", "lost", Asks.REASON),
            ("open", "won", Asks.BOOKING),
            ("lost", "open", Asks.NOTHING),
            ("lost", "lost", Asks.REOPENING),
            ("lost", "won", Asks.REOPENING),
            ("won", "open", Asks.CANCELLATION),
            ("won", "lost", Asks.CANCELLATION),
            ("won", "won", Asks.CANCELLATION),
        ],
    )
    def test_what_it_asks_of_who_enters_it(self, left: str | None, entered: str, asks: Asks) -> None:
        assert stage_asks(entered, left) is asks


class TestCategory:
    def test_a_stage_change_keeps_what_a_person_chose(self) -> None:
        chosen = category_after_stage_change("pipeline", closes=False, by_hand="commit")
        assert chosen == ("commit", True)

    def test_otherwise_it_follows_the_stage(self) -> None:
        assert category_after_stage_change("best_case", closes=False) == ("best_case", False)

    @pytest.mark.parametrize("default", ["omitted", "closed"])
    def test_a_closed_deal_follows_its_stage_whoever_chose_before(self, default: str) -> None:
        assert category_after_stage_change(default, closes=True, by_hand="commit") == (default, False)


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
            (1800, -1, -5, None),
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
