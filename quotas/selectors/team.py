"""Team attainment: the tree as a table, each row's children and people adding up to it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

from django.db.models import Sum

from common.access import Reach
from common.calendars import Span
from common.models import Period
from common.transaction import widened
from orders.selectors import days_text
from quotas.models import LeafCell, NodeCell, QuotaCell
from quotas.selectors.figures import Figures, column_of, due_share
from quotas.selectors.intake import amount_column, at_nodes, counted, inner_nodes, months_of
from quotas.selectors.plan import placed_quotas
from territories.models import Edge, Seat, Territory, User
from territories.selectors import subtree_within

Spans = list[tuple[date, date]]
Sums = dict[int, int]
ALWAYS: Spans = [(date.min, date.max)]
SORTS = ("name", "quota", "intake", "attainment", "pace", "gap")


@dataclass(frozen=True)
class Question:
    """What the page asks: of which successive quarters, of which family, by which tree, what stands open, sorted how.

    `period` is the quarter that the address names; the last of `quarters` is the one that figures run up to.
    """

    period: Period
    quarters: list[Period]
    on: date
    family_id: int | None = None
    basis: str = "seat"
    opened: frozenset[int] | None = None
    sort: str = "-attainment"

    @property
    def last(self) -> Period:
        return self.quarters[-1]

    @property
    def span(self) -> Span:
        return Span(self.quarters[0].starts_on, self.last.stops_on)

    @property
    def credits(self) -> dict[str, str]:
        """The filter of the credit list that the whole table stands on."""
        chosen = {"basis": self.basis} | ({"family": str(self.family_id)} if self.family_id else {})
        year = self.last.parent
        if len(self.quarters) == 1 or year is None:
            return {"period": self.last.code, **chosen}
        return {"period": year.code, "days": days_text([self.span]), **chosen}


@dataclass(frozen=True)
class Row:
    """A node, a person at a node, or what has moved elsewhere since; with its figures."""

    path: str
    name: str
    figures: Figures
    node_id: int | None = None
    person_id: int | None = None
    who: str = ""
    is_vacant: bool = False
    is_openable: bool = False
    is_open: bool = False
    assigned: int | None = None
    rolled_up: int | None = None
    credits: str = ""
    since: date | None = None
    until: date | None = None

    @property
    def level(self) -> int:
        return self.path.count("/")

    @property
    def is_moved(self) -> bool:
        return self.node_id is None and self.person_id is None


@dataclass(frozen=True)
class Team:
    """The table: its rows from the top down, what the top rows come to, and the nodes that stand open."""

    rows: list[Row]
    total: Figures
    opened: frozenset[int]
    tops: list[Row]


def team_attainment(mine: Reach, question: Question) -> Team:
    """The nodes that a reader leads (all for who reads everything), opened as asked; queries do not grow with rows."""
    tops = _tops(mine, question)
    opened = frozenset(tops) if question.opened is None else question.opened
    table = _Table(mine, question, opened, tops)
    top_rows = table.sorted([table.node_row("", node, days) for node, days in tops.items()])
    rows = [row for top in top_rows for row in table.with_below(top, tops[top.node_id or 0])]
    return Team(rows, _total(top_rows, question), opened, top_rows)


def rows_below(mine: Reach, question: Question, path: Sequence[int]) -> list[Row]:
    """The rows directly below one node of the table; none where the path does not begin at a node that they lead."""
    tops = _tops(mine, question)
    if not path or path[0] not in tops:
        return []
    table = _Table(mine, question, frozenset(path), tops)
    spans = tops[path[0]]
    for parent, child in pairwise(path):
        spans = _both(spans, table.children.get(parent, {}).get(child, []))
    if not spans:
        return []
    joined = "/".join(map(str, path))
    top = table.node_row(joined.rpartition("/")[0], path[-1], spans)
    return [row for row in table.with_below(top, spans) if row.level == len(path)]


def _tops(mine: Reach, question: Question) -> dict[int, Spans]:
    """Who reads everything begins at the roots, each for its days as one; others at what they lead today."""
    if "org" in mine.relations("node_cell"):
        roots = Edge.objects.overlapping(question.span.start, question.span.stop).filter(parent=None)
        days: dict[int, Spans] = defaultdict(list)
        for node, start, stop in roots.values_list("child_id", "starts_on", "stops_on"):
            days[node].append((start, stop or date.max))
        return {node: _both(found, ALWAYS) for node, found in sorted(days.items())}
    below = Edge.objects.on(question.on).filter(child__in=mine.territories, parent__in=mine.territories)
    return dict.fromkeys(sorted(mine.territories - set(below.values_list("child_id", flat=True))), ALWAYS)


def _total(rows: Sequence[Row], question: Question) -> Figures:
    columns = range(len(question.quarters))
    return Figures(
        tuple(sum(row.figures.intakes[index] for row in rows) for index in columns),
        tuple(_known([row.figures.quotas[index] for row in rows]) for index in columns),
        due_share(question.last, question.on),
    )


def _known(amounts: Iterable[int | None]) -> int | None:
    found = [amount for amount in amounts if amount is not None]
    return sum(found) if found else None


@dataclass
class _Table:
    """Everything that the rows are made of, loaded by a fixed number of queries."""

    mine: Reach
    question: Question
    opened: frozenset[int]
    tops: dict[int, Spans]
    children: dict[int, dict[int, Spans]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )
    node_sums: dict[int, dict[int | None, Sums]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(dict))
    )
    leaf_sums: dict[int, list[tuple[int, date, int, int]]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self.start, self.stop = self.question.span.start, self.question.span.stop
        self.share = due_share(self.question.last, self.question.on)
        self.months = months_of(self.question.quarters)
        self._load_children()
        self.listed = {*self.tops, *(child for below in self.children.values() for child in below)}
        self.names = Territory.objects.in_bulk(self.listed)
        self.inner = inner_nodes(self.listed)
        self._load_cells()
        self._load_seats()
        self._load_quotas()

    def _load_children(self) -> None:
        edges = Edge.objects.overlapping(self.start, self.stop).filter(parent__in=self.opened)
        is_all = "org" in self.mine.relations("node_cell")
        for parent, child, start, stop in edges.values_list("parent_id", "child_id", "starts_on", "stops_on"):
            if is_all or child in self.mine.territories:
                self.children[parent][child].append((start, stop or date.max))

    def _load_cells(self) -> None:
        family, basis, quarters = self.question.family_id, self.question.basis, self.question.quarters
        nodes = counted(NodeCell.objects.filter(node__in=self.inner), self.months, family).order_by()
        for node, parent, month, amount in _summed(
            nodes, amount_column(basis), "node_id", "parent_id", "month_on"
        ):
            sums, column = self.node_sums[node][parent], column_of(month, quarters)
            sums[column] = sums.get(column, 0) + amount
        leaves = counted(
            LeafCell.objects.filter(at_nodes(self.listed, basis)), self.months, family
        ).order_by()
        for node, person, part_on, month, amount in _summed(
            leaves, "amount_minor", f"{basis}_id", "person_id", "part_on", "month_on"
        ):
            self.leaf_sums[node].append((person, part_on, column_of(month, quarters), amount))

    def _load_seats(self) -> None:
        seats = Seat.objects.overlapping(self.start, self.stop).filter(territory__in=self.listed)
        self.seats: dict[int, list[Seat]] = defaultdict(list)
        for seat in seats.order_by("starts_on", "id"):
            self.seats[seat.territory_id].append(seat)
        people = {seat.user_id for below in self.seats.values() for seat in below}
        people |= {person for sums in self.leaf_sums.values() for person, *_ in sums}
        self.people = User.objects.in_bulk(people)

    def _load_quotas(self) -> None:
        question = self.question
        cells = QuotaCell.objects.filter(
            node__in=self.listed, period__in=question.quarters, family=question.family_id
        )
        self.quotas = {(cell.node_id, cell.period_id): cell for cell in cells}
        shown = {person for node in self.opened & self.listed for person in self._people_at(node)}
        # Also of those who have left: what they were asked for there is part of the node's quota.
        with widened("quota"):
            self.placed = placed_quotas(shown, question.quarters, question.family_id)

    def _people_at(self, node: int) -> set[int]:
        """Who sold there, and who sat there to sell; a lead stands in the node's own row."""
        sellers = {person for person, *_ in self.leaf_sums[node]}
        return sellers | {seat.user_id for seat in self.seats[node] if seat.kind != Seat.Kind.LEAD}

    # ---- rows ----

    def node_row(self, above: str, node: int, spans: Spans) -> Row:
        """A node under the path above it, or at the top, for the days that it was there (`spans`)."""
        quarters = self.question.quarters
        cells = [
            self.quotas.get((node, quarter.pk)) if _holds(spans, quarter.last_day) else None
            for quarter in quarters
        ]
        assigned = [cell.assigned_minor if cell else None for cell in cells]
        rolled = [cell.rolled_minor if cell else None for cell in cells]
        asked = [one if one is not None else other for one, other in zip(assigned, rolled, strict=True)]
        intakes = self._intakes(node, spans, above)
        who = self._who(node)
        there = _both(spans, [(self.start, self.stop)])
        return Row(
            path=f"{above}/{node}" if above else str(node),
            name=self.names[node].name,
            figures=Figures(intakes, tuple(asked), self.share),
            node_id=node,
            who=", ".join(person.name for person in who),
            is_vacant=not who and not self.names[node].is_unassigned,
            is_openable=node in self.inner or bool(self._people_at(node)),
            is_open=node in self.opened,
            assigned=_known(assigned),
            rolled_up=_known(rolled),
            credits=self._credits(spans, node=node),
            since=there[0][0] if there and there[0][0] > self.start else None,
            until=there[-1][1] - timedelta(days=1) if there and there[-1][1] < self.stop else None,
        )

    def with_below(self, row: Row, spans: Spans) -> list[Row]:
        """The row and, where its node stands open, everything below it."""
        node = row.node_id
        if node is None or node not in self.opened:
            return [row]
        below = {child: _both(spans, found) for child, found in self.children.get(node, {}).items()}
        nodes = self.sorted([self.node_row(row.path, child, days) for child, days in below.items() if days])
        people = self.sorted([self._person_row(row.path, node, one, spans) for one in self._people_at(node)])
        rows = [one for child in nodes for one in self.with_below(child, below[child.node_id or 0])]
        return [row, *rows, *people, *self._moved(row, [*nodes, *people])]

    def _person_row(self, above: str, node: int, person: int, spans: Spans) -> Row:
        intakes = self._leaf_columns(node, spans, person)
        quotas = tuple(
            placed[person][0]
            if person in placed and placed[person][1] == node and _holds(spans, quarter.last_day)
            else None
            for placed, quarter in zip(self.placed, self.question.quarters, strict=True)
        )
        return Row(
            path=f"{above}/p{person}",
            name=self.people[person].name,
            figures=Figures(intakes, quotas, self.share),
            person_id=person,
            credits=self._credits(spans, node=node, person=person, alone=1),
        )

    def _moved(self, row: Row, below: Sequence[Row]) -> list[Row]:
        """What counted here as sold, of territories that belong to somebody else today."""
        columns = range(len(row.figures.intakes))
        rest = tuple(row.figures.intakes[i] - sum(one.figures.intakes[i] for one in below) for i in columns)
        if not any(rest):
            return []
        figures = Figures(rest, (None,) * len(rest), self.share)
        return [Row(path=f"{row.path}/moved", name="", figures=figures)]

    def _intakes(self, node: int, spans: Spans, above: str) -> tuple[int, ...]:
        if node not in self.inner:
            return self._leaf_columns(node, spans)
        parent = int(above.rpartition("/")[2]) if above else None
        its_days = self.tops[node] if parent is None else _both(self.children[parent][node], ALWAYS)
        if spans != its_days:
            return self._columns_of_days(node, spans)
        found: Sums = defaultdict(int)
        for over, sums in self.node_sums[node].items():
            if spans == ALWAYS or over == parent:
                for column, amount in sums.items():
                    found[column] += amount
        return tuple(found[index] for index in range(len(self.question.quarters)))

    def _columns_of_days(self, node: int, spans: Spans) -> tuple[int, ...]:
        """A node's order intake of some days out of the lowest cells: where a node far above it moved meanwhile."""
        found: Sums = defaultdict(int)
        for start, stop in _both(spans, [(self.start, self.stop)]):
            for span, nodes in subtree_within(node, Span(start, stop)):
                cells = counted(
                    LeafCell.objects.filter(at_nodes(nodes, self.question.basis)),
                    self.months,
                    self.question.family_id,
                ).filter(part_on__gte=span.start, part_on__lt=span.stop)
                for month, amount in _summed(cells.order_by(), "amount_minor", "month_on"):
                    found[column_of(month, self.question.quarters)] += amount
        return tuple(found[index] for index in range(len(self.question.quarters)))

    def _credits(self, spans: Spans, **more: int) -> str:
        """The filter of the credits behind a row: those of its days."""
        days = [Span(start, stop) for start, stop in _both(spans, [(self.start, self.stop)])]
        pieces = {} if days == [self.question.span] else {"days": days_text(days)}
        return urlencode({**self.question.credits, **pieces, **more}, safe=",")

    def _leaf_columns(self, node: int, spans: Spans, person: int | None = None) -> tuple[int, ...]:
        found: Sums = defaultdict(int)
        for seller, part_on, column, amount in self.leaf_sums[node]:
            if person in (None, seller) and _holds(spans, part_on):
                found[column] += amount
        return tuple(found[index] for index in range(len(self.question.quarters)))

    def _who(self, node: int) -> list[User]:
        """Who leads the node, or owns a lowest territory, on the last day of the period or today."""
        day = min(self.question.last.last_day, max(self.question.on, self.start))
        wanted = Seat.Kind.LEAD if node in self.inner else Seat.Kind.OWNER
        return [self.people[s.user_id] for s in self.seats[node] if s.kind == wanted and s.holds_on(day)]

    def sorted(self, rows: Sequence[Row]) -> list[Row]:
        """By the chosen column; what is undefined comes last either way, equals by name."""
        by_name = sorted(rows, key=lambda row: row.name.casefold())
        column = self.question.sort.removeprefix("-")
        is_down = self.question.sort.startswith("-")
        if column == "name":
            return by_name[::-1] if is_down else by_name
        known = [row for row in by_name if getattr(row.figures, column) is not None]
        known.sort(key=lambda row: _figure(row, column), reverse=is_down)
        return known + [row for row in by_name if getattr(row.figures, column) is None]


def _figure(row: Row, column: str) -> Fraction:
    return Fraction(getattr(row.figures, column))


def _both(days: Spans, others: Spans) -> Spans:
    """The days that are in both; stretches that touch become one."""
    shared = sorted(
        (max(start, begin), min(stop, end))
        for start, stop in days
        for begin, end in others
        if max(start, begin) < min(stop, end)
    )
    joined: Spans = []
    for start, stop in shared:
        if joined and joined[-1][1] == start:
            joined[-1] = (joined[-1][0], stop)
        else:
            joined.append((start, stop))
    return joined


def _holds(spans: Spans, day: date) -> bool:
    return any(start <= day < stop for start, stop in spans)


def _summed(rows: Any, column: str, *keys: str) -> Iterable[tuple[Any, ...]]:
    return rows.values(*keys).annotate(total=Sum(column)).values_list(*keys, "total")  # type: ignore[no-any-return]
