"""Workers share a run. One that helps is killed, or the one that has it; the clock alone wakes them."""

import random
import time

import pytest

from tests.faults.books import are_empty, are_exact, ask, finish, state
from tests.faults.servers import Machine, Program, kill, until
from tests.faults.test_worker_killed import A_RUN, MANY, kill_child

FREE = """
SELECT count(*) FROM (SELECT FROM quotas_runpart WHERE done_at IS NULL FOR UPDATE SKIP LOCKED) free
"""
LEFT = "SELECT (SELECT count(*) FROM quotas_runpart), (SELECT count(*) FROM quotas_partpiece)"
DONE = "SELECT count(*) FROM quotas_runpart WHERE done_at IS NOT NULL"


@pytest.fixture
def workers(machine: Machine) -> list[Program]:
    return machine.workers(2)


@pytest.fixture(scope="module")
def whole(machine: Machine) -> str:
    """The output hash of a run that one worker made alone."""
    machine.workers(1)
    found = finish(machine, ask(machine))
    are_exact(machine)
    return found


def free(machine: Machine) -> int:
    """How many parts wait that nobody holds."""
    return int(machine.value(FREE))


def are_done(machine: Machine, parts: int) -> bool:
    """Wake whoever is free until all parts are done."""
    machine.wake("quotas.run_part")
    return bool(machine.value(DONE) == parts)


def helping(machine: Machine, workers: list[Program]) -> Program:
    """The worker that does not have the run."""
    owner = machine.at_work()
    return next(one for one in workers if one is not owner)


def test_the_clock_wakes_another_worker_and_the_same_is_made(
    machine: Machine, whole: str, workers: list[Program]
) -> None:
    run = ask(machine)
    with machine.held("quotas_leafcell", "SHARE") as waits:
        machine.wake()
        until(waits)
        parts = free(machine)
        assert parts > 1
        clock = machine.beat()
        until(lambda: machine.value(DONE) == parts)
        assert are_empty(machine)
        clock.stop()
    assert finish(machine, run) == whole
    assert machine.rows(LEFT) == [(0, 0)]
    are_exact(machine)


def test_one_that_helps_is_killed_in_the_middle_and_its_part_is_done_by_another(
    machine: Machine, whole: str, workers: list[Program]
) -> None:
    """`kill -9` of the child that holds a part, as it hands it in."""
    run = ask(machine)
    with machine.held("quotas_leafcell", "SHARE") as waits:
        machine.wake()
        until(waits)
        parts = free(machine)
        with machine.held("quotas_partpiece", "SHARE") as stopped:
            machine.wake("quotas.run_part")
            until(stopped)
            assert free(machine) == parts - 1
            for child in helping(machine, workers).children:
                kill(child)
            assert machine.value(DONE) == 0
        until(lambda: are_done(machine, parts), every=0.25)
        assert machine.rows(LEFT) == [(parts, 2 * parts)]
    assert finish(machine, run) == whole
    assert machine.rows(LEFT) == [(0, 0)]
    are_exact(machine)


def test_the_one_that_has_the_run_is_killed_after_others_handed_in_and_nothing_changed(
    machine: Machine, whole: str, workers: list[Program]
) -> None:
    run = ask(machine)
    with machine.held("quotas_leafcell", "SHARE") as waits:
        machine.wake()
        until(waits)
        parts = free(machine)
        machine.wake("quotas.run_part")
        until(lambda: machine.value(DONE) == parts)
        kill_child(machine)
        assert are_empty(machine)
        assert state(machine, run) == "asked"
    assert finish(machine, run) == whole
    assert machine.rows(LEFT) == [(0, 0)]
    are_exact(machine)


@pytest.mark.parametrize("kills", [6, pytest.param(MANY, marks=pytest.mark.slow)])
def test_killed_at_random_moments_whoever_it_is_the_same_is_made(
    machine: Machine, whole: str, workers: list[Program], kills: int
) -> None:
    """`kill -9` of the child that has the run, of one that helps, or of both."""
    hashes = set()
    for number in range(kills):
        run = ask(machine)
        machine.wake()
        until(machine.at_work, every=0.002)
        machine.wake("quotas.run_part")
        time.sleep(random.uniform(0, A_RUN))
        first, second = machine.workers(2)
        for one in ([first], [second], [first, second])[number % 3]:
            for child in one.children:
                kill(child)
        machine.workers(2)
        hashes.add(finish(machine, run))
    assert hashes == {whole}
    are_exact(machine)
