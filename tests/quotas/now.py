"""What the tests of *as organised now* share: moves in one line, and what the table then says."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from common.access import Reach
from common.models import Run
from common.transaction import reach, work
from orders.selectors.credits import credit_total
from orders.services import OpeningInput, post_opening
from quotas.selectors.team import Question, Row, Team, team_attainment
from territories.models import Edge, Seat
from territories.services import create_territory, end_seat, seat_person
from tests.accounts.places import assign_account
from tests.cast import Cast
from tests.conftest import Acting, Browser

APRIL, MAY, TODAY = date(2026, 4, 14), date(2026, 5, 12), date(2026, 5, 20)
FIRST_OF_MAY = date(2026, 5, 1)
WHOLE, HALF = 100_000_000, 50_000_000
Night = Callable[..., Run]
Browse = Callable[[Any], Browser]
Found = dict[str, int]


def ask(cast: Cast, **more: Any) -> Question:
    """The second quarter as organised now, with every node open."""
    nodes = frozenset(node.pk for node in cast.territories.values())
    return Question(
        **{"period": cast.q2, "quarters": [cast.q2], "on": TODAY, "opened": nodes, "is_now": True, **more}
    )


def team_of(cast: Cast, acting: Acting, who: str = "executive", **more: Any) -> Team:
    with acting(getattr(cast, who)):
        return team_attainment(reach(), ask(cast, **more))


def intakes(rows: Iterable[Row]) -> Found:
    """What nodes and people have, by name; rows of nothing are left out."""
    return {row.name: row.figures.intake for row in rows if row.figures.intake}


def figures(cast: Cast, acting: Acting, who: str = "executive", **more: Any) -> Found:
    return intakes(row for row in team_of(cast, acting, who, **more).rows if row.node_id)


def reseat(cast: Cast, acting: Acting, who: str, where: str | None, kind: str = "owner") -> None:
    """The person leaves their seat on 1 May, and takes another one."""
    person = getattr(cast, who)
    with acting(cast.admin):
        seat = Seat.objects.current().get(user=person)
        end_seat(by=cast.admin.pk, seat_id=seat.pk, stops_on=FIRST_OF_MAY)
        if where:
            place = {"territory_id": cast.territories[where].pk, "kind": kind, "starts_on": FIRST_OF_MAY}
            seat_person(by=cast.admin.pk, user_id=person.pk, **place)


def new_node(cast: Cast, acting: Acting, name: str, below: str) -> None:
    with acting(cast.admin):
        parent = cast.territories[below].pk
        node = {"name": name, "code": name.upper(), "parent_id": parent, "starts_on": date(2026, 4, 1)}
        cast.territories[name] = create_territory(by=cast.admin.pk, **node)


def move_account(cast: Cast, acting: Acting, account: str, where: str) -> None:
    with acting(cast.admin):
        place = {"account_id": cast.accounts[account].pk, "territory_id": cast.territories[where].pk}
        assign_account(by=cast.admin.pk, starts_on=date(2026, 5, 10), **place)


def retire(cast: Cast, name: str, on: date = date(2026, 5, 10)) -> None:
    """The node is in the tree no more, whatever sits on it."""
    with work(by=None, why="retire", reach=Reach.everything()):
        Edge.objects.current().get(child=cast.territories[name]).replaced(stops_on=on)


def opening(cast: Cast, acting: Acting, amount: int, on: date = APRIL) -> None:
    entry = {"person_id": cast.rep.pk, "family_id": cast.families["Software"].pk, "amount_minor": amount}
    with acting(cast.admin):
        post_opening(
            by=cast.admin.pk, entries=[OpeningInput(booked_on=on, currency="USD", source="a file", **entry)]
        )


def total_of(cast: Cast, acting: Acting, row: Row, who: str = "executive") -> Any:
    """What the list of credits behind a row says."""
    assert row.credits
    with acting(getattr(cast, who)):
        return credit_total(row.credits, reach())
