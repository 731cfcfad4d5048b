"""The last step: the night is asked for, watched, and says how it ended."""

from datetime import date
from typing import Any

import time_machine
from django.urls import reverse

from common.models import Run
from orders.services import OpeningInput, post_opening
from quotas.services import set_quota
from tests.cast import Cast
from tests.salesops.conftest import plain

URL = reverse("setup_night")


def behind(owner: Any, change: str) -> None:
    """Change a published run, which the product never does."""
    owner.execute("ALTER TABLE common_run DISABLE TRIGGER USER")
    owner.execute(f"UPDATE common_run SET {change}")
    owner.execute("ALTER TABLE common_run ENABLE TRIGGER USER")


def test_it_is_asked_for_and_watched(cast: Cast, browse: Any, acting: Any, night: Any) -> None:
    client = browse(cast.admin)
    assert "Run the first night now" in plain(client.get(URL))
    answer = client.post(URL)
    with acting(cast.admin):
        run = Run.objects.get()
    assert (run.state, run.as_of.isoformat(), run.asked_by_id) == ("asked", "2026-05-19", cast.admin.pk)
    assert answer["Location"] == f"{URL}?run={run.pk}"
    waiting = client.get(answer["Location"])
    assert "Waiting to begin" in plain(waiting)
    assert f"{reverse('run_progress')}?run={run.pk}" in waiting.content.decode()
    night()
    text = plain(client.get(answer["Location"]))
    assert "The figures of May 19, 2026 are published" in text
    assert reverse("team_attainment") in client.get(URL).content.decode()


def test_asked_twice_it_runs_once(cast: Cast, browse: Any, acting: Any) -> None:
    client = browse(cast.admin)
    client.post(URL)
    second = client.post(URL)
    assert second["Location"] == URL
    text = plain(client.get(URL))
    assert "A run is waiting to begin already." in text
    assert "Waiting to begin" in text
    with acting(cast.admin):
        assert Run.objects.count() == 1


def test_a_failed_run_says_why(cast: Cast, browse: Any, acting: Any) -> None:
    with acting(cast.admin):
        Run.objects.create(
            job="attainment", as_of="2026-05-19", state="failed", error="The ledger is broken."
        )
    text = plain(browse(cast.admin).get(URL))
    assert "The run failed; nothing was published" in text
    assert "The ledger is broken." in text
    assert "Run it again" in text


def test_a_published_night_says_what_it_found(
    cast: Cast, browse: Any, acting: Any, owner: Any, night: Any
) -> None:
    with acting(cast.admin):
        facts: Any = {"by": cast.admin.pk, "period_id": cast.q2.pk}
        set_quota(**facts, person_id=cast.rep.pk, amount_minor=900_00)
        set_quota(**facts, person_id=cast.peer.pk, amount_minor=100_00)
        set_quota(by=cast.admin.pk, period_id=cast.q1.pk, person_id=cast.rep.pk, amount_minor=500_00)
        post_opening(
            by=None,
            entries=[
                OpeningInput(
                    cast.rep.pk, cast.families["Hardware"].pk, date(2026, month, 4), "USD", 70_00, "books"
                )
                for month in (2, 5)
            ],
        )
    client = browse(cast.admin)
    assert "What it found" not in plain(client.get(URL))
    night()
    behind(owner, "started_at = now()")  # by the clock that quotas are recorded by
    shown = plain(client.get(URL)).partition("What it found ")[2].partition(" Run it again")[0]
    assert shown == (
        "Compare it with what you know before you invite people. "
        "2026-Q2 quota $1,000.00, order intake $70.00 2026 quota $1,500.00, order intake $140.00 "
        "People with a seat 7 Territories with nobody on their seat 1"
    )


def test_outside_the_calendar_it_says_no_figures(cast: Cast, browse: Any, owner: Any, night: Any) -> None:
    night()
    behind(owner, f"asked_by_id = {cast.admin.pk}")
    with time_machine.travel("2036-05-20T09:30:00Z", tick=False):
        answer = browse(cast.admin).get(URL)
    assert answer.status_code == 200
    assert "are published since" in plain(answer)
    assert "What it found" not in plain(answer)
