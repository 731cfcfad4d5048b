"""The forecast night: what it freezes, how it scores, and what the page shows."""

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any

import pytest

from common.access import Reach
from common.errors import Conflict, Refused
from common.models import Run
from common.transaction import work
from forecasts import scoring
from forecasts.models import Score, SnapshotLine, Submission
from forecasts.services import due_days, run_nightly
from orders.services import LineInput, ShareInput, book
from quotas.services import run_nightly as attainment_night
from tests.cast import Cast
from tests.quotas.conftest import worker

WHOLE = 100_000_000
EARLY, LATE = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 6, 20, tzinfo=UTC)
AFTER_Q2 = datetime(2026, 7, 1, 12, tzinfo=UTC)


def as_worker(job: Any, **arguments: Any) -> Any:
    with worker():
        return job(**arguments)


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


def ordered(cast: Cast, acting: Any, amount: int, who: str = "rep", account: str = "Acorn") -> None:
    person = getattr(cast, who)
    with acting(cast.admin):
        book(
            by=cast.admin.pk,
            account_id=cast.accounts[account].pk,
            booked_on=date(2026, 5, 12),
            currency="USD",
            lines=[LineInput(cast.products["Server"].pk, 1, amount)],
            shares=[ShareInput(person.pk, WHOLE)],
            motion="new",
            owner_id=person.pk,
        )


def both_nights(*days: date) -> None:
    for day in days:
        as_worker(attainment_night, as_of=day)
        as_worker(run_nightly, as_of=day)


