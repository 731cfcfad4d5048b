"""Administrators hear of runs that failed, once for a job and a day."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from common.access import Reach
from common.models import Run
from common.transaction import work
from tests.cast import Cast
from workspace.models import Message
from workspace.selectors.sentences import sentence
from workspace.tasks import tell_of_failed_runs

NOW = datetime(2026, 5, 20, 9, 0, tzinfo=UTC)


def fail(job: str = "attainment", finished_at: datetime = NOW, state: str = "failed") -> Run:
    with work(by=None, why="a test", reach=Reach.everything()):
        return Run.objects.create(job=job, as_of=date(2026, 5, 19), state=state, finished_at=finished_at)


def told() -> list[tuple[str, str, str, str]]:
    with work(by=None, why="a test", reach=Reach.everything()):
        rows = Message.objects.order_by("id").select_related("person", "by")
        return [(row.person.name, sentence(row), row.url, row.delivery) for row in rows]


def test_a_failed_run_is_told_once_however_often_it_is_tried(cast: Cast) -> None:
    first = fail()
    tell_of_failed_runs()
    line = ("Ada Admin", "A run failed: attainment, May 19, 2026.", f"/quotas/runs/{first.pk}/", "mail")
    assert told() == [line]
    fail()
    tell_of_failed_runs()
    assert told() == [line]
    fail("forecast")
    tell_of_failed_runs()
    assert [row[1] for row in told()] == [line[1], "A run failed: forecast, May 19, 2026."]


def test_what_was_published_or_failed_long_ago_is_not_told(cast: Cast) -> None:
    fail(state="published")
    fail(finished_at=NOW - timedelta(days=2))
    tell_of_failed_runs()
    assert told() == []


def test_nobody_else_is_told(cast: Cast, browse: Any) -> None:
    fail()
    tell_of_failed_runs()
    assert "A run failed" not in browse(cast.executive).get("/inbox/").content.decode()
