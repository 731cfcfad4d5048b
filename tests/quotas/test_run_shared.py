"""A run of several quarters is shared: the same figures however many workers there are, whatever happens to one."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from typing import Any

import pytest
from django.db import Error as DatabaseGone
from django.db import connections

from common.models import Run
from quotas.models import LeafCell, PartPiece, Publication, RunPart
from quotas.services import help_with_run, run_nightly
from quotas.services.parts import PATIENCE
from quotas.tasks import run_part
from tests.cast import Cast
from tests.conftest import Acting
from tests.databases import connect
from tests.faults.servers import until
from tests.quotas.conftest import Sell, everything, worker
from tests.quotas.test_nightly import command, holds_the_gate
from tests.quotas.test_rollup import cells, intake

DAY = date(2026, 5, 19)
AUTUMN, WINTER, SPRING = date(2025, 11, 4), date(2026, 2, 3), date(2026, 5, 12)
WAITS = """
SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'quotas_leafcell'::regclass
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
CUT_OFF = WAITS.replace("count(*)", "pg_terminate_backend(pid)")
EMPTY = (
    "DELETE FROM quotas_leafcell; DELETE FROM quotas_nodecell; DELETE FROM quotas_monthdigest;"
    "DELETE FROM quotas_publication"
)
Night = Callable[..., Run]
Refresh = Callable[[], Run | None]


@pytest.fixture
def books(cast: Cast, sell: Sell) -> None:
    """Orders in three quarters; the greatest part of a run is spring's."""
    sell("Acorn", 100_00, SPRING)
    sell("Beech", 250_01, SPRING)
    sell("Acorn", 333_33, SPRING, currency="EUR")
    sell("Beech", 40_00, WINTER)
    sell("Cedar", 7_77, WINTER)
    sell("Cedar", 70_00, AUTUMN)


