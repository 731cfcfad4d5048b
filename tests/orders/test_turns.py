"""Orders and opening entries come in while others book, run the rules or take a territory out of the tree."""

import threading
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from accounts.models import AccountTerritory
from accounts.selectors.previews import preview
from accounts.services import runs
from common.access import Reach
from common.errors import Conflict
from common.importing import Outcome, Row
from common.transaction import work
from orders.models import Credit, Order
from orders.services import OpeningInput, importing, post_opening
from territories.models import Edge, Seat
from territories.services import end_seat
from tests import databases
from tests.accounts.ruled import is_in, rule
from tests.cast import Cast
from tests.conftest import Acting
from tests.planning.acts import add, retire
from tests.planning.test_territory_retire_race import at_once, books, imported, order, waits

__all__ = ["books"]

TODAY = date(2026, 5, 20)


def bring(cast: Cast, acting: Acting, entity: str, rows: list[Row]) -> Outcome:
    with acting(cast.admin):
        return importing.apply_import(by=cast.admin.pk, entity=entity, rows=rows)


def two_orders(cast: Cast) -> list[Row]:
    """Beech's is the earlier one and comes first, though its account comes after Acorn."""
    return [
        imported(cast, 2, "X-1", "Beech", cast.peer, date(2026, 5, 10)),
        imported(cast, 3, "X-2", "Acorn", cast.rep, TODAY),
    ]