def row_of(client: Any, name: str, query: str = "") -> list[str]:
    """The cells of one row of the page, without their markup."""
    page = client.get(f"/forecasts/accuracy/{query}").content.decode()
    body = page[page.index("<tbody>") : page.index("</tbody>")]
    row = next(row for row in body.split("</tr>") if f">{name}<" in row)
    cells = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, flags=re.DOTALL)
    return [re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", cell))).strip() for cell in cells]


@pytest.fixture
def scored(cast: Cast, acting: Any, clock: Any) -> Run:
    """Called 500, then 100, of which 100 came; the peer called 50 and nothing came; scored the night after Q2."""
    called(cast, acting, cast.rep, 500_00, EARLY)
    called(cast, acting, cast.rep, 100_00, LATE)
    called(cast, acting, cast.peer, 50_00, EARLY, node=cast.territories["East 2"])
    called(cast, acting, cast.manager, 160_00, LATE, node=cast.territories["East Team"], is_team=True)
    ordered(cast, acting, 100_00)
    clock.move_to(AFTER_Q2)
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
    assert (team.absolute_error_minor, team.absolute_actual_minor, team.callers) == (50_00, 100_00, 2)


def test_the_errors_of_callers_reach_every_node_above(cast: Cast, acting: Any, scored: Run) -> None:
    top = score(cast, acting, node=cast.territories["Company"], person=None, horizon_days=30)
    assert (top.forecast_minor, top.absolute_error_minor, top.callers) == (None, 450_00, 2)


def test_the_page_shows_wape_and_bias_to_those_who_may_see(cast: Cast, browse: Any, scored: Run) -> None:
    page = browse(cast.manager).get("/forecasts/accuracy/?horizon=1").content.decode()
    assert "60.0%" in page
    assert "Rita Rep" in page
    assert "Rita Rep" not in browse(cast.peer).get("/forecasts/accuracy/?horizon=1").content.decode()


def test_what_somebody_sold_without_a_call_makes_no_call_better(
    cast: Cast, acting: Any, browse: Any, clock: Any
) -> None:
    called(cast, acting, cast.rep, 150_00, EARLY)
    called(cast, acting, cast.manager, 1000_00, EARLY, node=cast.territories["East Team"], is_team=True)
    ordered(cast, acting, 100_00)
    ordered(cast, acting, 900_00, who="peer", account="Beech")
    clock.move_to(AFTER_Q2)
    both_nights(date(2026, 6, 30))
    assert row_of(browse(cast.executive), "East Team")[1:4] == ["0.0%", "0.0%", "50.0%"]
    assert row_of(browse(cast.manager), "Rita Rep")[1:4] == ["50.0%", "50.0%", "—"]


def test_a_callers_negative_intake_counts_by_its_size(cast: Cast) -> None:
    known = scoring.Known(
        instants={1: LATE}, chains={1: [1, 3], 2: [2, 3]}, of_people={1: -100, 2: 300}, of_nodes={3: 200}
    )
    calls = [scoring.Call(person, person, False, "commit", 0, EARLY) for person in (1, 2)]
    team = scoring.outcomes(calls, known)[scoring.Key(None, 3, "commit", 1)]
    assert (team.actual_minor, team.absolute_error_minor, team.absolute_actual_minor) == (200, 400, 400)


def test_a_cell_says_how_old_its_call_was(cast: Cast, browse: Any, scored: Run) -> None:
    """The call of 30 April, 20:00 in New York, read at the start of 1 June."""
    assert row_of(browse(cast.rep), "Rita Rep", "?horizon=30")[-1] == (
        "$400 called $500 32 days earlier came $100"
    )


def test_the_page_says_how_old_it_is_and_when_the_next_run_comes(
    cast: Cast, browse: Any, scored: Run, clock: Any
) -> None:
    page = browse(cast.rep).get("/forecasts/accuracy/").content.decode()
    assert f"forecast run {scored.pk} of Jun 30, 2026 · next run Jul 2, 2026" in " ".join(page.split())
    assert "is-late" not in page
    as_worker(attainment_night, as_of=date(2026, 7, 1))
    assert "is-late" in browse(cast.rep).get("/forecasts/accuracy/").content.decode()


def test_before_the_first_score_only_who_calls_is_sent_to_call(cast: Cast, browse: Any) -> None:
    assert "Give a call" in browse(cast.rep).get("/forecasts/accuracy/").content.decode()
    page = browse(cast.executive).get("/forecasts/accuracy/").content.decode()
    assert "Nothing to score yet" in page
    assert "Give a call" not in page


def test_the_least_accurate_stand_first_and_the_rest_on_the_next_page(
    cast: Cast, browse: Any, scored: Run, monkeypatch: Any
) -> None:
    monkeypatch.setattr("forecasts.views.calls.PAGE_SIZE", 2)
    client = browse(cast.executive)
    pages = [
        client.get(f"/forecasts/accuracy/?horizon=1{after}").content.decode() for after in ("", "&after=2")
    ]
    names = [re.findall(r'<th scope="row">(?:<strong>)?([^<]+)', page) for page in pages]
    assert names == [["East Team", "Company"], ["East", "Rita Rep"]]
    assert "1 to 2 of 5" in pages[0]
    assert "?horizon=1&amp;after=4" in pages[1]
    assert client.get("/forecasts/accuracy/?after=5").status_code == 400


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
        lines = SnapshotLine.objects.order_by("plan_minor")
        assert list(lines.values_list("plan_minor", "category", "stage__name", "currency")) == [
            (10_000_001, "commit", "Negotiation", "USD"),
            (10_000_002, "commit", "Negotiation", "USD"),
            (10_000_003, "commit", "Negotiation", "USD"),
        ]
    with acting(cast.rep):
        assert SnapshotLine.objects.count() == 1


def test_a_snapshot_that_was_changed_is_found_the_night_after(cast: Cast, clock: Any, owner: Any) -> None:
    """By whom no trigger stops: nothing is scored until somebody has looked."""
    as_worker(run_nightly, as_of=date(2026, 5, 19))
    clock.move_to(datetime(2026, 5, 21, 12, tzinfo=UTC))
    run = as_worker(run_nightly, as_of=date(2026, 5, 20))
    assert [check[:4] for check in run.checks] == ["I-24"]
    clock.move_to(datetime(2026, 5, 22, 12, tzinfo=UTC))
    owner.execute("SET session_replication_role = replica")
    owner.execute("UPDATE forecasts_snapshotline SET plan_minor = plan_minor + 1 WHERE as_of = '2026-05-19'")
    with pytest.raises(Refused, match=r"I-24 does not hold: .* It is broken at: 2026-05-19\."):
        as_worker(run_nightly, as_of=date(2026, 5, 21))
    owner.execute("UPDATE forecasts_snapshotline SET plan_minor = plan_minor - 1 WHERE as_of = '2026-05-19'")
    assert as_worker(run_nightly, as_of=date(2026, 5, 21)).state == "published"


def test_after_an_outage_the_missed_days_are_not_invented(cast: Cast, acting: Any, clock: Any) -> None:
    clock.move_to(datetime(2026, 5, 17, 12, tzinfo=UTC))
    both_nights(date(2026, 5, 16))
    clock.move_to(datetime(2026, 5, 20, 12, tzinfo=UTC))
    for day in (17, 18, 19):
        as_worker(attainment_night, as_of=date(2026, 5, day))
    assert as_worker(due_days) == [date(2026, 5, day) for day in (17, 18, 19)]
    for day in as_worker(due_days):
        as_worker(run_nightly, as_of=day)
    with acting(cast.rep):
        kept = SnapshotLine.objects.order_by("as_of").values_list("as_of", "amount_minor")
        assert list(kept) == [(date(2026, 5, 16), 10_000_001), (date(2026, 5, 19), 10_000_001)]


def test_a_deal_without_a_rate_keeps_its_own_amount_alone(cast: Cast, owner: Any, acting: Any) -> None:
    owner.execute("SET session_replication_role = replica")
    owner.execute("UPDATE pipeline_opportunity SET currency = 'GBP' WHERE name = 'Acorn renewal'")
    as_worker(run_nightly, as_of=date(2026, 5, 19))
    with acting(cast.rep):
        line = SnapshotLine.objects.get()
        assert (line.amount_minor, line.currency, line.plan_minor) == (10_000_001, "GBP", None)


def test_days_are_due_as_far_as_attainment_is_published(cast: Cast) -> None:
    assert as_worker(due_days) == []
    as_worker(attainment_night, as_of=date(2026, 5, 18))
    assert as_worker(due_days) == [date(2026, 5, 18)]
    as_worker(run_nightly, as_of=date(2026, 5, 18))
    as_worker(attainment_night, as_of=date(2026, 5, 19))
    assert as_worker(due_days) == [date(2026, 5, 19)]


def test_a_night_by_hand_for_an_old_day_makes_no_others_due(cast: Cast, browse: Any) -> None:
    both_nights(date(2026, 5, 18), date(2026, 5, 19))
    as_worker(run_nightly, as_of=date(2026, 3, 31))
    assert as_worker(due_days) == []
    assert "of May 19, 2026" in browse(cast.rep).get("/forecasts/accuracy/").content.decode()


def test_after_a_failed_night_the_next_try_waits_ten_minutes(
    cast: Cast, monkeypatch: Any, clock: Any
) -> None:
    as_worker(attainment_night, as_of=date(2026, 5, 19))
    monkeypatch.setattr(scoring, "CONTENT", "SELECT 1 / 0")
    with pytest.raises(Exception, match="division by zero"):
        as_worker(run_nightly, as_of=date(2026, 5, 19))
    assert as_worker(due_days) == []
    clock.shift(timedelta(minutes=9))
    assert as_worker(due_days) == []
    clock.shift(timedelta(minutes=2))
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
