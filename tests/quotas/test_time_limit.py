"""A run that the time limit ends is tried three times more; then nobody begins it by itself, and it is told."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from celery.exceptions import TimeLimitExceeded
from django.utils import timezone

from common.errors import Refused
from common.models import Run
from quotas.selectors.runs import REFRESH
from quotas.services import due_days, refresh_dirty, start_nightly
from quotas.tasks import nightly_due
from salesops.celery import app
from tests.cast import Cast
from tests.conftest import Acting
from tests.quotas.conftest import Sell, everything, worker
from tests.workspace.test_failed_runs import told
from workspace.tasks import tell_of_failed_runs

MAY, YESTERDAY, MISSING = date(2026, 5, 12), date(2026, 5, 19), date(2026, 5, 20)
Night = Callable[..., Run]
ENDLESS = "The time limit ended it 4 times in a row. It is not begun again by itself."


def end(task: str, clock: Any, error: Exception | None = None) -> None:
    """The worker's main process ends a task, half an hour after it was begun."""
    clock.shift(timedelta(minutes=30))
    app.loader.import_default_modules()
    app.tasks[task].on_failure(error or TimeLimitExceeded(1800), "an id", (), {}, None)


def rows(job: str = "attainment") -> list[tuple[date, str]]:
    with everything():
        return list(Run.objects.filter(job=job).order_by("pk").values_list("as_of", "state"))


@pytest.fixture
def missing(cast: Cast, night: Night, clock: Any) -> None:
    """The night of 20 May is due, that before was published."""
    night()
    clock.move_to(datetime(2026, 5, 21, 9, 0, tzinfo=UTC))


@pytest.mark.usefixtures("missing")
class TestANight:
    def test_says_so_in_a_row_of_its_own_and_is_tried_again(
        self, cast: Cast, clock: Any, browse: Any
    ) -> None:
        end("quotas.nightly_due", clock)
        with everything():
            row = Run.objects.get(state="timed_out")
        assert (row.as_of, row.error) == (MISSING, "It was not done after 30 minutes, and was ended.")
        assert row.finished_at - row.started_at == timedelta(minutes=30)
        page = browse(cast.admin).get("/quotas/runs/").content.decode()
        assert '<span class="badge bad">timed out</span>' in page
        assert due_days() == [MISSING]
        with worker():
            nightly_due()
        assert rows() == [(YESTERDAY, "published"), (MISSING, "timed_out"), (MISSING, "published")]

    def test_is_given_up_after_the_fourth_time_until_somebody_asks(
        self, cast: Cast, clock: Any, acting: Acting
    ) -> None:
        for _time in range(3):
            end("quotas.nightly_due", clock)
            assert due_days() == [MISSING]
        tell_of_failed_runs()
        assert told() == []
        end("quotas.nightly_due", clock)
        with worker(), pytest.raises(Refused, match=ENDLESS):
            nightly_due()
        tell_of_failed_runs()
        assert [row[1] for row in told()] == ["A run failed: attainment, May 20, 2026."]
        clock.shift(timedelta(days=2))
        assert due_days() == []
        with acting(cast.admin):
            assert start_nightly(by=cast.admin.pk).as_of == MISSING
        end("quotas.nightly_due", clock)
        assert due_days()[0] == MISSING
        with worker():
            nightly_due()
        states = [state for _day, state in rows()]
        assert states == [
            "published",
            *["timed_out"] * 4,
            "failed",
            "published",
            "timed_out",
            *["published"] * 2,
        ]

    def test_another_failure_begins_anew(self, cast: Cast, clock: Any, owner: Any, sell: Sell) -> None:
        for _time in range(2):
            end("quotas.nightly_due", clock)
        with everything():
            now = timezone.now()
            Run.objects.create(
                job="attainment", as_of=MISSING, state="failed", started_at=now, finished_at=now
            )
        assert due_days() == [], "ten minutes later"
        clock.shift(timedelta(minutes=11))
        assert due_days() == [MISSING]
        for _time in range(3):
            end("quotas.nightly_due", clock)
        assert due_days() == [MISSING]

    def test_any_other_end_is_none_of_it(self, cast: Cast, clock: Any) -> None:
        end("quotas.nightly_due", clock, ValueError("no"))
        end("workspace.send_mail", clock)
        assert rows() == [(YESTERDAY, "published")]


def test_the_night_of_forecasts_too(cast: Cast, night: Night, clock: Any) -> None:
    night()
    end("forecasts.nightly_due", clock)
    assert rows("forecast") == [(YESTERDAY, "timed_out")]


def test_a_refresh_is_given_up_until_the_next_night(cast: Cast, night: Night, clock: Any, sell: Sell) -> None:
    night()
    sell("Acorn", 100_00, MAY)
    for _time in range(4):
        end("quotas.refresh_dirty", clock)
    with worker():
        with pytest.raises(Refused, match=ENDLESS):
            refresh_dirty()
        clock.shift(timedelta(minutes=5))
        assert refresh_dirty() is None
    assert [state for _day, state in rows(REFRESH)] == [*["timed_out"] * 4, "failed"]
    night()
    sell("Acorn", 50_00, MAY)
    with worker():
        run = refresh_dirty()
    assert run is not None
    assert run.state == "published"