class InThread(threading.Thread):
    """A full run of the day by a worker of its own."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.published: Run | None = None
        self.failed: Exception | None = None

    def run(self) -> None:
        try:
            with worker():
                self.published = run_nightly(as_of=DAY, is_full=True)
        except Exception as error:  # noqa: BLE001  looked at by the test
            self.failed = error
        finally:
            connections.close_all()

    def ended(self) -> Run:
        self.join(60)
        assert self.published, self.failed
        return self.published


@contextmanager
def lock(db: str, statement: str) -> Iterator[Any]:
    """What another session holds meanwhile; it may let go sooner."""
    session = connect(db)
    session.autocommit = False
    with session.cursor() as cursor:
        cursor.execute(statement)
    try:
        yield session
    finally:
        session.close()


@contextmanager
def under_way(db: str) -> Iterator[InThread]:
    """A run that has offered its other parts and stops before it writes its own, as long as this lasts."""
    with lock(db, "LOCK TABLE quotas_leafcell IN SHARE MODE") as session:
        thread = InThread()
        thread.start()
        with session.cursor() as cursor:
            until(lambda: cursor.execute(WAITS) or cursor.fetchone()[0])
        yield thread
    thread.join(60)


def helped() -> int:
    with worker():
        return help_with_run()


def waiting(owner: Any) -> int:
    """How many parts wait that nobody holds."""
    owner.execute(
        "SELECT count(*) FROM (SELECT FROM quotas_runpart WHERE done_at IS NULL FOR UPDATE SKIP LOCKED) free"
    )
    return int(owner.fetchone()[0])


def left(owner: Any) -> list[int]:
    """How many parts and pieces there are."""
    owner.execute("SELECT (SELECT count(*) FROM quotas_runpart), (SELECT count(*) FROM quotas_partpiece)")
    return list(owner.fetchone())


@pytest.mark.usefixtures("books")
class TestShared:
    def test_two_workers_make_the_same_cells_and_hash_as_one(
        self, cast: Cast, night: Night, owner: Any, db: str
    ) -> None:
        alone, made = night(DAY, is_full=True), cells()
        owner.execute(EMPTY)
        with under_way(db) as thread:
            assert waiting(owner) == 2
            assert helped() == 2
            assert left(owner) == [2, 4]
            with everything():
                assert not LeafCell.objects.exists()
        shared = thread.ended()
        assert cells() == made
        assert (shared.output_hash, shared.changed_rows) == (alone.output_hash, alone.changed_rows)
        assert shared.input_hash == alone.input_hash
        figures = {"2025-Q4": 70_00, "2026-Q1": 47_77, "2026-Q2": 716_67}
        assert {quarter: intake(cast, "Company", quarter) for quarter in figures} == figures
        assert shared.totals == figures
        assert left(owner) == [0, 0]

    def test_what_is_gone_and_what_changed_is_put_right_by_whoever_finds_it(
        self, cast: Cast, night: Night, owner: Any, db: str
    ) -> None:
        first, made = night(DAY, is_full=True), cells()
        owner.execute("UPDATE quotas_leafcell SET amount_minor = 1 WHERE month_on < '2026-04-01'")
        owner.execute("DELETE FROM quotas_nodecell WHERE month_on < '2026-01-01'")
        owner.execute(
            "INSERT INTO quotas_nodecell (month_on, family_id, motion, is_new_business, measure, kind, amount_minor,"
            " credits, node_id, territory_minor) SELECT month_on, family_id, 'renewal', is_new_business, measure, kind,"
            " 5, 1, node_id, 5 FROM quotas_nodecell WHERE month_on = '2026-02-01'"
        )
        owner.execute("SELECT count(*) FROM quotas_nodecell WHERE motion = 'renewal'")
        assert owner.fetchone()[0]
        with under_way(db) as thread:
            assert helped() == 2
        assert thread.ended().output_hash == first.output_hash
        assert cells() == made

    def test_with_nobody_to_help_the_run_does_all(self, night: Night, owner: Any, db: str) -> None:
        with under_way(db) as thread:
            assert waiting(owner) == 2
        assert thread.ended().output_hash == night(DAY, is_full=True).output_hash
        assert left(owner) == [0, 0]

    def test_who_helps_sees_what_the_run_sees_and_nothing_later(
        self, cast: Cast, sell: Sell, refresh: Refresh, db: str
    ) -> None:
        with under_way(db) as thread:
            sell("Beech", 11_00, WINTER)
            assert helped() == 2
        assert thread.ended().ledger_seq == 6
        assert intake(cast, "Company", "2026-Q1") == 47_77
        assert refresh() is not None
        assert intake(cast, "Company", "2026-Q1") == 58_77

    def test_a_run_of_one_quarter_and_a_refresh_ask_nobody(
        self, cast: Cast, sell: Sell, night: Night, refresh: Refresh, db: str
    ) -> None:
        night(DAY, is_full=True)
        with lock(db, "LOCK TABLE quotas_runpart, quotas_partpiece IN ACCESS EXCLUSIVE MODE"):
            sell("Acorn", 1_00, SPRING)
            assert refresh() is not None
            sell("Acorn", 2_00, SPRING)
            night(date(2026, 5, 20))
        assert intake(cast, "Company") == 719_67

    def test_a_worker_with_nothing_to_do_says_so(self) -> None:
        assert helped() == 0
        with worker():
            run_part()


@pytest.mark.usefixtures("books")
class TestFaults:
    def test_a_part_that_cannot_be_worked_out_fails_the_run_in_its_own_words(
        self, cast: Cast, night: Night, owner: Any, db: str
    ) -> None:
        good, before = night(DAY, is_full=True), cells()
        owner.execute("SET session_replication_role = replica")
        child = cast.territories["East 2"].pk
        owner.execute("UPDATE territories_edge SET starts_on = '2026-04-01' WHERE child_id = %s", [child])
        words = "order intake of 1 territories and days lies outside the tree"
        with under_way(db) as thread:
            with pytest.raises(ValueError, match=words):
                helped()
            assert waiting(owner) == 2
        assert str(thread.failed) == words
        with everything():
            failed = Run.objects.first()
            assert failed is not None
            assert (failed.state, failed.error) == (Run.State.FAILED, words)
            assert Publication.objects.get().run_id == good.pk
        assert cells() == before

    def test_a_part_of_a_run_that_was_cut_off_is_dropped(self, night: Night, owner: Any, db: str) -> None:
        first = night(DAY, is_full=True)
        with under_way(db) as thread:
            owner.execute(CUT_OFF)
            thread.join(60)
            assert isinstance(thread.failed, DatabaseGone)
            assert waiting(owner) == 2
            assert helped() == 2
        assert left(owner) == [0, 0]
        assert night(DAY, is_full=True).output_hash == first.output_hash

    def test_a_run_killed_minus_9_leaves_the_figures_and_the_next_one_clears_up(
        self, cast: Cast, night: Night, owner: Any, db: str
    ) -> None:
        first, made = night(DAY, is_full=True), cells()
        owner.execute("UPDATE quotas_leafcell SET amount_minor = amount_minor + 1")
        spoiled = cells()
        with lock(db, "LOCK TABLE quotas_leafcell IN SHARE MODE"):
            process = command(db, "--as-of", DAY.isoformat(), "--full")
            until(lambda: owner.execute(WAITS) or owner.fetchone()[0])
            assert helped() == 2
            process.send_signal(signal.SIGKILL)
            process.wait(30)
        until(lambda: not holds_the_gate(owner))
        assert cells() == spoiled
        assert left(owner) == [2, 4]
        assert night(DAY, is_full=True).output_hash == first.output_hash
        assert cells() == made
        assert left(owner) == [0, 0]

    @pytest.mark.slow
    def test_a_part_whose_holder_does_not_answer_is_worked_out_by_the_run(
        self, night: Night, owner: Any, db: str
    ) -> None:
        first, made = night(DAY, is_full=True), cells()
        owner.execute(EMPTY)
        with ExitStack() as frozen:
            with under_way(db) as thread:
                frozen.enter_context(lock(db, "SELECT FROM quotas_runpart ORDER BY id LIMIT 1 FOR UPDATE"))
                assert helped() == 1
                begun = time.monotonic()
            assert thread.ended().output_hash == first.output_hash
            assert time.monotonic() - begun > PATIENCE
        assert cells() == made
        assert left(owner) == [1, 0]
        assert night(DAY, is_full=True).changed_rows == 0
        assert left(owner) == [0, 0]

    def test_a_worker_of_another_version_leaves_the_parts_alone(self, owner: Any, db: str) -> None:
        with under_way(db) as thread:
            owner.execute("UPDATE quotas_runpart SET code = code + 1")
            assert helped() == 0
            owner.execute("UPDATE quotas_runpart SET code = code - 1")
        thread.ended()


def test_nobody_on_the_web_reads_what_is_handed_in(cast: Cast, acting: Acting, owner: Any) -> None:
    owner.execute(
        "INSERT INTO quotas_partpiece (part_id, cells, content) VALUES (1, 'rollup_leaf_change', 'secret')"
    )
    for person in (cast.admin, cast.director):
        with acting(person):
            assert not PartPiece.objects.exists()
    with everything():
        assert PartPiece.objects.count() == 1
        assert not RunPart.objects.exists()
