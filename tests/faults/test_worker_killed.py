"""The worker is killed, asked to end, or takes too long. Its work is a row, so another one does it."""

import logging
import os
import random
import signal
import time

import pytest

from quotas.services import due_days
from tests.faults.books import are_empty, are_exact, ask, finish, state, sums
from tests.faults.servers import GATE, PATIENCE, Machine, Program, kill, until
from workspace.tasks import tell_of_failed_runs

LOG = logging.getLogger(__name__)
POINTS = [
    pytest.param("common_run", "SHARE", id="as its row is written"),
    pytest.param("orders_ledgerhead", "ACCESS EXCLUSIVE", id="as it reads what figures are made of"),
    pytest.param("orders_credit", "ACCESS EXCLUSIVE", id="as it checks the ledger"),
    pytest.param("quotas_leafcell", "SHARE", id="as people are added up"),
    pytest.param("quotas_nodecell", "SHARE", id="as nodes are added up"),
    pytest.param("quotas_monthdigest", "SHARE", id="as months are signed"),
    pytest.param("quotas_quota", "ACCESS EXCLUSIVE", id="as it reads quotas"),
    pytest.param("orders_splitshare", "ACCESS EXCLUSIVE", id="as invariants are checked"),
    pytest.param("quotas_publication", "SHARE", id="as it publishes"),
]
"""A run stops where it needs a lock that somebody else has: that is the named point."""


SEEN = """
SELECT (SELECT state FROM common_run WHERE id = %s), (SELECT count(*) FROM quotas_publication),
       (SELECT coalesce(sum(amount_minor), 0)::bigint FROM quotas_leafcell)
"""
MANY = int(os.environ.get("SALESOPS_KILLS", "40"))
"""So many kills the long test makes; 200 of them take some minutes."""
A_RUN = 0.25
"""About as long as a run takes, in seconds."""


@pytest.fixture
def workers(machine: Machine) -> list[Program]:
    """Two workers: while the child of one is killed and made anew, the other one works."""
    return machine.workers(2)


@pytest.fixture(scope="module")
def whole(machine: Machine) -> str:
    """The output hash of a run that nobody killed."""
    machine.workers(2)
    found = finish(machine, ask(machine))
    are_exact(machine)
    return found


@pytest.mark.parametrize(("table", "mode"), POINTS)
def test_a_child_killed_at_a_named_point_leaves_nothing_and_the_same_is_made(
    machine: Machine, whole: str, workers: list[Program], table: str, mode: str
) -> None:
    """Fault F-01: `kill -9` of the worker's child."""
    run = ask(machine)
    with machine.held(table, mode) as waits:
        machine.wake()
        until(waits)
        kill_child(machine)
    assert seen(machine, run) in ((False, 0), (True, total(machine)))
    assert finish(machine, run) == whole


@pytest.mark.parametrize("kills", [10, pytest.param(MANY, marks=pytest.mark.slow)])
def test_killed_at_random_moments_it_makes_one_hash_and_exact_sums(
    machine: Machine, whole: str, workers: list[Program], kills: int
) -> None:
    """Faults F-01 and F-02: the child at any moment of its run, and every twentieth time the main process with it."""
    exact, in_the_middle, hashes = total(machine), 0, set()
    for number in range(kills):
        run = ask(machine)
        machine.wake()
        until(machine.at_work, every=0.002)
        time.sleep(random.uniform(0, A_RUN))
        in_the_middle += kill_child(machine, with_its_parent=number % 20 == 19)
        assert seen(machine, run) in ((False, 0), (True, exact))
        machine.workers(2)
        hashes.add(finish(machine, run))
        assert sums(machine, "people") == sums(machine, "company") == sums(machine, "ledger")
    LOG.info("%s kills, %s in the middle of a run, hashes %s", kills, in_the_middle, hashes)
    assert hashes == {whole}
    assert in_the_middle, "none of the kills hit a run"
    are_exact(machine)


def kill_child(machine: Machine, *, with_its_parent: bool = False) -> bool:
    """`kill -9` of the process that is at work; False where it was quicker."""
    worker = machine.at_work()
    if worker and with_its_parent:
        worker.kill()
    elif worker:
        for child in worker.children:
            kill(child)
    return worker is not None


