"""An order is booked at the very moment at which its territory leaves the tree: one of them waits for the other."""

import threading
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connections

from common.access import Reach
from common.errors import Conflict, Refused
from common.transaction import work
from orders.models import Credit, Order
from orders.services import LineInput, book
from territories.models import Edge, Seat
from territories.services import end_seat
from tests import databases
from tests.planning.acts import add, merge, retire

TODAY = date(2026, 5, 20)


def order(cast: Any, acting: Any, account: str, person: Any) -> None:
    line = LineInput(cast.products["Server"].pk, 1, 100_00)
    with acting(cast.admin):
        book(
            by=cast.admin.pk,
            account_id=cast.accounts[account].pk,
            booked_on=TODAY,
            currency="USD",
            lines=[line],
            shares=[],
            owner_id=person.pk,
            motion="new",
        )


def at_once(act: Callable[[], Any]) -> tuple[threading.Thread, list[Refused | Conflict]]:
    """The act on a connection of its own; what it raises is kept."""
    raised: list[Refused | Conflict] = []

    def run() -> None:
        try:
            act()
        except (Refused, Conflict) as error:
            raised.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread, raised


def waits(owner: Any, how_many: int = 1) -> None:
    """Until so many connections wait for a lock."""
    asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    for _turn in range(400):
        owner.execute(asked)
        if owner.fetchone()[0] >= how_many:
            return
        threading.Event().wait(0.05)
    raise AssertionError("nobody waits")


@pytest.fixture
def books(db: str) -> Any:
    """Somebody else who posts: until they are done every other booking waits at the ledger's end."""
    blocker = databases.connect(db)
    blocker.autocommit = False
    with blocker.cursor() as cursor:
        cursor.execute("SELECT FROM orders_ledgerhead FOR UPDATE")
    yield blocker
    blocker.rollback()
    blocker.close()


def leave(cast: Any, acting: Any, name: str) -> None:
    """Whoever sits there leaves the seat from today on."""
    with acting(cast.admin):
        seat = Seat.objects.on(TODAY).get(territory__name=name)
        end_seat(by=cast.admin.pk, seat_id=seat.pk, stops_on=TODAY)


@pytest.fixture
def _desk(cast: Any, acting: Any) -> None:
    """Ada sits on *Desk*, a territory without accounts, and sells to accounts of others."""
    with acting(cast.admin):
        node = add(cast, "Desk", "East Team")
        Seat.objects.create(user=cast.admin, territory=node, kind="owner", starts_on=date(2026, 1, 1))


@pytest.mark.usefixtures("_desk")
def test_who_retires_a_sellers_territory_waits_for_the_booking(cast, acting, books, owner):
    booking, failed = at_once(lambda: order(cast, acting, "Acorn", cast.admin))
    waits(owner)
    leave(cast, acting, "Desk")

    def go() -> None:
        with acting(cast.admin):
            retire(cast, "Desk", on=TODAY)

    retiring, refused = at_once(go)
    waits(owner, 2)
    books.rollback()
    booking.join(timeout=30)
    retiring.join(timeout=30)
    assert failed == []
    assert [(type(error), error.code) for error in refused] == [(Conflict, "booked_since")]
    with work(by=None, why="a look", reach=Reach.everything()):
        assert Credit.objects.get().seat_id == cast.territories["Desk"].pk
        assert Edge.objects.on(TODAY).filter(child__name="Desk").exists()


@pytest.mark.usefixtures("_desk")
def test_who_books_waits_for_the_territory_that_is_retired_and_is_refused(cast, acting, owner):
    """The seat is read before it ends, the territory is looked at again once it has left the tree."""
    leaving = threading.Event()

    def go() -> None:
        with acting(cast.admin):
            seat = Seat.objects.on(TODAY).get(territory__name="Desk")
            end_seat(by=cast.admin.pk, seat_id=seat.pk, stops_on=TODAY)
            retire(cast, "Desk", on=TODAY)
            leaving.set()
            waits(owner)

    retiring, failed = at_once(go)
    assert leaving.wait(timeout=30)
    booking, refused = at_once(lambda: order(cast, acting, "Acorn", cast.admin))
    retiring.join(timeout=30)
    booking.join(timeout=30)
    assert failed == []
    assert [(type(error), error.code) for error in refused] == [(Conflict, "left_tree")]
    with work(by=None, why="a look", reach=Reach.everything()):
        assert not Order.objects.exists()
        assert not Edge.objects.on(TODAY).filter(child__name="Desk").exists()


def test_who_merges_a_territory_waits_for_the_booking_before_it_takes_the_accounts(
    cast, acting, books, owner
):
    booking, failed = at_once(lambda: order(cast, acting, "Acorn", cast.rep))
    waits(owner)

    def go() -> None:
        with acting(cast.admin):
            merge(cast, "East 1", "East 2", on=TODAY)

    merging, refused = at_once(go)
    waits(owner, 2)
    books.rollback()
    booking.join(timeout=30)
    merging.join(timeout=30)
    assert failed == []
    assert [(type(error), error.code) for error in refused] == [(Conflict, "booked_since")]


def test_an_order_that_waits_for_a_merger_counts_where_the_account_went(cast, acting, owner):
    merged = threading.Event()

    def go() -> None:
        with acting(cast.admin):
            merge(cast, "East 1", "East 2", on=TODAY)
            merged.set()
            waits(owner)

    merging, failed = at_once(go)
    assert merged.wait(timeout=30)
    booking, refused = at_once(lambda: order(cast, acting, "Acorn", cast.peer))
    merging.join(timeout=30)
    booking.join(timeout=30)
    assert (failed, refused) == ([], [])
    with work(by=None, why="a look", reach=Reach.everything()):
        credit = Credit.objects.get()
        assert {credit.seat_id, credit.territory_id} == {cast.territories["East 2"].pk}
