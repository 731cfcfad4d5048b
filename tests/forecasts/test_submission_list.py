"""Giving a call: who for what, what stands beside it, and that every version is kept."""

from datetime import UTC, datetime
from typing import Any

import pytest

from common.errors import Conflict, Forbidden, Refused
from forecasts.models import Submission
from forecasts.services import submit
from tests.cast import Cast


def call(cast: Cast, by: Any, amount: int = 100_00, **more: Any) -> Submission:
    return submit(by=by.pk, period_id=cast.q2.pk, amount_minor=amount, **more)


def test_a_rep_calls_for_themselves_and_every_call_is_kept(cast: Cast, browse: Any, acting: Any) -> None:
    client = browse(cast.rep)
    for amount in ("150,000.00", "120,000.00"):
        form = {
            "period_id": cast.q2.pk,
            "scope": "own",
            "category": "commit",
            "amount_minor": amount,
            "note": "",
        }
        assert client.post("/forecasts/", form).status_code == 302
    page = client.get("/forecasts/").content.decode()
    assert "$150,000.00" in page
    assert "$120,000.00" in page
    with acting(cast.rep):
        assert list(Submission.objects.values_list("amount_minor", flat=True)) == [12_000_000, 15_000_000]


def test_what_stands_behind_the_call_is_shown(cast: Cast, browse: Any) -> None:
    page = browse(cast.rep).get("/forecasts/").content.decode()
    assert "$100,000.01" in page


def test_a_manager_calls_for_the_team_they_lead_and_no_other(cast: Cast, acting: Any) -> None:
    with acting(cast.manager):
        team = call(cast, cast.manager, node_id=cast.territories["East Team"].pk, is_team=True)
        assert (team.is_team, team.node.name) == (True, "East Team")
        with pytest.raises(Forbidden):
            call(cast, cast.manager, node_id=cast.territories["West Team"].pk, is_team=True)


def test_nobody_calls_for_somebody_else(cast: Cast, acting: Any) -> None:
    with acting(cast.manager), pytest.raises(Forbidden):
        call(cast, cast.rep)


def test_a_rep_leads_no_team_to_call_for(cast: Cast, acting: Any) -> None:
    with acting(cast.rep), pytest.raises(Forbidden):
        call(cast, cast.rep, node_id=cast.territories["East 1"].pk, is_team=True)


def test_a_quarter_that_ended_takes_no_call(cast: Cast, acting: Any) -> None:
    with acting(cast.rep), pytest.raises(Conflict, match="2026-Q1 has ended"):
        submit(by=cast.rep.pk, period_id=cast.q1.pk, amount_minor=1)


def test_a_call_below_zero_is_refused(cast: Cast, acting: Any) -> None:
    with acting(cast.rep), pytest.raises(Refused, match="zero or more"):
        call(cast, cast.rep, -1)


def test_a_call_of_another_locale_is_refused_in_place(cast: Cast, browse: Any) -> None:
    form = {
        "period_id": cast.q2.pk,
        "scope": "own",
        "category": "commit",
        "amount_minor": "150.000,00",
        "note": "",
    }
    answer = browse(cast.rep).post("/forecasts/", form)
    assert answer.status_code == 422
    assert "150.000,00" in answer.content.decode()


def test_the_first_call_after_the_due_time_is_late_and_a_revision_is_not(
    cast: Cast, acting: Any, clock: Any
) -> None:
    with acting(cast.rep):
        assert call(cast, cast.rep).is_late
    clock.move_to(datetime(2026, 5, 22, 9, tzinfo=UTC))
    with acting(cast.rep):
        call(cast, cast.rep)
    clock.move_to(datetime(2026, 5, 26, 9, tzinfo=UTC))
    with acting(cast.rep):
        assert not call(cast, cast.rep).is_late


def test_a_manager_reads_the_calls_of_their_people_and_a_peer_does_not(cast: Cast, acting: Any) -> None:
    with acting(cast.rep):
        call(cast, cast.rep)
    counts = {}
    for key in ("rep", "peer", "manager", "director", "other_manager", "coordinator", "executive"):
        with acting(getattr(cast, key)):
            counts[key] = Submission.objects.count()
    assert counts == {
        "rep": 1,
        "peer": 0,
        "manager": 1,
        "director": 1,
        "other_manager": 0,
        "coordinator": 0,
        "executive": 1,
    }


def test_a_call_is_never_changed(cast: Cast, acting: Any) -> None:
    with acting(cast.rep):
        call(cast, cast.rep)
    with pytest.raises(Exception, match="permission denied"), acting(cast.rep):
        Submission.objects.update(amount_minor=1)
