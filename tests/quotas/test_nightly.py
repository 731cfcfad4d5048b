"""The night: every fiscal day once and in order, one run at a time, and exact figures whatever kills it."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.management import CommandError, call_command

from common.errors import Conflict, Forbidden, Refused
from common.models import Run
from orders.models import DirtyCell
from quotas.models import NodeCell, Publication
from quotas.selectors.runs import PROGRESS, freshness, is_ready, watched
from quotas.services import due_days, start_nightly
from quotas.tasks import nightly_due, refresh_dirty
from tests.cast import Cast
from tests.conftest import Acting
from tests.databases import connect
from tests.quotas.conftest import Sell, everything, node_intake, worker

MAY = date(2026, 5, 12)
YESTERDAY = date(2026, 5, 19)
Night = Callable[..., Run]
Refresh = Callable[[], Run | None]

MANY = """
INSERT INTO orders_bookingevent (kind, booked_on, amount_minor, reason, source)
SELECT 'opening', '2026-05-04', 1000 * %(count)s, '', 'many' RETURNING id
"""
CREDITS = """
INSERT INTO orders_credit (event_id, kind, measure, motion, is_new_business, family_id, person_id, seat_id,
    territory_id, booked_on, currency, amount_minor, booked_minor, plan_minor, source)
SELECT %(event)s, 'opening', 'order_intake', 'new', false, %(family)s, %(person)s, %(seat)s, %(seat)s,
    '2025-01-01'::date + n %% 500, 'USD', 1000, 1000, 1000, 'many'
