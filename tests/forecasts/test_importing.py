"""Calls from a file: for which node they stand, and which are refused."""

from datetime import date
from typing import Any

import pytest

from common.errors import Forbidden
from common.importing import Outcome, Row
from forecasts.models import Submission
from forecasts.services import apply_import
from tests.cast import Cast


def bring(cast: Cast, **changes: Any) -> Outcome:
    values = {
        "person": "manager@example.com",
        "on": date(2026, 6, 30),
        "submitted_on": date(2026, 5, 12),
        "category": "commit",
        "amount": 900_00,
        "is_team": True,
    }
    return apply_import(
        by=cast.admin.pk, entity="submission", rows=[Row("calls.csv", 2, {**values, **changes})]
    )


def test_a_team_call_stands_for_the_team_that_its_person_led(cast: Cast, acting: Any) -> None:
    """Also of a lead who owns a territory of their own: that one is not their team."""
    with acting(cast.admin):
        own = cast.territories["Company"]
        cast.manager.seats.create(territory=own, kind="owner", starts_on=date(2026, 1, 1))
        assert bring(cast).created == 1
        call = Submission.objects.get()
        assert (call.node.name, call.is_team, call.period.code) == ("East Team", True, "2026-Q2")


def test_who_led_no_team_gives_no_call_for_one(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        (reject,) = bring(cast, person="rep@example.com").rejects
        assert reject.problem == "They led no team on that day."
        assert Submission.objects.count() == 0


def test_a_call_below_zero_is_rejected(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        (reject,) = bring(cast, amount=-1).rejects
        assert (reject.column, reject.problem, reject.remedy) == (
            "amount",
            "It is below zero.",
            "A call is zero or more.",
        )


def test_a_call_for_no_quarter_is_rejected(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        (reject,) = bring(cast, on=date(2040, 6, 30)).rejects
        assert (reject.column, reject.problem) == ("on", "No fiscal year holds this day.")


def test_a_call_that_is_kept_stays_as_it_was_said(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        assert [bring(cast).created, bring(cast).unchanged] == [1, 1]
        (reject,) = bring(cast, amount=800_00).rejects
        assert (reject.column, reject.problem) == ("amount", "This call is kept with another amount.")


@pytest.mark.parametrize("who", ["rep", "manager", "director", "coordinator", "executive"])
def test_only_an_administrator_brings_calls_in(cast: Cast, acting: Any, who: str) -> None:
    with acting(getattr(cast, who)), pytest.raises(Forbidden):
        bring(cast)
