"""Giving a call: who for what, what stands beside it, and that every version is kept."""

import re
from datetime import UTC, date, datetime
from html import unescape
from typing import Any

import pytest
from django.db import IntegrityError

from common.errors import Conflict, Forbidden, Refused
from forecasts.models import Submission
from forecasts.services import submit
from orders.services import LineInput, ShareInput, book
from quotas.services import run_nightly, set_quota
from tests.cast import Cast
from tests.quotas.conftest import worker


def words(answer: Any) -> str:
    """What a page says, without its markup."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())))


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


def test_the_page_says_how_old_its_figures_are(cast: Cast, browse: Any) -> None:
    assert "No run yet · next run May 21, 2026, 4:00 AM UTC" in words(browse(cast.rep).get("/forecasts/"))
    with worker():
        run = run_nightly(as_of=date(2026, 5, 19))
    page = words(browse(cast.rep).get("/forecasts/"))
    assert f"attainment run {run.pk} of May 19, 2026 · next run May 21, 2026, 4:00 AM UTC" in page


def test_after_the_last_fiscal_year_the_page_says_who_can_help(cast: Cast, browse: Any, clock: Any) -> None:
    clock.move_to(datetime(2036, 1, 2, 12, tzinfo=UTC))
    answer = browse(cast.rep).get("/forecasts/")
    assert answer.status_code == 409
    assert "No fiscal year covers today. An administrator adds one" in words(answer)


@pytest.mark.parametrize(
    ("query", "status"),
    [("period=2027-Q1", 200), ("period=2026-Q1", 400), ("period=2026", 400), ("period=2026-05", 400)],
)
def test_a_call_is_for_the_running_quarter_or_one_of_the_next_three(
    cast: Cast, browse: Any, query: str, status: int
) -> None:
    assert browse(cast.rep).get(f"/forecasts/?{query}").status_code == status


def test_who_leads_sees_what_stands_behind_the_call_of_their_team(
    cast: Cast, browse: Any, acting: Any
) -> None:
    team = cast.territories["East Team"].pk
    with acting(cast.admin):
        wanted = {"period_id": cast.q2.pk, "amount_minor": 250_000_00, "person_id": None}
        set_quota(by=cast.admin.pk, territory_id=team, **wanted)
        shares = [ShareInput(cast.rep.pk, 100_000_000)]
        book(
            by=cast.admin.pk,
            account_id=cast.accounts["Acorn"].pk,
            booked_on=date(2026, 5, 12),
            currency="USD",
            lines=[LineInput(cast.products["Server"].pk, 1, 40_000_00)],
            shares=shares,
            motion="new",
            owner_id=cast.rep.pk,
        )
    with worker():
        run_nightly(as_of=date(2026, 5, 19))
    page = words(browse(cast.manager).get("/forecasts/"))
    assert "What do I call for East Team in 2026-Q2" in page
    assert "Quota $250,000 Order intake $40,000 as known now Gap $210,000" in page
    assert "Commit, with what is closed $240,000" in page
    own = words(browse(cast.manager).get("/forecasts/?for=own"))
    assert "Quota — Order intake $0 as known now Gap — Commit, with what is closed $0" in own
    foreign = cast.territories["West Team"].pk
    assert browse(cast.manager).get(f"/forecasts/?for={foreign}").status_code == 400


def test_a_manager_calls_for_the_team_they_lead_and_no_other(cast: Cast, acting: Any) -> None:
    with acting(cast.manager):
        team = call(cast, cast.manager, node_id=cast.territories["East Team"].pk)
        assert (team.is_team, team.node.name) == (True, "East Team")
        with pytest.raises(Forbidden):
            call(cast, cast.manager, node_id=cast.territories["West Team"].pk)


def test_the_call_of_a_team_is_its_leads_alone(cast: Cast, acting: Any, browse: Any) -> None:
    with acting(cast.director), pytest.raises(Forbidden):
        call(cast, cast.director, node_id=cast.territories["East Team"].pk)
    page = browse(cast.director).get("/forecasts/").content.decode()
    assert re.findall(r"<option[^>]*>([^<]*East[^<]*)</option>", page) == ["East"]


def test_a_lead_of_yesterday_calls_for_no_team(cast: Cast, acting: Any, owner: Any) -> None:
    owner.execute("SET session_replication_role = replica")
    owner.execute("UPDATE territories_seat SET stops_on = '2026-05-20' WHERE kind = 'lead'")
    with acting(cast.manager), pytest.raises(Forbidden):
        call(cast, cast.manager, node_id=cast.territories["East Team"].pk)


def test_nobody_calls_for_somebody_else(cast: Cast, acting: Any) -> None:
    with acting(cast.manager), pytest.raises(Forbidden):
        call(cast, cast.rep)


def test_a_rep_leads_no_team_to_call_for(cast: Cast, acting: Any) -> None:
    with acting(cast.rep), pytest.raises(Forbidden):
        call(cast, cast.rep, node_id=cast.territories["East 1"].pk)


def test_a_quarter_that_ended_takes_no_call(cast: Cast, acting: Any) -> None:
    with acting(cast.rep), pytest.raises(Conflict, match="2026-Q1 has ended"):
        submit(by=cast.rep.pk, period_id=cast.q1.pk, amount_minor=1)


def test_a_call_below_zero_is_refused(cast: Cast, acting: Any) -> None:
    with acting(cast.rep), pytest.raises(Refused, match="zero or more"):
        call(cast, cast.rep, -1)


def test_the_database_keeps_no_call_below_zero(cast: Cast, acting: Any) -> None:
    with acting(cast.admin), pytest.raises(IntegrityError, match="submission_not_negative"):
        Submission.objects.create(
            person=cast.rep,
            node=cast.territories["East 1"],
            is_team=False,
            period=cast.q2,
            amount_minor=-1,
        )


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
