"""Credit moves with a seat: to the cent, on the day of the last entry, once a second person has approved."""

import random
from collections import Counter
from datetime import date
from typing import Any

import pytest

from common.access import Reach
from common.errors import Conflict, Forbidden, NotInReach, Refused
from common.models import Period, Rate
from common.transaction import work
from orders.models import BookingEvent, Credit, Order
from orders.rollup import verify_ledger
from orders.selectors.moving import Change, OrderChange, credit_effects
from orders.services import LineInput, ShareInput, cancel, correct, note_purchase_order
from orders.services.moving import ask_credit_move, move_credit
from territories.models import Seat, User
from territories.services import pass_seat, seat_person
from tests.cast import Cast
from tests.conftest import Acting
from tests.orders.test_book import FORTY, SIXTY, ledger, order_of
from workspace.models import Approval
from workspace.services import answer

APRIL, BOOKED, MAY = date(2026, 4, 1), date(2026, 4, 10), date(2026, 5, 5)


@pytest.fixture
def oliver(cast: Cast, acting: Acting) -> User:
    """Oliver owns East 1 until 1 April: there Rita takes over, which was entered on 20 May."""
    with work(by=None, why="a former owner", reach=Reach.everything()):
        person = User.objects.create(email="oliver@example.com", name="Oliver Old")
    with acting(cast.admin):
        rita = Seat.objects.get(user=cast.rep)
        pass_seat(by=cast.admin.pk, seat_id=rita.pk, user_id=person.pk, starts_on=rita.starts_on)
    return person


def take_over(cast: Cast, acting: Acting, oliver: User) -> None:
    with acting(cast.admin):
        seat = Seat.objects.current().get(user=oliver)
        pass_seat(by=cast.admin.pk, seat_id=seat.pk, user_id=cast.rep.pk, starts_on=APRIL)


def sold(cast: Cast, acting: Acting, oliver: User, **changes: Any) -> Order:
    facts = {"by": cast.admin, "booked_on": BOOKED, "amount": 500_00, "owner_id": oliver.pk, **changes}
    with acting(cast.admin):
        return order_of(cast, **facts)


def to_rita(cast: Cast, oliver: User, order: Order) -> OrderChange:
    order.refresh_from_db()
    east_1 = cast.territories["East 1"].pk
    return OrderChange(order.pk, order.version, (Change(oliver.pk, east_1, cast.rep.pk, east_1),))


def asked(cast: Cast, *orders: OrderChange, **changes: Any) -> Approval:
    facts = {"key": "1", "about": "Credit for Rita", "url": "/", "reason": " entered late ", **changes}
    return ask_credit_move(by=cast.admin.pk, orders=orders, **facts)


def grant(acting: Acting, ben: User, approval: Approval) -> None:
    with acting(ben):
        answer(by=ben.pk, approval_id=approval.pk, version=approval.version, is_granted=True)


def rows() -> list[tuple[str, date, int]]:
    with work(by=None, why="look", reach=Reach.everything()):
        return [(row.person.name, row.booked_on, row.amount_minor) for row in ledger_with_people()]


def ledger_with_people() -> Any:
    return Credit.objects.select_related("person").order_by("ledger_seq")


def company() -> dict[str, tuple[int, int]]:
    """The company's plan and booked money of each month."""
    plan, booked = Counter[str](), Counter[str]()
    for row in ledger():
        plan[f"{row.booked_on:%Y-%m}"] += row.plan_minor
        booked[f"{row.booked_on:%Y-%m}"] += row.booked_minor
    return {month: (plan[month], booked[month]) for month in plan}


def held() -> dict[str, tuple[int, int, int]]:
    """What each person holds: amount, plan and booked money."""
    found: dict[str, tuple[int, int, int]] = {}
    with work(by=None, why="look", reach=Reach.everything()):
        for row in ledger_with_people():
            before = found.get(row.person.name, (0, 0, 0))
            now = (row.amount_minor, row.plan_minor, row.booked_minor)
            found[row.person.name] = tuple(map(sum, zip(before, now, strict=True)))  # type: ignore[assignment]
    return found


