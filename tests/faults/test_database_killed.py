"""The database is killed, restarted, full, or breaks a request off: no acknowledged order is lost, none is torn."""

import contextlib
import logging
import random
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from quotas.services import run_nightly
from tests.faults.books import are_exact
from tests.faults.servers import PATIENCE, Machine, folder, until
from tests.faults.site import Answer, Site
from tests.quotas.conftest import worker

LOG = logging.getLogger(__name__)
BOOKED = """
SELECT o.purchase_order, o.id, (SELECT sum(c.amount_minor)::bigint FROM orders_credit c
    JOIN orders_bookingevent e ON e.id = c.event_id WHERE e.order_id = o.id)
FROM orders_order o WHERE o.purchase_order LIKE %s
"""
ENDED = """
SELECT count(pg_terminate_backend(pid)) FROM pg_locks WHERE NOT granted AND relation = 'orders_order'::regclass
"""


@pytest.fixture(scope="module")
def site(machine: Machine) -> Site:
    return Site(machine)


@pytest.fixture
def key(request: pytest.FixtureRequest) -> str:
    """What the keys and purchase orders of a test begin with."""
    return f"{random.getrandbits(48):012x}"


def booked(machine: Machine, key: str) -> dict[str, tuple[int, int]]:
    """Id and sum of the credits of every order with that beginning, by its whole key; each is there once."""
    rows = machine.rows(BOOKED, f"{key}%")
    found = {order: (number, cents) for order, number, cents in rows}
    assert len(found) == len(rows)
    return found


def books_are_sound(machine: Machine) -> None:
    """The night verifies the ledger entry by entry, and every invariant."""
    with machine.looked_into(), worker():
        run_nightly(as_of=machine.value("SELECT current_date - 1"), is_full=True)
    are_exact(machine)


class Writer(threading.Thread):
    """A program that books one order after the other, each with its own key until it is acknowledged."""

    def __init__(self, site: Site, key: str, number: int, is_over: threading.Event) -> None:
        super().__init__(daemon=True)
        self.site, self.key, self.number, self.is_over = site, key, number, is_over
        self.acknowledged: dict[str, tuple[int, int]] = {}
        self.answers: list[Answer] = []

    def run(self) -> None:
        cents = 1_000_00 + self.number
        while not self.is_over.is_set():
            cents += 10
            key = f"{self.key}-{cents}"
            made = self.site.books(cents, key, self.answers.append)
            self.acknowledged[key] = (made.json()["id"], cents)


@pytest.fixture
def writers(site: Site, key: str) -> Iterator[list[Writer]]:
    is_over = threading.Event()
    made = [Writer(site, key, number, is_over) for number in range(4)]
    for one in made:
        one.start()
    yield made
    is_over.set()


def count_of(writers: list[Writer]) -> int:
    return sum(len(one.acknowledged) for one in writers)


def has(writers: list[Writer], enough: int) -> bool:
    return count_of(writers) >= enough


def end(writers: list[Writer]) -> None:
    for one in writers:
        one.is_over.set()
    for one in writers:
        one.join(5 * PATIENCE)
        assert not one.is_alive()


@pytest.mark.parametrize("kills", [5, pytest.param(20, marks=pytest.mark.slow)])
def test_killed_in_the_middle_of_commits_it_loses_no_acknowledged_order_and_tears_none(
    machine: Machine, site: Site, key: str, writers: list[Writer], kills: int
) -> None:
    """Fault F-14: `kill -9` of every process of the server, while four programs book."""
    for _number in range(kills):
        enough = count_of(writers) + 5
        until(partial(has, writers, enough))
        time.sleep(random.uniform(0, 0.1))
        machine.postgres.kill()
        away = site.page()
        assert (away.status, away.headers["Retry-After"]) == (503, "2")
        machine.postgres.again()
    end(writers)
    acknowledged = {name: row for one in writers for name, row in one.acknowledged.items()}
    answers = [answer for one in writers for answer in one.answers]
    refused = [answer for answer in answers if answer.status != 201]
    assert {answer.status for answer in refused} == {503}
    assert {answer.headers.get("Retry-After") for answer in refused} == {"2"}
    assert booked(machine, key) == acknowledged
    LOG.info("%s kills, %s orders acknowledged, %s answered 503", kills, len(acknowledged), len(refused))
    books_are_sound(machine)


def test_restarted_under_standing_connections_it_costs_no_page(machine: Machine, site: Site) -> None:
    """Fault F-15: an immediate restart. A connection is asked whether it lives before it is used again."""
    at_once(8, site.page)
    machine.postgres.restart_at_once()
    answers = [*at_once(8, site.page), site.page()]
    assert {answer.status for answer in answers} <= {200, 503}
    assert len([answer for answer in answers if answer.status == 503]) <= 2