FROM generate_series(1, %(count)s) n
"""


@pytest.fixture
def gate(db: str) -> Iterator[Any]:
    """Another session that holds the gate, as a job does from its first statement to its commit."""
    connection = connect(db)
    connection.autocommit = False
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE common_rungate IN EXCLUSIVE MODE")
    yield connection
    connection.close()


def command(db: str, *arguments: str) -> subprocess.Popen[bytes]:
    """The night in a process of its own, as the worker."""
    address = settings.DATABASE_URL.rsplit("/", 1)[0] + f"/{db}"
    environment = {**os.environ, "DATABASE_URL": address, "DATABASE_ROLE": "worker"}
    return subprocess.Popen(
        [sys.executable, "manage.py", "nightly", *arguments],
        cwd=settings.BASE_DIR,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def holds_the_gate(owner: Any) -> bool:
    owner.execute(
        "SELECT 1 FROM pg_locks l JOIN pg_database d ON d.oid = l.database AND d.datname = current_database() "
        "WHERE l.relation = 'common_rungate'::regclass AND l.mode = 'ExclusiveLock' AND l.granted"
    )
    return owner.fetchone() is not None


class TestKilled:
    @pytest.mark.slow
    def test_minus_9_in_the_middle_leaves_exact_figures(
        self, cast: Cast, sell: Sell, night: Night, owner: Any, db: str
    ) -> None:
        """Of the command, as tests/faults/test_worker_killed.py does it with the worker."""
        sell("Acorn", 100_00, MAY)
        night()
        count = 4_000
        owner.execute(MANY, {"count": count})
        places = {"event": owner.fetchone()[0], "count": count, "family": cast.families["Hardware"].pk}
        owner.execute(CREDITS, {**places, "person": cast.rep.pk, "seat": cast.territories["East 1"].pk})
        killed = sum(self._kill(owner, db) for _attempt in range(4))
        assert killed
        whole = 100_00 + 1000 * self._in_q2(owner)
        # A run that was quicker than the kill was published as a whole; nothing in between is ever seen.
        assert self._figure(cast) in (100_00, whole)
        process = command(db, "--as-of", "2026-05-20", "--full")
        assert process.wait(timeout=120) == 0
        assert self._figure(cast) == whole
        first = self._hash()
        assert night(date(2026, 5, 20), is_full=True).output_hash == first
        with everything():
            assert Publication.objects.get().run.changed_rows == 0

    def _kill(self, owner: Any, db: str) -> int:
        """Kill a run at a random moment after it took the gate; 0 where it was quicker than that."""
        process = command(db, "--as-of", "2026-05-20", "--full")
        while process.poll() is None and not holds_the_gate(owner):
            time.sleep(0.005)
        time.sleep(random.uniform(0, 0.15))
        was_running = process.poll() is None and holds_the_gate(owner)
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=30)
        while holds_the_gate(owner):
            time.sleep(0.01)
        return int(was_running)

    def _figure(self, cast: Cast) -> int:
        with everything():
            return node_intake(cast.territories["Company"].pk, cast.q2)

    def _in_q2(self, owner: Any) -> int:
        owner.execute(
            "SELECT count(*) FROM orders_credit WHERE source = 'many' "
            "AND booked_on >= '2026-04-01' AND booked_on < '2026-07-01'"
        )
        return int(owner.fetchone()[0])

    def _hash(self) -> str:
        with everything():
            return str(Publication.objects.get().run.output_hash)


class TestOneAtATime:
    def test_a_second_run_says_that_one_is_in_progress(self, cast: Cast, night: Night, gate: Any) -> None:
        with pytest.raises(Conflict) as busy:
            night()
        assert busy.value.code == "run_in_progress"
        with everything():
            assert not Run.objects.exists()
        gate.rollback()
        assert night().state == Run.State.PUBLISHED

    def test_a_refresh_leaves_the_queue_to_the_run_in_progress(
        self, cast: Cast, sell: Sell, night: Night, refresh: Refresh, db: str
    ) -> None:
        night()
        sell("Acorn", 100_00, MAY)
        other = connect(db)
        other.autocommit = False
        with other.cursor() as cursor:
            cursor.execute("LOCK TABLE common_rungate IN EXCLUSIVE MODE")
        assert refresh() is None
        with everything():
            assert DirtyCell.objects.count() == 1
        other.rollback()
        other.close()
        assert refresh() is not None

    def test_the_progress_of_a_run_is_seen_while_it_holds_the_gate(self, cast: Cast, gate: Any) -> None:
        cache.set(PROGRESS, {"day": "2026-05-19", "text": "Adding up", "done": 1, "total": 4})
        with everything():
            found = watched(None).progress
        assert found is not None
        assert (found.day, found.done, found.total) == ("2026-05-19", 1, 4)
        gate.rollback()
        with everything():
            assert watched(None).progress is None


class TestDueDays:
    def test_every_ended_day_once_and_in_order(self, cast: Cast, clock: Any, night: Night) -> None:
        """Fault F-12 of the table in docs/operations.md: three days without a clock."""
        assert due_days() == [YESTERDAY]
        night()
        assert due_days() == []
        clock.move_to(datetime(2026, 5, 23, 9, 0, tzinfo=UTC))
        with worker():
            nightly_due()
        with everything():
            runs = list(Run.objects.filter(job="attainment").order_by("pk").values_list("as_of", flat=True))
        assert runs == [YESTERDAY, date(2026, 5, 20), date(2026, 5, 21), date(2026, 5, 22)]
        assert due_days() == []

    def test_the_day_ends_at_the_organisations_midnight(self, cast: Cast, clock: Any, night: Night) -> None:
        night()
        clock.move_to(datetime(2026, 5, 21, 3, 59, tzinfo=UTC))
        assert due_days() == []
        clock.move_to(datetime(2026, 5, 21, 4, 1, tzinfo=UTC))
        assert due_days() == [date(2026, 5, 20)]

    def test_a_failed_run_is_tried_again_after_a_while(self, cast: Cast, clock: Any, owner: Any) -> None:
        with everything():
            Run.objects.create(
                job="attainment",
                as_of=YESTERDAY,
                state="failed",
                started_at=datetime(2026, 5, 20, 8, 58, tzinfo=UTC),
            )
        assert due_days() == []
        clock.shift(timedelta(minutes=10))
        assert due_days() == [YESTERDAY]

    def test_a_due_night_waits_for_the_run_in_progress(self, cast: Cast, gate: Any) -> None:
        with worker():
            nightly_due()
        with everything():
            assert not Run.objects.exists()
        gate.rollback()
        assert due_days() == [YESTERDAY]


class TestByHand:
    def test_the_command_runs_one_day(self, cast: Cast, sell: Sell, capsys: Any) -> None:
        sell("Acorn", 100_00, MAY)
        with worker():
            call_command("nightly", as_of=YESTERDAY, skip_checks=True)
        assert "attainment run 1 of 2026-05-19" in capsys.readouterr().out
        with everything():
            assert NodeCell.objects.exists()

    def test_without_a_day_it_is_yesterday(self, cast: Cast, capsys: Any) -> None:
        with worker():
            call_command("nightly", skip_checks=True)
        assert "of 2026-05-19" in capsys.readouterr().out

    def test_the_command_says_that_a_run_is_in_progress(self, cast: Cast, gate: Any) -> None:
        with worker(), pytest.raises(CommandError, match="in progress"):
            call_command("nightly", skip_checks=True)

    def test_only_an_administrator_asks_for_a_run(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.director), pytest.raises(Forbidden):
            start_nightly(by=cast.director.pk)


class TestAskedFor:
    """A run that somebody asks for is a row: no queue and no run in progress can lose it."""

    def ask(self, cast: Cast, acting: Acting) -> Run:
        with acting(cast.admin):
            return start_nightly(by=cast.admin.pk)

    def runs(self) -> list[tuple[str, str, int | None]]:
        with everything():
            return list(Run.objects.order_by("pk").values_list("job", "state", "asked_by_id"))

    def test_the_worker_takes_it_though_the_day_was_run_already(
        self, cast: Cast, acting: Acting, night: Night
    ) -> None:
        night()
        asked = self.ask(cast, acting)
        assert due_days() == [YESTERDAY]
        with worker():
            nightly_due()
            nightly_due()
        assert self.runs() == [("attainment", "published", None), ("attainment", "published", cast.admin.pk)]
        with everything():
            assert Publication.objects.get().run_id == asked.pk

    def test_a_refresh_or_a_run_in_progress_neither_refuses_nor_loses_it(
        self, cast: Cast, acting: Acting, night: Night, gate: Any
    ) -> None:
        self.ask(cast, acting)
        with worker():
            nightly_due()
        assert self.runs() == [("attainment", "asked", cast.admin.pk)]
        gate.rollback()
        with worker():
            nightly_due()
        assert self.runs() == [("attainment", "published", cast.admin.pk)]

    def test_it_is_asked_for_once(self, cast: Cast, acting: Acting) -> None:
        self.ask(cast, acting)
        with acting(cast.admin), pytest.raises(Refused, match="waiting to begin already"):
            start_nightly(by=cast.admin.pk)

    def test_it_does_not_wait_after_a_failure_and_says_itself_that_it_failed(
        self, cast: Cast, acting: Acting, sell: Sell, night: Night, owner: Any
    ) -> None:
        sell("Acorn", 100_00, MAY)
        good = night()
        owner.execute("SET session_replication_role = replica")
        owner.execute("UPDATE orders_credit SET plan_minor = plan_minor + 1")
        with pytest.raises(Refused):
            night(is_full=True)
        assert due_days() == []
        asked = self.ask(cast, acting)
        assert due_days() == [YESTERDAY]
        owner.execute("DELETE FROM quotas_publication")
        with worker(), pytest.raises(Refused):
            nightly_due()
        with everything():
            failed = Run.objects.get(pk=asked.pk)
            assert (failed.state, failed.asked_by_id) == ("failed", cast.admin.pk)
            assert "does not verify" in failed.error
            assert Run.objects.filter(state="published").get() == good

    def test_who_waits_sees_that_run_and_not_another(self, cast: Cast, acting: Acting, night: Night) -> None:
        night()
        asked = self.ask(cast, acting)
        other = night(date(2026, 5, 18))
        with everything():
            assert watched(asked.pk).is_awaited
            assert watched(None).run == asked
            assert watched(other.pk).ended == other
        night()
        with everything():
            assert watched(asked.pk).ended == asked
            assert not watched(None).is_awaited


class TestRefreshThatFails:
    def test_it_is_recorded_once_and_tried_again_after_a_minute(
        self, cast: Cast, sell: Sell, night: Night, refresh: Refresh, clock: Any, owner: Any
    ) -> None:
        night()
        sell("Acorn", 100_00, MAY)
        owner.execute("UPDATE quotas_publication SET tree_digest = 'another', plan_mark = 'another'")
        owner.execute("SET session_replication_role = replica")
        owner.execute("UPDATE common_period SET code = 'gone', kind = 'gone' WHERE code = '2026-05'")
        with worker(), pytest.raises(ValueError, match="outside the fiscal calendar"):
            refresh_dirty()
        assert refresh() is None
        clock.shift(timedelta(seconds=61))
        with pytest.raises(ValueError, match="outside the fiscal calendar"):
            refresh()
        with everything():
            failed = Run.objects.get(job="refresh")
            assert (failed.state, failed.as_of) == ("failed", YESTERDAY)
            assert failed.started_at >= datetime(2026, 5, 20, 9, 1, 1, tzinfo=UTC)
            assert DirtyCell.objects.count() == 1
        owner.execute("UPDATE common_period SET code = '2026-05', kind = 'month' WHERE code = 'gone'")
        clock.shift(timedelta(seconds=61))
        assert refresh() is not None
        with everything():
            assert list(Run.objects.filter(job="refresh").values_list("state", flat=True)) == [
                "published",
                "failed",
            ]

    def test_the_night_forgets_refreshes_of_a_week_ago_and_keeps_nights(
        self, cast: Cast, sell: Sell, night: Night, refresh: Refresh, clock: Any
    ) -> None:
        night()
        sell("Acorn", 100_00, MAY)
        refresh()
        clock.shift(timedelta(days=3))
        sell("Acorn", 5_00, MAY)
        recent = refresh()
        clock.shift(timedelta(days=4, minutes=1))
        nights = [night(date(2026, 5, day)).pk for day in range(20, 27)]
        with everything():
            assert list(Run.objects.filter(job="refresh")) == [recent]
            kept = Run.objects.filter(job="attainment").order_by("pk").values_list("pk", flat=True)
            assert list(kept) == [1, *nights]


class TestFreshness:
    def test_before_the_first_night_figures_are_late(self, cast: Cast) -> None:
        with everything():
            assert freshness().as_of is None
            assert freshness().warning == "No figures have been published yet."
            assert not is_ready()

    @pytest.mark.parametrize(("hour", "minute", "is_late"), [(9, 59, False), (10, 0, True), (15, 0, True)])
    def test_a_night_that_did_not_come_shows_from_six_in_the_organisations_zone(
        self, cast: Cast, night: Night, clock: Any, hour: int, minute: int, is_late: bool
    ) -> None:
        night()
        clock.move_to(datetime(2026, 5, 21, hour, minute, tzinfo=UTC))
        with everything():
            assert freshness().is_late is is_late
            assert bool(freshness().warning) is is_late
            assert is_ready() is not is_late

    def test_it_names_the_run_and_the_next_midnight(self, cast: Cast, night: Night) -> None:
        run = night()
        with everything():
            found = freshness()
        assert found.run == run
        assert found.next_run is not None
        assert found.next_run.astimezone(UTC) == datetime(2026, 5, 21, 4, 0, tzinfo=UTC)
        assert "attainment run 1" in found.sentence