def test_the_worked_example(cast: Cast, acting: Acting, ben: User, oliver: User) -> None:
    """500.00 booked on 10 April for Oliver: −500.00 for him and +500.00 for Rita, both dated 10 April."""
    order = sold(cast, acting, oliver)
    take_over(cast, acting, oliver)
    before = company()
    assert rows() == [("Oliver Old", BOOKED, 500_00)]
    with acting(cast.admin):
        approval = asked(cast, to_rita(cast, oliver, order))
    assert rows() == [("Oliver Old", BOOKED, 500_00)]
    grant(acting, ben, approval)
    assert rows() == [
        ("Oliver Old", BOOKED, 500_00),
        ("Oliver Old", BOOKED, -500_00),
        ("Rita Rep", BOOKED, 500_00),
    ]
    assert company() == before == {"2026-04": (500_00, 500_00)}
    with acting(cast.admin):
        event = BookingEvent.objects.latest("pk")
        assert (event.kind, event.amount_minor, event.reason) == ("correction", 0, "entered late")
        assert event.by == ben
        first, back, new = ledger()
        assert (back.reverses_id, new.reverses_id) == (first.pk, None)
        assert new.territory_id == first.territory_id == cast.territories["East 1"].pk
    with acting(cast.rep):
        assert Order.objects.get().pk == order.pk
    with work(by=None, why="verify", reach=Reach.everything()):
        assert verify_ledger().is_sound


def test_of_a_60_40_split_one_share_moves(cast: Cast, acting: Acting, ben: User, oliver: User) -> None:
    """What Paul holds stays to the cent, also where the cents would fall otherwise between Rita and him."""
    shares = [ShareInput(oliver.pk, SIXTY), ShareInput(cast.peer.pk, FORTY)]
    order = sold(cast, acting, oliver, amount=100_01, currency="EUR", shares=shares)
    take_over(cast, acting, oliver)
    before, months = held(), company()
    assert before["Oliver Old"][0] + before["Paul Peer"][0] == 100_01
    with acting(cast.admin):
        approval = asked(cast, to_rita(cast, oliver, order))
    grant(acting, ben, approval)
    after = held()
    assert after == {
        "Oliver Old": (0, 0, 0),
        "Paul Peer": before["Paul Peer"],
        "Rita Rep": before["Oliver Old"],
    }
    assert company() == months
    with acting(cast.coordinator):
        order.refresh_from_db()
        cancel(
            by=cast.coordinator.pk,
            order_id=order.pk,
            version=order.version,
            booked_on=date(2026, 5, 19),
            reason="gone",
        )
    assert set(held().values()) == {(0, 0, 0)}


def test_the_cents_stay_with_whom_they_were(cast: Cast, acting: Acting, ben: User, oliver: User) -> None:
    """0.01 in halves is Paul's, whose number is lower than Oliver's; Rita's is lower than Paul's."""
    half = [ShareInput(oliver.pk, 50_000_000), ShareInput(cast.peer.pk, 50_000_000)]
    order = sold(cast, acting, oliver, amount=1, shares=half)
    take_over(cast, acting, oliver)
    before = held()
    assert (before["Paul Peer"][0], before["Oliver Old"][0]) == (1, 0)
    assert cast.rep.pk < cast.peer.pk < oliver.pk
    with acting(cast.admin):
        approval = asked(cast, to_rita(cast, oliver, order))
    grant(acting, ben, approval)
    assert (held()["Paul Peer"][0], held()["Rita Rep"][0]) == (1, 0)


def test_a_share_joins_the_one_that_they_have(cast: Cast, acting: Acting, ben: User, oliver: User) -> None:
    shares = [ShareInput(oliver.pk, SIXTY), ShareInput(cast.rep.pk, FORTY)]
    order = sold(cast, acting, oliver, shares=shares)
    take_over(cast, acting, oliver)
    east_1, nobody = cast.territories["East 1"].pk, cast.territories["Unassigned"].pk
    with acting(cast.admin):
        change = to_rita(cast, oliver, order)
        own = Change(cast.rep.pk, nobody, cast.rep.pk, east_1)
        approval = asked(cast, OrderChange(change.order, change.version, (*change.changes, own)))
    grant(acting, ben, approval)
    assert held() == {"Oliver Old": (0, 0, 0), "Rita Rep": (500_00, 500_00, 500_00)}
    with acting(cast.admin):
        assert [(row.person, row.weight) for row in BookingEvent.objects.latest("pk").shares.all()] == [
            (cast.rep, SIXTY + FORTY)
        ]
        assert {row.seat_id for row in ledger()[-1:]} == {east_1}


def test_a_partly_cancelled_order_moves_what_is_left_on_the_day_of_its_last_entry(
    cast: Cast, acting: Acting, ben: User, oliver: User
) -> None:
    lines = [
        LineInput(cast.products["Server"].pk, 3, 300_00),
        LineInput(cast.products["Licence"].pk, 1, 100_00),
        LineInput(cast.products["Licence"].pk, 2, 0),
    ]
    order = sold(cast, acting, oliver, lines=lines, currency="EUR")
    with acting(cast.coordinator):
        facts = {"by": cast.coordinator.pk, "order_id": order.pk, "version": order.version, "reason": "less"}
        cancel(**facts, booked_on=MAY, amount_minor=100_00)
    take_over(cast, acting, oliver)
    months = company()
    with acting(cast.admin):
        approval = asked(cast, to_rita(cast, oliver, order))
    grant(acting, ben, approval)
    assert rows()[-4:] == [
        ("Oliver Old", MAY, -225_00),
        ("Oliver Old", MAY, -75_00),
        ("Rita Rep", MAY, 225_00),
        ("Rita Rep", MAY, 75_00),
    ]
    assert company() == months
    assert held()["Rita Rep"] == (300_00, 330_00, 360_00)
    with acting(cast.admin):
        event = BookingEvent.objects.latest("pk")
        assert [(row.quantity, row.amount_minor) for row in event.lines.all()] == [
            (3, 225_00),
            (1, 75_00),
            (2, 0),
        ]


