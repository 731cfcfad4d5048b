"""The queue is wiped, gone, restarted or frozen. It holds wake-ups only, and no page asks it for anything."""

import signal

import pytest
import redis
from django.core.cache import cache

from common import queue
from tests.faults.books import are_exact, ask, finish
from tests.faults.servers import Machine, until
from tests.faults.site import Site

AT_MOST = 2
"""Seconds that a request may take while the queue does not answer; more on a machine that is as slow without that."""


@pytest.fixture(scope="module")
def site(machine: Machine) -> Site:
    """Web, worker and clock, as a company runs them."""
    machine.beat()
    site = Site(machine)
    machine.workers(1)
    for _both in range(2):  # what is loaded once is loaded; then it is as fast as the machine is today
        site.slowest = max(
            answer.seconds
            for answer in [site.page(), site.page("/opportunities/"), site.book(1_00), site.signs_in()]
        )
    return site


def all_works(site: Site) -> None:
    """Pages are shown, an order is booked, somebody signs in, and nobody waits for the queue."""
    answers = [site.page(), site.page("/opportunities/"), site.book(100_00), site.signs_in()]
    assert [answer.status for answer in answers] == [200, 200, 201, 302]
    assert [answer for answer in answers if answer.seconds > max(AT_MOST, 5 * site.slowest)] == []


def test_wiped_in_the_middle_of_work_it_loses_nothing(machine: Machine, site: Site) -> None:
    """Faults F-07 and F-13: FLUSHALL. Nobody is signed out, the run goes on, and the next one comes by the clock."""
    run = ask(machine)
    with (
        machine.held("quotas_leafcell", "SHARE") as waits,
        redis.Redis.from_url(machine.redis.address()) as line,
    ):
        until(waits)
        line.flushall()
        all_works(site)
    finish(machine, run, is_woken=False)
    finish(machine, ask(machine), is_woken=False)
    assert site.page().status == 200
    are_exact(machine)


@pytest.mark.parametrize("times", [1, pytest.param(3, marks=pytest.mark.slow)])
def test_gone_and_started_again_it_is_listened_to_again(machine: Machine, site: Site, times: int) -> None:
    """Faults F-08 and F-09: the queue is down, then up and empty, once or in a row."""
    for _time in range(times):
        machine.redis.down()
        all_works(site)
        finish(machine, ask(machine), is_woken=False)  # by the clock itself
        with machine.looked_into():
            assert cache.get(queue.AWAY)  # what the page of runs says
        machine.redis.up()
        machine.wake()
        until(lambda: machine.queued() == 0)  # the worker listens again
        finish(machine, ask(machine), is_woken=False)
    are_exact(machine)


def test_frozen_it_holds_up_no_request(machine: Machine, site: Site) -> None:
    """Fault F-10: SIGSTOP, so that it takes connections and answers nothing; work goes on after SIGCONT."""
    machine.redis.signal(signal.SIGSTOP)
    try:
        all_works(site)
        run = ask(machine)
    finally:
        machine.redis.signal(signal.SIGCONT)
    assert finish(machine, run, is_woken=False)  # its output hash
    are_exact(machine)


def test_a_clock_that_starts_without_it_begins_at_once(machine: Machine) -> None:
    """Fault F-08, met at a start: the clock does what is due itself, and wakes a worker once the queue is back."""
    machine.end_programs()
    machine.redis.down()
    clock = machine.beat("late-clock")
    finish(machine, ask(machine), is_woken=False)
    assert "the queue does not answer, so the clock does it" in clock.said()
    with machine.looked_into():
        assert cache.get(queue.AWAY)
    machine.redis.up()
    until(lambda: machine.queued() > 0)
    machine.workers(1)
    finish(machine, ask(machine), is_woken=False)
    are_exact(machine)