@pytest.fixture
def _one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each order is a batch: the first one's account is locked, and the ledger, when the second one's is needed."""
    monkeypatch.setattr(importing, "AT_ONCE", 1)


def join(*threads: threading.Thread) -> None:
    for thread in threads:
        thread.join(timeout=30)
    assert not any(thread.is_alive() for thread in threads)


@pytest.mark.usefixtures("_one_by_one")
def test_who_books_waits_for_an_import_that_has_the_account_still_to_come(cast, acting, books, owner):
    """Booking has Acorn and waits for the ledger, which the import has, and which would wait for Acorn."""
    bringing, failed = at_once(lambda: bring(cast, acting, "order", two_orders(cast)))
    waits(owner)
    booking, refused = at_once(lambda: order(cast, acting, "Acorn", cast.rep))
    waits(owner, 2)
    books.rollback()
    join(bringing, booking)
    assert (failed, refused) == ([], [])
    with work(by=None, why="a look", reach=Reach.everything()):
        assert sorted(Order.objects.values_list("number", flat=True)) == ["SO-2026-00001", "X-1", "X-2"]
        assert Credit.objects.count() == 3


@pytest.mark.usefixtures("_one_by_one")
def test_a_run_of_the_rules_waits_for_all_accounts_of_an_import(cast, acting, books, owner):
    with acting(cast.admin):
        both = is_in("account", *(cast.accounts[name].pk for name in ("Acorn", "Beech")))
        rule(cast.admin, "R", cast.territories["West 1"], both, spares_placed=False)
        runs.ask_run(by=cast.admin.pk, starts_on=TODAY, digest=preview(TODAY).digest)
    bringing, failed = at_once(lambda: bring(cast, acting, "order", two_orders(cast)))
    waits(owner)
    running, refused = at_once(runs.run_waiting)
    waits(owner, 2)
    books.rollback()
    join(bringing, running)
    assert (failed, refused) == ([], [])
    with work(by=None, why="a look", reach=Reach.everything()):
        stands = dict(Order.objects.values_list("number", "territory__name"))
        assert stands == {"X-1": "East 2", "X-2": "East 1"}
        placed = AccountTerritory.objects.on(TODAY).filter(cause="rule")
        assert dict(placed.values_list("account__name", "territory__name")) == {
            "Acorn": "West 1",
            "Beech": "West 1",
        }


def test_an_import_waits_for_a_run_of_the_rules_before_an_account_is_locked(cast, acting, db, owner):
    run = databases.connect(db)
    run.autocommit = False
    with run.cursor() as cursor:
        cursor.execute(runs.ALONE)
        bringing, failed = at_once(lambda: bring(cast, acting, "order", two_orders(cast)))
        waits(owner)
        cursor.execute("SELECT FROM accounts_account FOR UPDATE NOWAIT")
        run.rollback()
    run.close()
    join(bringing)
    assert failed == []
    with work(by=None, why="a look", reach=Reach.everything()):
        assert Order.objects.count() == 2


# ---- opening entries ----


def opening(cast: Cast, **changes: Any) -> OpeningInput:
    """What Ada took in before the start."""
    facts = {"person_id": cast.admin.pk, "family_id": cast.families["Software"].pk, "booked_on": TODAY}
    return OpeningInput(**{**facts, "currency": "USD", "amount_minor": 100_00, "source": "a file", **changes})


def line_of(cast: Cast, number: int, **changes: Any) -> Row:
    """The same as a line of a file."""
    facts = {"person": cast.admin.email, "family": cast.families["Software"].code, "on": TODAY}
    return Row("openings.csv", number, {**facts, "currency": "USD", "amount": 100_00, **changes})


def typed(cast: Cast, acting: Acting, **changes: Any) -> Callable[[], Any]:
    def post() -> None:
        with acting(cast.admin):
            post_opening(by=cast.admin.pk, entries=[opening(cast, **changes)])

    return post


def brought(cast: Cast, acting: Acting, **changes: Any) -> Callable[[], Any]:
    return lambda: bring(cast, acting, "opening", [line_of(cast, 2, **changes)])


@pytest.fixture
def _desk(cast: Cast, acting: Acting) -> None:
    """Ada sits on *Desk*, a territory without accounts."""
    with acting(cast.admin):
        node = add(cast, "Desk", "East Team")
        Seat.objects.create(user=cast.admin, territory=node, kind="owner", starts_on=date(2026, 1, 1))


def leave(cast: Cast, acting: Acting) -> None:
    with acting(cast.admin):
        seat = Seat.objects.on(TODAY).get(territory__name="Desk")
        end_seat(by=cast.admin.pk, seat_id=seat.pk, stops_on=TODAY)


@pytest.mark.usefixtures("_desk")
@pytest.mark.parametrize(("act", "place"), [(typed, {}), (brought, {"territory": "DESK"})])
def test_who_retires_a_territory_waits_for_an_opening_entry_and_finds_it(
    cast, acting, books, owner, act, place
):
    """What names its territory stands there, also where its person leaves the seat meanwhile."""
    posting, failed = at_once(act(cast, acting, **place))
    waits(owner)
    leave(cast, acting)

    def go() -> None:
        with acting(cast.admin):
            retire(cast, "Desk", on=TODAY)

    retiring, refused = at_once(go)
    waits(owner, 2)
    books.rollback()
    join(posting, retiring)
    assert failed == []
    assert [(type(error), error.code) for error in refused] == [(Conflict, "booked_since")]
    with work(by=None, why="a look", reach=Reach.everything()):
        assert Credit.objects.get().territory_id == cast.territories["Desk"].pk
        assert Edge.objects.on(TODAY).filter(child__name="Desk").exists()


def beside_a_retirement(cast: Any, acting: Acting, owner: Any, act: Callable[[], Any]) -> list[Any]:
    """What refuses the act, which begins before *Desk* is retired and goes on after that."""
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
    posting, refused = at_once(act)
    join(retiring, posting)
    return failed + refused


@pytest.mark.usefixtures("_desk")
@pytest.mark.parametrize("act", [typed, brought])
def test_an_opening_entry_waits_for_who_retires_its_persons_territory(cast, acting, owner, act):
    assert beside_a_retirement(cast, acting, owner, act(cast, acting)) == []
    with work(by=None, why="a look", reach=Reach.everything()):
        credit = Credit.objects.get()
        assert {credit.seat_id, credit.territory_id} == {cast.territories["Unassigned"].pk}


@pytest.mark.usefixtures("_desk")
def test_an_opening_entry_for_a_territory_that_left_the_tree_is_refused(cast, acting, owner):
    act = typed(cast, acting, territory_id=cast.territories["Desk"].pk)
    (refused,) = beside_a_retirement(cast, acting, owner, act)
    assert (type(refused), refused.code) == (Conflict, "left_tree")
    assert str(refused.message) == "Desk is not part of the tree on May 20, 2026. Look again."
    with work(by=None, why="a look", reach=Reach.everything()):
        assert Credit.objects.count() == 0


def test_an_opening_entry_of_a_file_outside_of_the_tree_is_rejected_alone(cast, acting):
    with acting(cast.admin):
        desk = add(cast, "Desk", "East Team", on=date(2026, 5, 1))
        Seat.objects.create(user=cast.admin, territory=desk, kind="owner", starts_on=date(2026, 1, 1))
    rows = [line_of(cast, 2, on=date(2026, 4, 20)), line_of(cast, 3)]
    outcome = bring(cast, acting, "opening", rows)
    assert outcome.created == 1
    assert [(one.line, one.column, one.problem, one.remedy) for one in outcome.rejects] == [
        (2, "on", "Desk is not part of the tree on Apr 20, 2026.", "Correct the day, or the tree.")
    ]
    with work(by=None, why="a look", reach=Reach.everything()):
        assert Credit.objects.get().seat_id == desk.pk


@pytest.mark.usefixtures("_desk")
def test_an_opening_entry_of_a_territory_whose_owner_left_while_it_waited_is_rejected(cast, acting, owner):
    told: list[Outcome] = []
    desk = cast.territories["Desk"].code

    def act() -> None:
        told.append(bring(cast, acting, "opening", [line_of(cast, 2, person="", territory=desk)]))

    assert beside_a_retirement(cast, acting, owner, act) == []
    assert [(one.line, one.problem) for one in told[0].rejects] == [(2, "Nobody owned it on that day.")]
    with work(by=None, why="a look", reach=Reach.everything()):
        assert Credit.objects.count() == 0


@pytest.mark.usefixtures("_desk")
def test_an_opening_entry_of_a_file_is_rejected_whose_person_sits_elsewhere_by_then(
    cast, acting, books, owner
):
    """The new seat's territory is not held, and who has the ledger waits for no territory any more."""
    told: list[Outcome] = []
    with acting(cast.admin):
        annex = add(cast, "Annex", "East Team")
    bringing, failed = at_once(lambda: told.append(bring(cast, acting, "opening", [line_of(cast, 2)])))
    waits(owner)
    leave(cast, acting)
    with acting(cast.admin):
        Seat.objects.create(user=cast.admin, territory=annex, kind="owner", starts_on=TODAY)
    books.rollback()
    join(bringing)
    assert failed == []
    assert (
        told[0].created,
        [(one.line, one.column, one.problem, one.remedy) for one in told[0].rejects],
    ) == (
        0,
        [(2, "person", "Its person took another seat while it was brought in.", "Bring it in again.")],
    )
    assert bring(cast, acting, "opening", [line_of(cast, 2)]).created == 1
    with work(by=None, why="a look", reach=Reach.everything()):
        assert Credit.objects.get().seat_id == annex.pk
