"""An order is booked at the very moment at which its territory leaves the tree: one of them waits for the other."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import partial
from typing import Any

import pytest
from django.db import connections

from common.access import Reach
from common.errors import Conflict, Refused
from common.importing import Row
from common.transaction import work
from orders.models import Credit, Order
from orders.services import LineInput, ShareInput, book, importing
from territories.models import Edge, Seat
from territories.services import end_seat
from tests import databases
from tests.accounts.places import assign_account
from tests.planning.acts import JUNE, WHOLE, add, lonely_deal, merge, retire

TODAY = date(2026, 5, 20)


def order(
    cast: Any, acting: Any, account: str, person: Any, *, shares: Sequence[Any] = (), **deal: Any
) -> None:
    line = LineInput(cast.products["Server"].pk, 1, 100_00)
    with acting(cast.admin):
        book(
            by=cast.admin.pk,
            account_id=cast.accounts[account].pk,
            booked_on=TODAY,
            currency="USD",
            lines=[line],
            shares=[ShareInput(one.pk, WHOLE // len(shares)) for one in shares],
            owner_id=person.pk,
            motion="new",
            **deal,
        )


def imported(cast: Any, line: int, number: str, account: str, seller: Any, day: date) -> Row:
    """An order as a line of a file."""
    values = {
        "number": number,
        "account": cast.accounts[account].number,
        "owner": seller.email,
        "booked_on": day,
    }
    sold = {"product": cast.products["Server"].code, "quantity": 1, "amount": 100_00}
    return Row("orders.csv", line, {**values, **sold, "currency": "USD", "motion": "new"})


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


@contextmanager
def holding(db: str, lock: str) -> Iterator[Any]:
    blocker = databases.connect(db)
    blocker.autocommit = False
    with blocker.cursor() as cursor:
        cursor.execute(lock)
    yield blocker
    blocker.rollback()
    blocker.close()


@pytest.fixture
def books(db: str) -> Any:
    """Somebody else who posts: until they are done every other booking waits at the ledger's end."""
    with holding(db, "SELECT FROM orders_ledgerhead FOR UPDATE") as blocker:
        yield blocker


@pytest.fixture
def lines(db: str) -> Any:
    """Until it is rolled back every booking waits with its account and its deal, before it looks at the tree again."""
    with holding(db, "LOCK TABLE orders_orderline IN SHARE MODE") as blocker:
        yield blocker


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
def test_who_books_waits_for_the_territory_that_is_retired_and_counts_nowhere_there(cast, acting, owner):
    """The seat is read before it ends, and again once its territory has left the tree."""
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
    assert (failed, refused) == ([], [])
    with work(by=None, why="a look", reach=Reach.everything()):
        assert Credit.objects.get().seat_id == cast.territories["Unassigned"].pk
        assert not Edge.objects.on(TODAY).filter(child__name="Desk").exists()


def test_an_order_whose_seller_sat_outside_of_the_tree_is_refused(cast, acting):
    with acting(cast.admin):
        desk = add(cast, "Desk", "East Team", on=date(2026, 6, 1))
        Seat.objects.create(user=cast.admin, territory=desk, kind="owner", starts_on=date(2026, 1, 1))
    with pytest.raises(
        Conflict, match=r"Desk is not part of the tree on May 20, 2026\. Look again\."
    ) as refused:
        order(cast, acting, "Acorn", cast.admin)
    assert refused.value.code == "left_tree"


WAITED: tuple[list[Any], list[Any]] = ([], [(Conflict, "booked_since")])
"""The act went through, and the merger found what it booked."""


def beside_a_merger(
    cast: Any, acting: Any, owner: Any, first: Any, act: Callable[[], Any]
) -> tuple[list[Any], list[Any]]:
    """`first` stops the act, and East 1 is merged meanwhile: what refused the act, and what the merger, by its code."""
    booking, failed = at_once(act)
    waits(owner)

    def go() -> None:
        with acting(cast.admin):
            merge(cast, "East 1", "East 2", on=TODAY)

    merging, refused = at_once(go)
    waits(owner, 2)
    first.rollback()
    booking.join(timeout=30)
    merging.join(timeout=30)
    return failed, [(type(error), error.code) for error in refused]


def test_who_merges_a_territory_waits_for_the_booking_before_it_takes_the_accounts(
    cast, acting, lines, owner
):
    booking = partial(order, cast, acting, "Acorn", cast.peer)
    assert beside_a_merger(cast, acting, owner, lines, booking) == WAITED


def test_who_merges_a_sellers_territory_waits_for_the_booking_before_it_takes_the_deal(
    cast, acting, lines, owner
):
    """The account lies elsewhere; the deal, which the booking wins before it looks at the seat, lies on East 1."""
    deal = lonely_deal(cast, "East 1")
    won = {"opportunity_id": deal.pk, "opportunity_version": deal.version}
    booking = partial(order, cast, acting, "Beech", cast.peer, shares=[cast.rep], **won)
    assert beside_a_merger(cast, acting, owner, lines, booking) == WAITED


def test_who_merges_a_sellers_territory_waits_for_the_booking_before_it_takes_what_is_planned_there(
    cast, acting, lines, owner
):
    with acting(cast.admin):
        place = {"territory_id": cast.territories["East 1"].pk, "starts_on": JUNE}
        assign_account(by=cast.admin.pk, account_id=cast.accounts["Beech"].pk, **place)
    booking = partial(order, cast, acting, "Beech", cast.peer, shares=[cast.rep])
    assert beside_a_merger(cast, acting, owner, lines, booking) == WAITED


def test_who_merges_a_territory_waits_for_all_orders_of_an_import(cast, acting, books, owner, monkeypatch):
    """The first batch locks an account that is on East 1 by now, the second one stands on East 1."""
    monkeypatch.setattr(importing, "AT_ONCE", 1)
    with acting(cast.admin):
        place = {"territory_id": cast.territories["East 1"].pk, "starts_on": date(2026, 5, 15)}
        assign_account(by=cast.admin.pk, account_id=cast.accounts["Beech"].pk, **place)
    rows = [
        imported(cast, 2, "X-1", "Beech", cast.peer, date(2026, 5, 10)),
        imported(cast, 3, "X-2", "Acorn", cast.rep, TODAY),
    ]

    def bring() -> None:
        with acting(cast.admin):
            importing.apply_import(by=cast.admin.pk, entity="order", rows=rows)

    assert beside_a_merger(cast, acting, owner, books, bring) == WAITED
    with work(by=None, why="a look", reach=Reach.everything()):
        assert sorted(Order.objects.values_list("number", "territory__name")) == [
            ("X-1", "East 2"),
            ("X-2", "East 1"),
        ]


def test_an_imported_order_whose_seller_sat_outside_of_the_tree_is_rejected_alone(cast, acting):
    with acting(cast.admin):
        desk = add(cast, "Desk", "East Team", on=date(2026, 5, 1))
        Seat.objects.create(user=cast.admin, territory=desk, kind="owner", starts_on=date(2026, 1, 1))
        rows = [
            imported(cast, 2, "X-1", "Acorn", cast.admin, date(2026, 4, 20)),
            imported(cast, 3, "X-2", "Acorn", cast.admin, TODAY),
        ]
        outcome = importing.apply_import(by=cast.admin.pk, entity="order", rows=rows)
        assert outcome.created == 1
        assert [(one.line, one.column, one.problem) for one in outcome.rejects] == [
            (2, "booked_on", "Desk is not part of the tree on Apr 20, 2026.")
        ]
        assert Credit.objects.get().seat_id == desk.pk


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
