"""The score of a deal: the figures of docs/domain.md."""

from datetime import date

import pytest

from pipeline.rules.hygiene import TAKES, Check, is_past_close, near, points

LACKS = dict.fromkeys((Check.NEXT_STEP, Check.NEXT_STEP_DAY, Check.DECIDER), 1)


def test_what_is_missing_is_taken_from_a_hundred() -> None:
    assert points(LACKS, 1) == 70
    assert points({**LACKS, Check.CLOSE_PLAN: 1}, 1) == 60
    assert points({**LACKS, Check.CLOSE_PLAN: 1}, 2) == 80


def test_the_checks_take_all_of_it_together() -> None:
    assert set(TAKES) == set(Check)
    assert points(dict.fromkeys(Check, 3), 3) == 0


def test_without_a_deal_it_is_undefined() -> None:
    assert points({}, 0) is None


@pytest.mark.parametrize(
    ("category", "stages"),
    [
        ("omitted", ["omitted", "pipeline"]),
        ("best_case", ["pipeline", "best_case", "most_likely"]),
        ("commit", ["most_likely", "commit"]),
    ],
)
def test_a_category_fits_at_most_one_step_away(category: str, stages: list[str]) -> None:
    assert near(category) == stages


@pytest.mark.parametrize(
    ("step_on", "close_on", "is_past"),
    [
        (date(2026, 6, 2), date(2026, 5, 30), True),
        (date(2026, 5, 30), date(2026, 5, 30), False),
        (date(2026, 6, 2), date(2026, 5, 20), True),
        (date(2026, 6, 2), date(2026, 5, 19), False),
        (None, date(2026, 5, 30), False),
    ],
)
def test_a_next_step_lies_past_a_closing_that_is_still_ahead(
    step_on: date | None, close_on: date, *, is_past: bool
) -> None:
    assert is_past_close(step_on, close_on, date(2026, 5, 20)) is is_past
