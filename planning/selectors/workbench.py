"""The territory workbench: who sells where on a day, and what is there."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Case, Q, Value, When
from django.db.models.functions import Lower

from common.access import Reach
from common.models import Period
from common.selectors import period_of
from planning.selectors.shape import Shape
from planning.selectors.standing import Standing, accounts_of, quotas_of, standing
from quotas.rules import RolledUp
from territories.models import Naming, Seat, Territory, Vacancy
from territories.selectors import SEAT_ORDER, unassigned

MOST_ROWS = 40
"""Rows that stand open at first: what one or two screens show."""
MOST_BELOW = 200
"""Rows directly below one territory; the others are found by their names."""
MOST_FOUND = 30
NO_QUOTA = RolledUp(None, None)


@dataclass(frozen=True)
class Question:
    """What the workbench asks: of which day, what stands open, and which territories are looked for.

    `below`: only among those that lie below this one.
    """

    on: date
    opened: frozenset[int] | None = None
    text: str = ""
    kind: str = ""
    is_vacant: bool = False
    is_empty: bool = False
    below: int | None = None

    @property
    def is_search(self) -> bool:
        return bool(self.text or self.kind or self.is_vacant or self.is_empty or self.below)


@dataclass(frozen=True)
class Holder:
    """Who sits there, as what, and until when where that ends."""

    seat_id: int
    name: str
    kind: str
    stops_on: date | None

    @property
    def label(self) -> str:
        return str(Seat.Kind(self.kind).label)


@dataclass(frozen=True)
class Row:
    """A territory with its people and figures: its own, and (`below`) with all that lies below it."""

    node: int
    path: tuple[int, ...]
    name: str
    code: str
    kind: str
    is_unassigned: bool
    holders: Sequence[Holder]
    has_below: bool
    is_open: bool
    is_vacant: bool
    vacant_below: int
    planned_on: date | None
    accounts: int
    accounts_below: int
    pipeline: int | None
    pipeline_below: int | None
    quota: RolledUp
    above: Sequence[str] = ()
    formerly: str = ""

    @property
    def level(self) -> int:
        return len(self.path) - 1


@dataclass(frozen=True)
class Workbench:
    """The rows of the page from the top down; of a search the first of them, and how many more there are.

    `hidden`: below which territories lie more than are listed, and how many more. `below`: how many lie below the one
    territory that was asked for, at any depth.
    """

    rows: list[Row]
    quarter: Period | None
    is_empty: bool = False
    more: int = 0
    hidden: Mapping[int, int] = field(default_factory=dict)
    below: int = 0


def workbench(mine: Reach, question: Question) -> Workbench:
    """The tree of that day, opened as asked, or the territories that were looked for."""
    page = _Page(mine, question)
    return page.found() if question.is_search else page.tree()


def rows_below(mine: Reach, question: Question, node: int) -> Workbench | None:
    """The rows directly below a territory; None where it is not in the reader's tree of that day."""
    page = _Page(mine, question)
    return page.children_of(node) if node in page.shape.parents else None


def closed_until(day: date) -> Period | None:
    """The last closed period with days from that day on: no act may change them, and so none may begin on that day."""
    closed = Period.objects.filter(is_closed=True, stops_on__gt=day)
    period: Period | None = closed.order_by("-stops_on", "-starts_on").first()
    return period


def row_of(mine: Reach, question: Question, node: int) -> Workbench | None:
    """One territory alone; None where it is not in the reader's tree of that day."""
    page = _Page(mine, question)
    return page.alone(node) if node in page.shape.parents else None