def test_one_request_broken_off_is_booked_once_by_the_same_key(
    machine: Machine, site: Site, key: str
) -> None:
    """Fault F-16: the backend of one request is ended."""
    with machine.held("orders_order", "SHARE") as waits:
        sent = Later(lambda: site.book(77_77, key))
        until(waits)
        assert machine.value(ENDED) == 1
        broken = sent.answer()
    assert (broken.status, broken.headers["Retry-After"]) == (503, "2")
    first, again = site.books(77_77, key), site.book(77_77, key)
    assert first.json() == again.json()
    assert booked(machine, key) == {key: (first.json()["id"], 77_77)}


def test_two_that_wait_for_each_other_are_parted_and_the_same_key_books_once(
    machine: Machine, site: Site, key: str
) -> None:
    """Fault F-17: a deadlock. The request is rolled back whole and answered 503, never 500."""
    for attempt in range(5):
        answer = rival(machine, site, f"{key}-{attempt}")
        assert answer.status in (201, 503)
        if answer.status == 503:
            break
    assert (answer.status, answer.headers["Retry-After"]) == (503, "2")
    made = site.books(88_88, f"{key}-{attempt}")
    assert booked(machine, f"{key}-{attempt}") == {f"{key}-{attempt}": (made.json()["id"], 88_88)}


def rival(machine: Machine, site: Site, key: str) -> Answer:
    """Hold the ledger's head and then want the key that a booking has, which wants the head."""
    session = machine.postgres.session()
    session.autocommit = False
    with contextlib.closing(session), session.cursor() as cursor:
        cursor.execute("SET deadlock_timeout = '10s'")  # the request finds it first, after a second
        cursor.execute("SELECT FROM orders_ledgerhead FOR UPDATE")
        sent = Later(lambda: site.book(88_88, key))
        until(lambda: machine.value("SELECT count(*) FROM pg_locks WHERE NOT granted"))
        with contextlib.suppress(Exception):
            cursor.execute(
                "INSERT INTO common_idempotencykey (person_id, key, body_hash, headers, answer) "
                "SELECT id, %s, '', '{}', '' FROM territories_user WHERE email = 'rep@example.com'",
                [key],
            )
        session.rollback()
        return sent.answer()


def test_sent_five_times_at_once_it_is_booked_once(machine: Machine, site: Site, key: str) -> None:
    """Fault F-25: a double click, a form sent again: the same key, at the same moment."""
    for round_ in range(4):
        same = f"{key}-{round_}"
        answers = at_once(5, partial(site.book, 55_55, same))
        assert [answer.status for answer in answers] == [201] * 5
        assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(booked(machine, key)) == 4


class Later(threading.Thread):
    """A request that is under way."""

    def __init__(self, send: Callable[[], Answer]) -> None:
        super().__init__(daemon=True)
        self.send, self.got = send, list[Answer]()
        self.start()

    def run(self) -> None:
        self.got.append(self.send())

    def answer(self) -> Answer:
        self.join(5 * PATIENCE)
        return self.got[0]


def at_once(count: int, send: Callable[[], Answer]) -> list[Answer]:
    return [one.answer() for one in [Later(send) for _ in range(count)]]


@pytest.fixture
def small(company: Path, django_db_blocker: Any) -> Iterator[Machine]:
    """Servers of its own, of which PostgreSQL's disk has 500 MB."""
    with folder() as base:
        machine, disk = Machine(base), base / "postgres"
        mount = ["mount", "-t", "tmpfs", "-o", "size=500m,mode=755", "tmpfs", disk]
        made = subprocess.run(mount, capture_output=True, check=False)
        if made.returncode:
            pytest.skip(f"no small disk can be mounted here: {made.stderr.decode().strip()}")
        try:
            subprocess.run(["cp", "--archive", company, machine.postgres.data], check=True)
            machine.start()
            with django_db_blocker.unblock():
                yield machine
        finally:
            machine.stop()
            subprocess.run(["umount", "--lazy", disk], check=True)


@pytest.mark.slow
def test_a_full_disk_stops_it_and_tears_nothing(small: Machine, key: str) -> None:
    """Fault F-18: no room for the log. Once there is some again it starts, with all that was acknowledged."""
    site, filler = Site(small), small.postgres.folder / "filler"
    made = {f"{key}-0": site.books(1_00, f"{key}-0")}
    fill(filler)
    while (answer := site.book(2_00, f"{key}-{len(made)}")).status == 201:
        made[f"{key}-{len(made)}"] = answer
        assert len(made) < 500
        with contextlib.suppress(psycopg2.Error):
            small.rows("SELECT pg_switch_wal()")  # the next order needs new room
    assert (answer.status, answer.headers["Retry-After"]) == (503, "2")
    filler.unlink()
    small.postgres.restart_at_once()
    made[f"{key}-{len(made)}"] = site.books(2_00, f"{key}-{len(made)}")
    LOG.info("%s orders acknowledged around a full disk", len(made))
    assert {name: number for name, (number, _cents) in booked(small, key).items()} == {
        name: answer.json()["id"] for name, answer in made.items()
    }
    books_are_sound(small)


def fill(path: Path) -> None:
    """Take all room that is left, with the last byte."""
    block = b"\0" * 65536
    with contextlib.suppress(OSError), path.open("wb", buffering=0) as file:
        while file.write(block):
            pass