def seen(machine: Machine, run: int) -> tuple[bool, int]:
    """Whether a run is published, and what all cells come to, in one look."""
    state, published, amount = machine.rows(SEEN, run)[0]
    assert (state == "published") == bool(published)
    return state == "published", amount


def total(machine: Machine) -> int:
    return sum(sums(machine, "ledger").values())


def test_another_worker_does_what_a_killed_one_left_when_the_clock_ticks(
    machine: Machine, whole: str, workers: list[Program]
) -> None:
    """Fault F-02: `kill -9` of a worker's main process and its child. Nobody wakes the other one but the clock."""
    run = ask(machine)
    with machine.held("quotas_leafcell", "SHARE") as waits:
        machine.wake()
        until(waits)
        kill_child(machine, with_its_parent=True)
    assert are_empty(machine)
    clock, begun = machine.beat(), time.monotonic()
    assert finish(machine, run, is_woken=False) == whole
    assert time.monotonic() - begun < PATIENCE
    are_exact(machine)
    clock.stop()


TIMED_OUT = "SELECT count(*) FROM common_run WHERE state = 'timed_out' AND job = 'attainment'"


def take_too_long(machine: Machine) -> None:
    """A run is ended by the time limit, and the next worker finds the gate open."""
    before = machine.value(TIMED_OUT)
    with machine.held("quotas_leafcell", "SHARE") as waits:
        machine.wake(time_limit=1)
        until(waits)
        worker = machine.at_work()
        assert worker
        child = worker.children[0]
        until(lambda: child not in worker.children)
    assert machine.value(TIMED_OUT) == before + 1
    until(lambda: not machine.rows(GATE))
    machine.workers(2)


def test_a_run_that_takes_too_long_is_ended_and_done_again(
    machine: Machine, whole: str, workers: list[Program]
) -> None:
    """Fault F-05: the hard time limit. What it ended stays asked for; no message is needed to find it again."""
    run = ask(machine)
    take_too_long(machine)
    assert seen(machine, run) == (False, 0)
    assert finish(machine, run) == whole


def test_a_run_that_always_takes_too_long_is_given_up_and_told(
    machine: Machine, whole: str, workers: list[Program]
) -> None:
    """Fault F-05: tried three times more, then nobody begins it by itself any more, and administrators hear of it."""
    run = ask(machine)
    for _attempt in range(4):
        take_too_long(machine)
        assert state(machine, run) == "asked"
    machine.wake()
    until(lambda: state(machine, run) == "failed")
    said = machine.value("SELECT error FROM common_run WHERE id = %s", run)
    assert said == "The time limit ended it 4 times in a row. It is not begun again by itself."
    with machine.looked_into():
        assert due_days() == []
        tell_of_failed_runs()
    told = "SELECT count(*) FROM workspace_message WHERE event = 'run_failed'"
    assert machine.value(told) == 1  # there is one administrator
    assert are_empty(machine)
    assert finish(machine, ask(machine)) == whole
    are_exact(machine)


def test_the_same_message_twice_publishes_a_night_once(
    machine: Machine, whole: str, workers: list[Program]
) -> None:
    """Fault F-04: as after a visibility time-out. The second worker finds the gate shut and leaves."""
    run = ask(machine)
    before = machine.value("SELECT count(*) FROM common_run")
    with machine.held("quotas_leafcell", "SHARE") as waits:
        machine.wake()
        until(waits)
        machine.wake()
        until(lambda: machine.queued() == 0)
    assert finish(machine, run, is_woken=False) == whole
    assert machine.value("SELECT count(*) FROM common_run") == before
    are_exact(machine)


def test_asked_to_end_a_worker_finishes_what_it_began(
    machine: Machine, whole: str, workers: list[Program]
) -> None:
    """Fault F-06: SIGTERM, as at every deploy."""
    run = ask(machine)
    with machine.held("quotas_leafcell", "SHARE") as waits:
        machine.wake()
        until(waits)
        worker = machine.at_work()
        assert worker
        worker.process.send_signal(signal.SIGTERM)
    assert worker.process.wait(PATIENCE) == 0
    assert seen(machine, run) == (True, total(machine))
    are_exact(machine)
