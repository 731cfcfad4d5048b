"""Where everything stands on a day as a sheet: exported, edited elsewhere, and brought back as a realignment."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

from accounts.models import Account, AccountTerritory
from common.access import Reach
from common.written import Cell
from planning.selectors.shape import Shape
from territories.models import Edge, Seat, Territory, User
from territories.selectors import unassigned

HEADS = ("Territory", "Name", "Lies below", "Owner", "Lead", "Account", "Account name", "From")
"""The columns of the sheet; the table `realignment` of the imports reads them back."""


@dataclass(frozen=True)
class Standing:
    """The tree of a day by ids, and who owns and leads each territory of it; `nobody` keeps what belongs to nobody."""

    nodes: dict[int, Territory]
    parents: dict[int, int | None]
    seats: dict[tuple[int, str], User]
    nobody: Territory


def standing_on(day: date) -> Standing:
    """How the company stands on that day, with what is planned until then."""
    parents = dict(Edge.objects.on(day).values_list("child_id", "parent_id"))
    seats = Seat.objects.on(day).filter(kind__in=Seat.LASTING)
    held = {(seat.territory_id, seat.kind): seat.user for seat in seats.select_related("user")}
    nobody = unassigned()
    return Standing(Territory.objects.in_bulk([*parents, nobody.pk]), parents, held, nobody)


def sheet_of(mine: Reach, day: date) -> Iterator[list[Cell]]:
    """The header, a row for each territory of that day, then one for each account, as far as they are in reach.

    Who does not draft for the whole company gets what they lead: its territories, and the accounts that lie there.
    """
    yield [*HEADS]
    shape, standing = Shape(mine, day), standing_on(day)
    for node in shape.order:
        yield _territory(standing, node, day)
    for number, name, node in _accounts(mine, day, standing):
        if shape.reads_all or node in shape.parents:
            yield [standing.nodes[node].code, "", "", "", "", number, name, day]


def _territory(standing: Standing, node: int, day: date) -> list[Cell]:
    above = standing.parents[node]
    seats = (standing.seats.get((node, kind)) for kind in Seat.LASTING)
    people = [person.email if person else "" for person in seats]
    row, parent = standing.nodes[node], standing.nodes[above].code if above else ""
    return [row.code, row.name, parent, *people, "", "", day]


def places_on(day: date, standing: Standing, account_ids: Collection[int] | None = None) -> dict[int, int]:
    """The field territory of accounts on that day, as far as it is in the tree; the others belong to nobody."""
    rows = AccountTerritory.in_field().on(day)
    if account_ids is not None:
        rows = rows.filter(account__in=account_ids)
    places = rows.values_list("account_id", "territory_id")
    return {account: node for account, node in places if node in standing.nodes}


def _accounts(mine: Reach, day: date, standing: Standing) -> Iterator[tuple[str, str, int]]:
    """Number, name and field territory that day of each account in reach."""
    places, nobody = places_on(day, standing), standing.nobody.pk
    rows = Account.objects.visible_to(mine).filter(merged_into=None).order_by("name_key", "pk")
    for pk, number, name in rows.values_list("pk", "number", "name"):
        yield number, name, places.get(pk, nobody)