class _Page:
    """One page of the workbench; queries do not grow with its rows."""

    def __init__(self, mine: Reach, question: Question) -> None:
        self.mine, self.question = mine, question
        self.shape = Shape(mine, question.on)
        self.quarter = period_of(question.on)
        self.hidden: dict[int, int] = {}

    def tree(self) -> Workbench:
        asked = self.question.opened
        opened = self.shape.first_levels(MOST_ROWS) if asked is None else asked
        children = {node: self.shape.children[node] for node in opened if node in self.shape.children}
        names = self._names({*self.shape.tops, *(one for below in children.values() for one in below)})
        listed = list(self._walk(self.shape.tops, children, names))
        rows = self._rows(listed, names, opened)
        return Workbench(rows, self.quarter, is_empty=not rows, hidden=self.hidden)

    def children_of(self, node: int) -> Workbench:
        below = self.shape.children.get(node, [])
        names = self._names(below)
        listed = self._first(node, below, names)
        return Workbench(self._rows(listed, names, frozenset()), self.quarter, hidden=self.hidden)

    def alone(self, node: int) -> Workbench:
        rows = self._rows([node], self._names([node]), frozenset())
        return Workbench(rows, self.quarter, below=len(self.shape.below([node])) - 1)

    def found(self) -> Workbench:
        nodes = self._matching()
        listed = nodes[:MOST_FOUND]
        chains = {node: self.shape.path(node)[:-1] for node in listed}
        names = self._names({*listed, *(one for chain in chains.values() for one in chain)})
        rows = self._rows(listed, names, frozenset(), chains)
        is_empty = not self.shape.parents
        return Workbench(rows, self.quarter, is_empty=is_empty, more=len(nodes) - len(listed))

    def _walk(
        self, nodes: Collection[int], children: Mapping[int, Sequence[int]], names: Mapping[int, "_Name"]
    ) -> Iterable[int]:
        for node in self._sorted(nodes, names):
            yield node
            if node in children:
                first = self._first(node, children[node], names)
                yield from self._walk(first, children, names)

    def _first(self, node: int, below: Collection[int], names: Mapping[int, "_Name"]) -> list[int]:
        """The first of the territories below one; how many more there are is remembered."""
        rows = self._sorted(below, names)
        if rows[MOST_BELOW:]:
            self.hidden[node] = len(rows) - MOST_BELOW
        return rows[:MOST_BELOW]

    @staticmethod
    def _sorted(nodes: Collection[int], names: Mapping[int, "_Name"]) -> list[int]:
        return sorted(nodes, key=lambda node: (names[node].name.casefold(), node))

    def _names(self, nodes: Collection[int]) -> dict[int, "_Name"]:
        """What these territories are and were called on the day."""
        columns = ("pk", "name", "code", "kind", "is_unassigned")
        rows = Territory.objects.filter(pk__in=nodes).order_by().values_list(*columns)
        named = Naming.objects.on(self.question.on).filter(territory__in=nodes)
        then = dict(named.values_list("territory_id", "name"))
        return {pk: _Name(then.get(pk, name), *rest) for pk, name, *rest in rows}

    def _matching(self) -> list[int]:
        """The territories that were looked for: those whose name begins with the text, then by name."""
        question, text = self.question, self.question.text
        wanted = Q(kind=question.kind) if question.kind else Q()
        if text:
            wanted &= self._named(text)
        begins = Case(When(name__istartswith=text, then=Value(0)), default=Value(1))
        ids = (
            Territory.objects.filter(wanted)
            .order_by(begins, Lower("name"), "pk")
            .values_list("pk", flat=True)
        )
        allowed = set(self.shape.order if question.below is None else self._below(question.below))
        if question.is_vacant:
            allowed &= self.vacant
        if question.is_empty:
            accounts = accounts_of(self.mine, question.on, self.shape.narrowed(self.shape.order))
            sums = self.shape.sums(accounts, self.shape.order)
            allowed -= {node for node, number in sums.items() if number} | {unassigned().pk}
        return [pk for pk in ids if pk in allowed]

    def _named(self, text: str) -> Q:
        """By name or code, by a name of that day or before it, or by who sits there."""
        day = self.question.on
        former = Naming.objects.current().filter(starts_on__lte=day, name__icontains=text)
        seats = Seat.objects.on(day).filter(user__name__icontains=text)
        return (
            Q(name__icontains=text)
            | Q(code__icontains=text)
            | Q(pk__in=former.values("territory_id"))
            | Q(pk__in=seats.values("territory_id"))
        )

    def _below(self, node: int) -> Collection[int]:
        """What lies below a territory; nothing where it is not in the reader's tree of that day."""
        return self.shape.below([node])[1:] if node in self.shape.parents else ()

    @cached_property
    def vacant(self) -> set[int]:
        """Where nobody sits on the owner's seat of a lowest territory, or on the lead's of any other."""
        seats = Seat.objects.on(self.question.on).filter(kind__in=Seat.LASTING).order_by()
        # As arrays: they come over faster than a row for each of ten thousand seats.
        nodes = seats.values_list("kind").annotate(nodes=ArrayAgg("territory_id"))
        held = dict(nodes)
        led, above = held.get(Seat.Kind.LEAD, ()), self.shape.above
        lowest = self.shape.parents.keys() - above
        empty = lowest.difference(held.get(Seat.Kind.OWNER, ())) | above.difference(led)
        return empty - {unassigned().pk}

    def _vacant_below(self, nodes: Sequence[int]) -> dict[int, int]:
        """How many vacant territories lie below each of these."""
        if self.shape.above.isdisjoint(nodes):
            return {}
        sums = self.shape.sums(dict.fromkeys(self.vacant, 1), nodes)
        return {node: number - (node in self.vacant) for node, number in sums.items()}

    def _needed(self, node: int) -> str:
        return Seat.Kind.LEAD if node in self.shape.above else Seat.Kind.OWNER

    # ---- rows ----

    def _rows(
        self,
        listed: Sequence[int],
        names: Mapping[int, "_Name"],
        opened: frozenset[int],
        chains: Mapping[int, Sequence[int]] | None = None,
    ) -> list[Row]:
        holders = self._holders(listed)
        vacant = {node for node in listed if self._is_vacant(names[node], node, holders[node])}
        planned = self._planned(vacant)
        held = standing(self.mine, self.shape, listed, self.question.on)
        quotas = quotas_of(self.mine, self.quarter, listed)
        former = self._former(listed) if self.question.text else {}
        vacant_below = self._vacant_below(listed)
        return [
            self._row(
                node,
                names,
                opened,
                holders=holders[node],
                is_vacant=node in vacant,
                vacant_below=vacant_below.get(node, 0),
                planned_on=planned.get((node, self._needed(node))),
                held=held,
                quota=quotas.get(node, NO_QUOTA),
                above=[names[one].name for one in chains[node]] if chains else (),
                formerly=former.get(node, ""),
            )
            for node in listed
        ]

    def _row(
        self,
        node: int,
        names: Mapping[int, "_Name"],
        opened: frozenset[int],
        *,
        holders: Sequence[Holder],
        is_vacant: bool,
        vacant_below: int,
        planned_on: date | None,
        held: Standing,
        quota: RolledUp,
        above: Sequence[str],
        formerly: str,
    ) -> Row:
        name = names[node]
        return Row(
            node=node,
            path=tuple(self.shape.path(node)),
            name=name.name,
            code=name.code,
            kind=name.kind,
            is_unassigned=name.is_unassigned,
            holders=holders,
            has_below=self._needed(node) == Seat.Kind.LEAD,
            is_open=node in opened,
            is_vacant=is_vacant,
            vacant_below=vacant_below,
            planned_on=planned_on,
            accounts=held.accounts.get(node, 0),
            accounts_below=held.accounts_below[node],
            pipeline=None if held.pipeline is None else held.pipeline.get(node, 0),
            pipeline_below=None if held.pipeline_below is None else held.pipeline_below[node],
            quota=quota,
            above=above,
            formerly=formerly,
        )

    def _is_vacant(self, name: "_Name", node: int, holders: Sequence[Holder]) -> bool:
        needed = self._needed(node)
        return not name.is_unassigned and all(one.kind != needed for one in holders)

    def _holders(self, nodes: Collection[int]) -> dict[int, list[Holder]]:
        """Who sits there on the day: owners, leads, overlays, covers, each by name."""
        seats = Seat.objects.on(self.question.on).filter(territory__in=nodes)
        found: dict[int, list[Holder]] = defaultdict(list)
        rows = seats.values_list("territory_id", "pk", "user__name", "kind", "stops_on")
        for node, *seat in sorted(rows, key=lambda row: (SEAT_ORDER[Seat.Kind(row[3])], row[2], row[1])):
            found[node].append(Holder(*seat))
        return found

    def _planned(self, nodes: Collection[int]) -> dict[tuple[int, str], date]:
        """From when a vacant seat is planned to be filled."""
        rows = Vacancy.objects.on(self.question.on).filter(territory__in=nodes, stops_on__isnull=False)
        return {(node, kind): day for node, kind, day in rows.values_list("territory_id", "kind", "stops_on")}

    def _former(self, nodes: Collection[int]) -> dict[int, str]:
        """The earlier names by which a search found a territory."""
        rows = Naming.objects.current().filter(
            territory__in=nodes, stops_on__lte=self.question.on, name__icontains=self.question.text
        )
        return dict(rows.order_by("starts_on").values_list("territory_id", "name"))


@dataclass(frozen=True)
class _Name:
    """What a territory was called on the day, and of what type it is."""

    name: str
    code: str
    kind: str
    is_unassigned: bool
