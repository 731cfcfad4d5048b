"""Where everything stands on a day as a sheet: exported, edited elsewhere, and brought back as a realignment."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain

from django.db.models import F, Q, Value

from accounts.models import Account, AccountTerritory
from common.access import AnyOf, Reach
from common.errors import NotInReach
from common.selectors import today
from common.written import Cell
from planning.rules.sheet import MOST_LINES
from planning.selectors.shape import Shape
from planning.selectors.standing import accounts_of
from planning.selectors.whereabouts import Places, later_in_words, names_on, places_from
from territories.models import Edge, Seat, Territory, User
from territories.selectors import unassigned

HEADS = (
    "Territory", "Name", "Lies below", "Owner", "Lead", "Account", "Account name", "From", "Account owner", "Later",
)  # fmt: skip
"""The columns of the sheet; the table `realignment` of the imports reads them back.

Names, whose an account is and where it goes later are for the reader alone.
"""


@dataclass(frozen=True)
class Standing:
    """The tree of a day by ids, and who owns and leads each territory of it; `nobody` keeps what belongs to nobody."""

    nodes: dict[int, Territory]
    parents: dict[int, int | None]
    seats: dict[tuple[int, str], User]
    nobody: Territory

    def place_of(self, places: Places, day: date) -> int:
        """Where an account with these places is on the day: nobody's, where that is not in the tree."""
        node = next((node for node, begins in places if begins <= day), 0)
        return node if node in self.nodes else self.nobody.pk


def standing_on(day: date) -> Standing:
    """How the company stands on that day, with what is planned until then."""
    parents = dict(Edge.objects.on(day).values_list("child_id", "parent_id"))
    seats = Seat.objects.on(day).filter(kind__in=Seat.LASTING)
    held = {(seat.territory_id, seat.kind): seat.user for seat in seats.select_related("user")}
    nobody = unassigned()
    return Standing(Territory.objects.in_bulk([*parents, nobody.pk]), parents, held, nobody)


def sheet_of(mine: Reach, day: date, below: int | None = None) -> Iterator[list[Cell]]:
    """The header, a row for each territory of that day, then one for each account, as far as they are in reach.

    Who does not draft for the whole company gets what they lead: its territories, and the accounts that lie there.
    `below`: only a territory with all below it. Raises NotInReach for one that is not in the tree of the reader's day.
    """
    shape, standing = Shape(mine, day), standing_on(day)
    if below is not None and below not in shape.parents:
        raise NotInReach()
    order = shape.order if below is None else shape.below([below])
    return chain([[*HEADS]], _lines(mine, day, standing, order, is_whole=shape.reads_all and below is None))


def _lines(
    mine: Reach, day: date, standing: Standing, order: Sequence[int], *, is_whole: bool
) -> Iterator[list[Cell]]:
    for node in order:
        yield _territory(standing, node, day)
    within = set(order)
    known = _places(day, standing, None if is_whole else within)
    named = names_on({node for places in known.values() for node, begins in places if begins > day}, day)
    for number, name, places in _accounts(mine, known, is_all=is_whole or standing.nobody.pk in within):
        node = standing.place_of(places, day)
        if is_whole or node in within:
            owner = standing.seats.get((node, Seat.Kind.OWNER))
            email, later = owner.email if owner else "", later_in_words(places, day, named)
            yield [standing.nodes[node].code, "", "", "", "", number, name, day, email, later]


@dataclass(frozen=True)
class Cut:
    """A territory with all below it as a part of the sheet: how many lines it has, and whether there is more below."""

    territory: Territory
    accounts: int
    lines: int
    has_below: bool

    @property
    def fits(self) -> bool:
        """Whether it can be brought back in one piece."""
        return self.lines <= MOST_LINES


@dataclass(frozen=True)
class Cuts:
    """How a sheet can be cut: the whole, what was chosen of it, the way down to that, and the parts directly below."""

    lines: int
    chosen: Cut | None
    above: list[Territory]
    parts: list[Cut]

    @property
    def fits(self) -> bool:
        return self.lines <= MOST_LINES


def cuts_of(mine: Reach, day: date, below: int | None = None) -> Cuts:
    """The parts of the sheet of a day with their lines: the topmost territories, or those below one; then nobody's.

    Raises NotInReach for a territory that is not in the tree of the reader's day.
    """
    shape = Shape(mine, day)
    if below is not None and below not in shape.parents:
        raise NotInReach()
    accounts = dict(accounts_of(mine, day, shape.narrowed(shape.order)))
    if shape.reads_all:
        nobody, everybody = unassigned().pk, sum(accounts_of(mine, today(), None).values())
        accounts = {node: count for node, count in accounts.items() if node in shape.parents}
        accounts[nobody] = 0
        accounts[nobody] = everybody - sum(accounts.values())
    sums, nodes = shape.sums(accounts, shape.order), shape.sums(dict.fromkeys(shape.order, 1), shape.order)
    top = shape.tops[0] if below is None and len(shape.tops) == 1 else below
    children = shape.tops if top is None else shape.children.get(top, [])
    above = shape.path(top)[:-1] if top is not None else []
    named = Territory.objects.in_bulk([*children, *above, *([] if top is None else [top])])

    def cut(node: int) -> Cut:
        lines = sums[node] + nodes[node]
        return Cut(named[node], sums[node], lines, bool(shape.children.get(node)))

    parts = sorted(
        (cut(node) for node in children), key=lambda one: (one.territory.is_unassigned, one.territory.name)
    )
    chosen = None if top is None else cut(top)
    total = sum(sums[node] + nodes[node] for node in shape.tops)
    return Cuts(total, chosen, [named[node] for node in above], parts)


def _territory(standing: Standing, node: int, day: date) -> list[Cell]:
    above = standing.parents[node]
    seats = (standing.seats.get((node, kind)) for kind in Seat.LASTING)
    people = [person.email if person else "" for person in seats]
    row, parent = standing.nodes[node], standing.nodes[above].code if above else ""
    return [row.code, row.name, parent, *people, "", "", day, "", ""]


def _places(day: date, standing: Standing, within: Collection[int] | None) -> Mapping[int, Places]:
    """By account its field territories from that day on; `within`: of the accounts that are there on the day."""
    if within is None or standing.nobody.pk in within:
        return places_from(None, day)
    there = AccountTerritory.in_field().on(day).filter(Q(AnyOf(F("territory_id"), Value(list(within)))))
    return places_from(list(there.values_list("account_id", flat=True)), day)


def _accounts(mine: Reach, known: Mapping[int, Places], *, is_all: bool) -> Iterator[tuple[str, str, Places]]:
    """Number, name and field territories of each account in reach: of all (`is_all`), or of those that are known."""
    rows = Account.objects.visible_to(mine).filter(merged_into=None).order_by("name_key", "pk")
    if not is_all:
        rows = rows.filter(Q(AnyOf(F("pk"), Value(list(known)))))
    for pk, number, name in rows.values_list("pk", "number", "name"):
        yield number, name, known.get(pk, [])
