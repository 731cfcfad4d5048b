"""The forecast night: what it freezes, how it scores, and what the page shows."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection

from common.access import Reach
from common.errors import Conflict
from common.models import Run
from common.transaction import work
from forecasts import scoring
from forecasts.models import Score, SnapshotLine, Submission
from forecasts.services import due_days, run_nightly
from orders.services import LineInput, ShareInput, book
from quotas.services import run_nightly as attainment_night
from tests.cast import Cast

WHOLE = 100_000_000


def as_worker(job: Any, **arguments: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE salesops_worker")
        try:
            return job(**arguments)
        finally:
            cursor.execute("SET ROLE salesops_web")


def called(cast: Cast, acting: Any, person: Any, amount: int, at: datetime, **more: Any) -> None:
    with acting(cast.admin):
        Submission.objects.create(
            person=person,
            node=more.pop("node", cast.territories["East 1"]),
            is_team=more.pop("is_team", False),
            period=cast.q2,
            amount_minor=amount,
            submitted_at=at,
        )


def ordered(cast: Cast, acting: Any, amount: int) -> None:
    with acting(cast.admin):
        book(
            by=cast.admin.pk,
            account_id=cast.accounts["Acorn"].pk,
            booked_on=date(2026, 5, 12),
            currency="USD",
            lines=[LineInput(cast.products["Server"].pk, 1, amount)],
            shares=[ShareInput(cast.rep.pk, WHOLE)],
            motion="new",
            owner_id=cast.rep.pk,
        )


@pytest.fixture
def scored(cast: Cast, acting: Any, clock: Any) -> Run:
    """Called 500, then 100, of which 100 came; the peer called 50 and nothing came; scored the night after Q2."""
    early, late = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 6, 20, tzinfo=UTC)
    called(cast, acting, cast.rep, 500_00, early)
    called(cast, acting, cast.rep, 100_00, late)
    called(cast, acting, cast.peer, 50_00, early, node=cast.territories["East 2"])
    called(cast, acting, cast.manager, 160_00, late, node=cast.territories["East Team"], is_team=True)
    ordered(cast, acting, 100_00)
    clock.move_to(datetime(2026, 7, 1, 12, tzinfo=UTC))
    as_worker(attainment_night, as_of=date(2026, 6, 30))
    run: Run = as_worker(run_nightly, as_of=date(2026, 6, 30))
    return run


def score(cast: Cast, acting: Any, **which: Any) -> Score:
    with acting(cast.admin):
        found: Score = Score.objects.get(period=cast.q2, category="commit", **which)
        return found


def test_the_call_at_the_horizon_counts_and_not_a_mean_of_calls(cast: Cast, acting: Any, scored: Run) -> None:
    last = score(cast, acting, person=cast.rep, horizon_days=1)
    early = score(cast, acting, person=cast.rep, horizon_days=30)
    assert (last.forecast_minor, last.actual_minor, last.error_minor) == (100_00, 100_00, 0)
    assert (early.forecast_minor, early.error_minor) == (500_00, 400_00)


def test_a_horizon_before_the_first_call_is_missing_and_not_zero(
    cast: Cast, acting: Any, scored: Run
) -> None:
    missing = score(cast, acting, person=cast.rep, horizon_days=90)
    assert (missing.forecast_minor, missing.error_minor) == (None, None)


def test_a_team_keeps_its_call_apart_from_the_errors_of_its_callers(
    cast: Cast, acting: Any, scored: Run
) -> None:
    team = score(cast, acting, node=cast.territories["East Team"], person=None, horizon_days=1)
    assert (team.forecast_minor, team.actual_minor, team.error_minor) == (160_00, 100_00, 60_00)
    assert (team.absolute_error_minor, team.callers) == (50_00, 2)


def test_the_errors_of_callers_reach_every_node_above(cast: Cast, acting: Any, scored: Run) -> None:
    top = score(cast, acting, node=cast.territories["Company"], person=None, horizon_days=30)
    assert (top.forecast_minor, top.absolute_error_minor, top.callers) == (None, 450_00, 2)


def test_the_page_shows_wape_and_bias_to_those_who_may_see(cast: Cast, browse: Any, scored: Run) -> None:
    page = browse(cast.manager).get("/forecasts/accuracy/?horizon=1").content.decode()
    assert "60.0%" in page
    assert "Rita Rep" in page
    assert "Rita Rep" not in browse(cast.peer).get("/forecasts/accuracy/?horizon=1").content.decode()


def test_an_unknown_horizon_is_refused(cast: Cast, browse: Any) -> None:
    assert browse(cast.rep).get("/forecasts/accuracy/?horizon=5").status_code == 400


def test_the_same_night_twice_changes_nothing(cast: Cast, scored: Run) -> None:
    again = as_worker(run_nightly, as_of=date(2026, 6, 30))
    assert (again.output_hash, again.changed_rows) == (scored.output_hash, 0)


def test_a_late_order_is_scored_the_next_night(cast: Cast, acting: Any, scored: Run) -> None:
    ordered(cast, acting, 20_00)
    as_worker(attainment_night, as_of=date(2026, 7, 1))
    as_worker(run_nightly, as_of=date(2026, 7, 1))
    last = score(cast, acting, person=cast.rep, horizon_days=1)
    assert (last.actual_minor, last.error_minor) == (120_00, -20_00)


def test_the_night_freezes_the_open_pipeline_once(cast: Cast, acting: Any) -> None:
    as_worker(run_nightly, as_of=date(2026, 5, 19))
    as_worker(run_nightly, as_of=date(2026, 5, 19))
    with acting(cast.admin):
        lines = SnapshotLine.objects.order_by("plan_minor").values_list("plan_minor", "category")
        assert list(lines) == [(10_000_001, "commit"), (10_000_002, "commit"), (10_000_003, "commit")]
    with acting(cast.rep):
        assert SnapshotLine.objects.count() == 1


def test_an_older_day_is_never_invented_afterwards(cast: Cast, acting: Any) -> None:
    as_worker(run_nightly, as_of=date(2026, 5, 19))
    as_worker(run_nightly, as_of=date(2026, 5, 18))
    with acting(cast.admin):
        assert set(SnapshotLine.objects.values_list("as_of", flat=True)) == {date(2026, 5, 19)}


def test_a_deal_without_a_rate_is_frozen_without_an_amount(cast: Cast, owner: Any, acting: Any) -> None:
    owner.execute("SET session_replication_role = replica")
    owner.execute("UPDATE pipeline_opportunity SET currency = 'GBP' WHERE name = 'Acorn renewal'")
    as_worker(run_nightly, as_of=date(2026, 5, 19))
    with acting(cast.rep):
        assert SnapshotLine.objects.get().plan_minor is None


def test_days_are_due_as_far_as_attainment_is_published(cast: Cast) -> None:
    assert as_worker(due_days) == []
    as_worker(attainment_night, as_of=date(2026, 5, 18))
    assert as_worker(due_days) == [date(2026, 5, 18)]
    as_worker(run_nightly, as_of=date(2026, 5, 18))
    as_worker(attainment_night, as_of=date(2026, 5, 19))
    assert as_worker(due_days) == [date(2026, 5, 19)]


def test_a_failed_night_is_recorded_and_leaves_the_last_scores(
    cast: Cast, scored: Run, monkeypatch: Any, acting: Any
) -> None:
    monkeypatch.setattr(scoring, "CONTENT", "SELECT 1 / 0")
    with pytest.raises(Exception, match="division by zero"):
        as_worker(run_nightly, as_of=date(2026, 7, 1))
    with work(by=None, why="a test", reach=Reach.everything()):
        failed = Run.objects.get(job="forecast", state="failed")
        assert "division by zero" in failed.error
        assert Score.objects.filter(person=cast.rep).count() == 6


def test_a_running_night_is_not_disturbed(cast: Cast, owner: Any) -> None:
    owner.connection.autocommit = False
    owner.execute("LOCK TABLE common_rungate IN EXCLUSIVE MODE")
    with pytest.raises(Conflict):
        as_worker(run_nightly, as_of=date(2026, 5, 19))
    owner.connection.rollback()
