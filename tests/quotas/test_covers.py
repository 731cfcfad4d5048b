"""Who covers for a time counts where they sit themselves; credit that moves with a seat moves in the cells too."""

from datetime import date
from typing import Any

from common.access import Reach
from common.transaction import reach, work
from forecasts.selectors import callers
from orders.models import Order
from orders.selectors.moving import Change, OrderChange
from orders.services.moving import ask_credit_move
from quotas.models import LeafCell
from quotas.selectors.plan import Place, placed_quotas, places
from quotas.selectors.team import team_attainment
from quotas.services import set_quota
from territories.models import Seat, User
from territories.services import end_seat, pass_seat, seat_person
from tests.cast import Cast
from tests.conftest import Acting
from tests.quotas.conftest import Sell, node_intake
from tests.quotas.test_team_attainment import ask
from workspace.services import answer

APRIL, BOOKED, JUNE = date(2026, 4, 1), date(2026, 4, 10), date(2026, 6, 1)


def cover(cast: Cast, person: User, place: str, **days: date) -> Seat:
    facts = {
        "territory_id": cast.territories[place].pk,
        "kind": "cover",
        "starts_on": APRIL,
        "stops_on": JUNE,
    }
    return seat_person(by=cast.admin.pk, user_id=person.pk, **{**facts, **days})


def test_quota_counts_where_they_sit_and_not_where_they_cover(cast: Cast, acting: Acting) -> None:
    """Paul left East 2 in April and covers West 1 to the quarter's end: his quota stays with East 2."""
    with acting(cast.admin):
        set_quota(by=cast.admin.pk, period_id=cast.q2.pk, person_id=cast.peer.pk, amount_minor=500_00)
        seat = Seat.objects.get(user=cast.peer)
        end_seat(by=cast.admin.pk, seat_id=seat.pk, stops_on=date(2026, 4, 20))
        cover(cast, cast.peer, "West 1", stops_on=date(2026, 7, 1))
        east_2, west_1 = cast.territories["East 2"].pk, cast.territories["West 1"].pk
        assert places([cast.q2], [cast.peer.pk]) == [{cast.peer.pk: Place(east_2, "owner")}]
        assert placed_quotas([cast.peer.pk], [cast.q2]) == [{(cast.peer.pk, east_2): 500_00}]
        cover(cast, cast.coordinator, "West 1")
        assert places([cast.q2], [cast.coordinator.pk]) == [{cast.coordinator.pk: Place(west_1, "cover")}]


def test_credit_is_stamped_where_they_sit(cast: Cast, acting: Acting, sell: Sell) -> None:
    with acting(cast.admin):
        cover(cast, cast.peer, "East 1")
    sell("Acorn", 70_00, BOOKED, {"peer": 100_000_000})
    with work(by=None, why="look", reach=Reach.everything()):
        credit = Order.objects.get().events.get().credits.get()
        assert (credit.seat.name, credit.territory.name) == ("East 2", "East 1")


def test_who_covers_is_no_person_of_the_team_and_calls_nothing(
    cast: Cast, acting: Acting, sell: Sell, night: Any
) -> None:
    with acting(cast.admin):
        cover(cast, cast.coordinator, "East 1")
        assert cast.coordinator not in callers(date(2026, 5, 20))
        assert cast.rep in callers(date(2026, 5, 20))
    sell("Acorn", 10_00, BOOKED, {"rep": 100_000_000})
    night()
    with acting(cast.executive):
        team = team_attainment(reach(), ask(cast, opened=",".join(cast.territories)))
    people = {row.person_id for row in team.rows}
    assert cast.rep.pk in people
    assert cast.coordinator.pk not in people


def test_credit_that_moves_with_a_seat_moves_between_cells(
    cast: Cast, acting: Acting, sell: Sell, night: Any, refresh: Any, ben: User
) -> None:
    order = sell("Acorn", 500_00, BOOKED, {"rep": 100_000_000})
    night()
    names = ("Company", "East", "East 1", "West")

    def intakes() -> dict[str, int]:
        with work(by=None, why="look", reach=Reach.everything()):
            return {name: node_intake(cast.territories[name].pk, cast.q2) for name in names}

    before = intakes()
    assert before == {"Company": 500_00, "East": 500_00, "East 1": 500_00, "West": 0}
    with acting(cast.admin):
        seat = Seat.objects.get(user=cast.rep)
        pass_seat(by=cast.admin.pk, seat_id=seat.pk, user_id=cast.coordinator.pk, starts_on=APRIL)
        east_1 = cast.territories["East 1"].pk
        change = Change(cast.rep.pk, east_1, cast.coordinator.pk, east_1)
        approval = ask_credit_move(
            by=cast.admin.pk,
            key="1",
            about="Credit",
            url="/",
            orders=[OrderChange(order, Order.objects.get(pk=order).version, (change,))],
            reason="entered late",
        )
    with acting(ben):
        answer(by=ben.pk, approval_id=approval.pk, version=1, is_granted=True)
    refresh()
    assert intakes() == before
    with work(by=None, why="look", reach=Reach.everything()):
        cells = LeafCell.objects.exclude(amount_minor=0).values_list("person_id", "month_on", "amount_minor")
        assert list(cells) == [(cast.coordinator.pk, APRIL, 500_00)]