def test_rates_of_the_order_stay_where_others_hold_now(
    cast: Cast, acting: Acting, ben: User, oliver: User
) -> None:
    order = sold(cast, acting, oliver, currency="EUR")
    take_over(cast, acting, oliver)
    months = company()
    with work(by=None, why="rates put right"):
        for rate in Rate.objects.current():
            rate.replaced(value=2)
    with acting(cast.admin):
        approval = asked(cast, to_rita(cast, oliver, order))
    grant(acting, ben, approval)
    assert company() == months == {"2026-04": (550_00, 600_00)}


def test_a_person_who_stays_is_stamped_anew(cast: Cast, acting: Acting, ben: User) -> None:
    """Paul sold from East 2; as was entered later, he was in West already."""
    with acting(cast.peer):
        order = order_of(cast, "Beech", by=cast.peer, booked_on=BOOKED, amount=70_00)
    east_2, west = cast.territories["East 2"].pk, cast.territories["West"].pk
    with acting(cast.admin):
        seat = Seat.objects.get(user=cast.peer)
        seat.replaced(stops_on=APRIL)
        facts = {"user_id": cast.peer.pk, "territory_id": west, "kind": "owner", "starts_on": APRIL}
        seat_person(by=cast.admin.pk, **facts)
        change = OrderChange(order.pk, order.version, (Change(cast.peer.pk, east_2, cast.peer.pk, west),))
        (said,) = credit_effects([{"orders": [change.values], "reason": ""}])
        assert said == (
            f"{order.number} (Beech, Apr 10, 2026): $70.00 from Paul Peer on East 2 to Paul Peer on West. Each is put "
            "right on the day of its last entry, so that the company's months stay what they are."
        )
        approval = asked(cast, change)
    grant(acting, ben, approval)
    assert [(row.seat_id, row.amount_minor) for row in ledger()] == [
        (east_2, 70_00),
        (east_2, -70_00),
        (west, 70_00),
    ]


def test_what_is_asked_says_the_amounts_of_the_first_ten(cast: Cast, acting: Acting, oliver: User) -> None:
    orders = [sold(cast, acting, oliver, amount=100 * number) for number in range(1, 13)]
    take_over(cast, acting, oliver)
    with acting(cast.admin):
        payload = {"orders": [to_rita(cast, oliver, one).values for one in orders], "reason": "late"}
        (said,) = credit_effects([payload])
    assert (
        f"{orders[9].number} (Acorn, Apr 10, 2026): $10.00 from Oliver Old on East 1 to Rita Rep on East 1."
        in said
    )
    assert orders[10].number not in said
    assert "And of 2 orders more." in said


@pytest.mark.parametrize("what", ["corrected", "cancelled", "noted", "closed"])
def test_what_changed_since_it_was_asked_is_refused(
    cast: Cast, acting: Acting, ben: User, oliver: User, what: str
) -> None:
    order = sold(cast, acting, oliver)
    take_over(cast, acting, oliver)
    with acting(cast.admin):
        approval = asked(cast, to_rita(cast, oliver, order))
    facts = {"by": cast.admin.pk, "order_id": order.pk, "version": order.version}
    with acting(cast.admin):
        if what == "corrected":
            correct(
                **facts,
                booked_on=MAY,
                reason="typed wrong",
                cause="amount",
                lines=[LineInput(cast.products["Licence"].pk, 1, 400_00)],
                shares=[],
            )
        elif what == "cancelled":
            cancel(**facts, booked_on=MAY, reason="gone")
        elif what == "noted":
            note_purchase_order(**facts, purchase_order="PO 7")
        else:
            Period.objects.filter(code="2026-04").update(is_closed=True)
    before = rows()
    said = "lies in 2026-04, which is closed" if what == "closed" else "was changed since this was asked for"
    with pytest.raises(Conflict, match=said):
        grant(acting, ben, approval)
    assert rows() == before
    with acting(cast.admin):
        approval.refresh_from_db()
        assert approval.state == "waiting"


def test_who_no_longer_sits_there_gets_nothing(cast: Cast, acting: Acting, ben: User, oliver: User) -> None:
    order = sold(cast, acting, oliver)
    take_over(cast, acting, oliver)
    with acting(cast.admin):
        approval = asked(cast, to_rita(cast, oliver, order))
        seat = Seat.objects.current().get(user=cast.rep)
        pass_seat(by=cast.admin.pk, seat_id=seat.pk, user_id=oliver.pk, starts_on=APRIL)
    with pytest.raises(Conflict, match="Rita Rep does not sit on East 1 on Apr 10, 2026 any more"):
        grant(acting, ben, approval)


def test_what_cannot_be_asked_for_is_said(cast: Cast, acting: Acting, ben: User, oliver: User) -> None:
    order = sold(cast, acting, oliver)
    take_over(cast, acting, oliver)
    with acting(cast.admin):
        change = to_rita(cast, oliver, order)
        for orders, changes, path in [
            ([change], {"reason": " "}, "reason"),
            ([], {}, "orders"),
            ([change] * 201, {}, "orders"),
            ([OrderChange(order.pk, order.version + 1, change.changes)], {}, "orders"),
        ]:
            with pytest.raises(Refused) as refusal:
                asked(cast, *orders, **changes)
            assert refusal.value.path == path
        with pytest.raises(NotInReach):
            asked(cast, OrderChange(0, 1, change.changes))
        asked(cast, change)
        with pytest.raises(Conflict, match="waits for an answer already"):
            asked(cast, change, key="2")
    with acting(cast.admin):
        Period.objects.filter(code="2026-04").update(is_closed=True)
        with pytest.raises(Conflict, match="lies in 2026-04, which is closed: its credit stays"):
            asked(cast, change, key="2")


def test_without_a_second_administrator_nobody_could_answer(cast: Cast, acting: Acting, oliver: User) -> None:
    order = sold(cast, acting, oliver)
    take_over(cast, acting, oliver)
    with acting(cast.admin), pytest.raises(Conflict, match="Give that role to a second person first"):
        asked(cast, to_rita(cast, oliver, order))


def test_only_out_of_a_granted_approval_and_only_administrators(
    cast: Cast, acting: Acting, ben: User, oliver: User
) -> None:
    order = sold(cast, acting, oliver)
    take_over(cast, acting, oliver)
    with acting(cast.admin):
        change = to_rita(cast, oliver, order)
        approval = asked(cast, change)
        with pytest.raises(Forbidden):
            move_credit(by=cast.admin.pk, approval_id=approval.pk, **approval.payload)
    for person in (cast.rep, cast.manager, cast.director, cast.coordinator, cast.executive):
        with acting(person), pytest.raises(Forbidden):
            ask_credit_move(by=person.pk, key="1", about="x", url="/", orders=[change], reason="x")


@pytest.mark.parametrize("seed", range(6))
def test_whatever_was_split_and_cancelled_only_the_named_share_moves(
    cast: Cast, acting: Acting, ben: User, oliver: User, seed: int
) -> None:
    """There and back again: months, and everybody else, stay to the cent; cancelled whole, nothing is left."""
    chance = random.Random(seed)
    cut = sorted(chance.sample(range(1, 100_000_000), 2))
    people = [oliver.pk, cast.peer.pk, cast.other_rep.pk]
    weights = [cut[0], cut[1] - cut[0], 100_000_000 - cut[1]]
    lines = [
        LineInput(cast.products[name].pk, chance.randint(1, 9), chance.choice([1, 7, 100_01, 999_999_99]))
        for name in chance.choices(["Server", "Licence"], k=3)
    ]
    order = sold(
        cast, acting, oliver, lines=lines, currency="EUR", shares=list(map(ShareInput, people, weights))
    )
    total = sum(line.amount_minor for line in lines)
    facts = {"by": cast.coordinator.pk, "order_id": order.pk, "reason": "less"}
    with acting(cast.coordinator):
        part = chance.randint(1, total - 1)
        cancel(**facts, version=1, booked_on=MAY, amount_minor=part)
    take_over(cast, acting, oliver)
    before, months = held(), company()
    with acting(cast.admin):
        approval = asked(cast, to_rita(cast, oliver, order))
    grant(acting, ben, approval)
    gone = before.pop("Oliver Old")
    assert held() == {**before, "Oliver Old": (0, 0, 0), "Rita Rep": gone}
    assert company() == months
    with work(by=None, why="verify", reach=Reach.everything()):
        assert verify_ledger().is_sound
    with acting(cast.coordinator):
        order.refresh_from_db()
        if total - part > 1:
            cancel(**facts, version=order.version, booked_on=MAY, amount_minor=1)
            order.refresh_from_db()
        cancel(**facts, version=order.version, booked_on=MAY)
    assert set(held().values()) == {(0, 0, 0)}
