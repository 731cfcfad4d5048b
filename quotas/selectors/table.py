"""The table of team attainment as sold: each row's children and people add up to it.

Its columns are `quotas.views.team.COLUMNS`.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import cached_property
from operator import itemgetter

from common.access import Reach
from common.calendars import Span, WorkDays
from common.dated import DatedQuerySet
from common.selectors import work_days
from common.transaction import widened
from orders.models import Basis
from orders.selectors.credits import CreditFilter
from quotas.models import LeafCell, NodeCell, QuotaCell
from quotas.rules import RolledUp, over_assignment, share_due, sum_known
from quotas.selectors.awaited import Hung, hung_as_sold
from quotas.selectors.covering import covering, not_covering
from quotas.selectors.doubled import quota_notes
from quotas.selectors.figures import Figures
from quotas.selectors.intake import amount_column, at_nodes, counted, inner_nodes, months_of, summed
from quotas.selectors.plan import placed_quotas
from quotas.selectors.question import Question
from territories.models import Edge, Seat, Territory, User
from territories.selectors import subtree_within, work_days_finder

Days = tuple[Span, ...]
EVERYBODY = -1
"""In place of a person: all who sold there, and what is told without one."""
NO_QUOTA = RolledUp(None, None)
NodeSums = dict[int, list[tuple[int | None, int, int]]]
"""Of each node: the node above, the place of the quarter, the amount."""
Placed = dict[tuple[int, int], int]
"""What a person is asked to sell, by the person and the node where that counts."""
LeafSums = dict[int, list[tuple[int | None, date, int, int]]]
"""Of each node itself: the person (None: nobody whom the reader may be told of), the day, the quarter, the amount."""


@dataclass(frozen=True)
class Row:
    """A node, a person at a node, or what has moved elsewhere since; with its days there, figures and credits.

    `notes`: whose quota a node's is that is for other nodes too, or counts in another one. `covered_by`: whether the
    open deals of a person hang here because they sit here, or because the account is here.
    """

    path: str
    name: str
    figures: Figures
    days: Days = ()
    node_id: int | None = None
    person_id: int | None = None
    who: str = ""
    is_vacant: bool = False
    is_openable: bool = False
    is_open: bool = False
    assigned: int | None = None
    rolled_up: int | None = None
    credits: CreditFilter | None = None
    since: date | None = None
    until: date | None = None
    notes: Sequence[str] = ()
    covered_by: Basis | None = None

    @property
    def level(self) -> int:
        return self.path.count("/")

    @property
    def is_moved(self) -> bool:
        return self.node_id is None and self.person_id is None

    @property
    def over_assignment(self) -> Fraction | None:
        return over_assignment(self.rolled_up, self.assigned)


class Table:
    """Everything that the rows are made of, loaded by a fixed number of queries. Days are those of the question."""

    def __init__(self, mine: Reach, question: Question) -> None:
        self.question, self.mine = question, mine
        self.quarters, self.span = question.quarters, question.span
        self.known_at = question.as_of.known_at
        self.share = self._share(work_days(known_at=self.known_at))
        self.reads_all = "org" in mine.relations("node_cell")
        self.tops = self._tops()
        self.opened = frozenset(self.tops) if question.opened is None else question.opened
        self.children = self._places(self.opened)
        self.listed = {*self.tops, *(child for below in self.children.values() for child in below)}
        self.nodes = Territory.objects.in_bulk(self.listed)
        self.inner = self._inner()
        self._load_intake()
        self.waiting = self._hang_waiting()
        asked = (mine, question.credits, question.on)
        self.covering = covering(*asked) if question.covers else not_covering()
        self._load_people()
        self._load_quotas()

    def _share(self, work: WorkDays) -> Fraction | None:
        """Of the quota, what is due by now for whoever works on these days; nodes are by the organisation's."""
        return share_due(self.question.last.span, self.question.due_on, work)

    def _tops(self) -> dict[int, Days]:
        """Who reads everything begins at the roots, each for its days; others at what they lead today."""
        if self.reads_all:
            return self._places(None)[None]
        led = self.mine.territories
        below = Edge.objects.on(self.question.on).filter(child__in=led, parent__in=led)
        return dict.fromkeys(sorted(led.difference(below.values_list("child_id", flat=True))), (self.span,))

    def _places(self, above: Collection[int] | None) -> dict[int | None, dict[int, Days]]:
        """The nodes below others, or at the top (None), each with its days there."""
        edges = Edge.objects.known(self.known_at).touching(self.span.start, self.span.stop)
        edges = edges.filter(parent=None) if above is None else edges.filter(parent__in=above)
        found: dict[int | None, dict[int, Days]] = defaultdict(dict)
        for edge in edges.order_by("child_id", "starts_on"):
            if self.reads_all or edge.child_id in self.mine.territories:
                below = found[edge.parent_id]
                below[edge.child_id] = _both((*below.get(edge.child_id, ()), edge.span), (self.span,))
        return found

    def _inner(self) -> set[int]:
        """Those of the listed nodes that have others below them."""
        return inner_nodes(self.listed, self.known_at)

    def _load_intake(self) -> None:
        family, basis, months = self.question.family_id, self.question.basis, self.months
        nodes = counted(NodeCell.objects.filter(node__in=self.inner), months, family)
        self.node_sums: NodeSums = defaultdict(list)
        for node, parent, month, amount in summed(
            nodes, amount_column(basis), "node_id", "parent_id", "month_on"
        ):
            self.node_sums[node].append((parent, months[month], amount))
        self.leaf_sums = self._leaves()

    @cached_property
    def months(self) -> dict[date, int]:
        return months_of(self.quarters)

    def _leaves(self) -> LeafSums:
        """What was sold on the listed nodes themselves, by who sold it."""
        family, basis, months = self.question.family_id, self.question.basis, self.months
        leaves = counted(LeafCell.objects.filter(at_nodes(self.listed, basis)), months, family)
        found: LeafSums = defaultdict(list)
        for node, person, part_on, month, amount in summed(
            leaves, "amount_minor", f"{basis}_id", "person_id", "part_on", "month_on"
        ):
            found[node].append((person, part_on, months[month], amount))
        return found

    def _load_people(self) -> None:
        self.seats: dict[int, list[Seat]] = defaultdict(list)
        for seat in self._seats().filter(territory__in=self.listed).order_by("starts_on", "id"):
            self.seats[seat.territory_id].append(seat)
        people = {seat.user_id for seats in self.seats.values() for seat in seats}
        people |= {person for sums in self.leaf_sums.values() for person, *_rest in sums if person}
        people |= {part.person_id for part in self.waiting if part.person_id}
        people |= self.covering.people(self.listed)
        self.names = dict(User.objects.filter(pk__in=people).values_list("pk", "name"))
        self.work_days_of = work_days_finder(people, self.known_at)

    def _hang_waiting(self) -> list[Hung]:
        """What awaits its booking, each on its node."""
        return hung_as_sold(self.mine, self.quarters, self.question.basis, self.question.family_id)

    def _seats(self) -> DatedQuerySet:
        """Who sat where in the table's time."""
        return Seat.objects.known(self.known_at).touching(self.span.start, self.span.stop)

    def _load_quotas(self) -> None:
        self.quotas = self._rolled()
        shown = {person for node in self.opened & self.listed for person in self._people_at(node)}
        # Also of those who have left: what they were asked for there is part of the node's quota.
        with widened("quota"):
            self.placed = placed_quotas(shown, self.quarters, self.question.family_id, self.known_at)
        self.notes = self._quota_notes()

    def _rolled(self) -> dict[tuple[int, int], RolledUp]:
        """What each listed node is asked for in each quarter."""
        asked = {"period__in": self.quarters, "family": self.question.family_id}
        return {
            (cell.node_id, cell.period_id): RolledUp(cell.assigned_minor, cell.rolled_minor)
            for cell in QuotaCell.objects.filter(node__in=self.listed, **asked)
        }

    def _quota_notes(self) -> Mapping[int, Sequence[str]]:
        return quota_notes(self.question.last, self.listed, self.question.family_id)

    def _people_at(self, node: int) -> set[int]:
        """Who sold there, and who sat there to sell; a lead stands in the node's own row, who covers elsewhere."""
        sellers = {person for person, *_rest in self.leaf_sums[node] if person}
        sellers |= {part.person_id for part in self.waiting if part.person_id and part.node_id == node}
        sellers |= self.covering.people([node])
        return sellers | {seat.user_id for seat in self.seats[node] if self._sells(seat)}

    def _sells(self, seat: Seat) -> bool:
        return seat.kind not in (Seat.Kind.LEAD, Seat.Kind.COVER)

    # ---- rows ----

    def node_row(self, above: Row | None, node: int, days: Days) -> Row:
        """A node below another, or at the top, for the days that it was there."""
        asked = [
            self.quotas.get((node, quarter.pk), NO_QUOTA) if _holds(days, quarter.last_day) else NO_QUOTA
            for quarter in self.quarters
        ]
        intakes, who = self._intakes(node, above, days), self._who(node)
        return Row(
            path=f"{above.path}/{node}" if above else str(node),
            name=self.nodes[node].name,
            figures=Figures(
                intakes,
                tuple(one.counted for one in asked),
                self.share,
                self._awaited(node, days),
                self.covering.at(node, days),
            ),
            days=days,
            node_id=node,
            who=", ".join(who),
            is_vacant=not who and not self.nodes[node].is_unassigned,
            is_openable=node in self.inner or bool(self._people_at(node)),
            is_open=node in self.opened,
            assigned=sum_known(one.assigned for one in asked),
            rolled_up=sum_known(one.rolled_up for one in asked),
            credits=replace(self.question.credits, node_id=node, days=days),
            since=days[0].start if days[0].start > self.span.start else None,
            until=days[-1].stop if days[-1].stop < self.span.stop else None,
            notes=self.notes.get(node, ()),
        )

    def days_below(self, row: Row | None) -> dict[int, Days]:
        """The nodes directly below a row, or at the top, each with its days there."""
        if row is None:
            return self.tops
        below = {child: _both(row.days, days) for child, days in self.children[row.node_id].items()}
        return {child: days for child, days in below.items() if days}

    def with_below(self, row: Row) -> list[Row]:
        """The row and, where its node stands open, everything below it."""
        if not row.is_open:
            return [row]
        nodes = self.sorted([self.node_row(row, node, days) for node, days in self.days_below(row).items()])
        people = self.sorted([self._person_row(row, person) for person in self._people_at(row.node_id or 0)])
        rows = [one for node in nodes for one in self.with_below(node)]
        return [row, *rows, *people, *self._moved(row, [*nodes, *people])]

    def _person_row(self, above: Row, person: int) -> Row:
        node = above.node_id or 0
        quotas = tuple(
            self._asked(placed, person, node) if _holds(above.days, quarter.last_day) else None
            for placed, quarter in zip(self.placed, self.quarters, strict=True)
        )
        return Row(
            path=f"{above.path}/p{person}",
            name=self.names[person],
            figures=Figures(
                self._of_leaves(node, above.days, person),
                quotas,
                self._share(self.work_days_of(person)),
                self._awaited(node, above.days, person),
                self.covering.at(node, above.days, person),
            ),
            person_id=person,
            credits=replace(self._whose(person), node_id=node, days=above.days, is_alone=True),
            covered_by=self.covering.basis_of(person),
        )

    def _whose(self, person: int) -> CreditFilter:
        """The credits that count for a person."""
        return replace(self.question.credits, person_id=person)

    def _asked(self, placed: Placed, person: int, node: int) -> int | None:
        """The person's quota where it counts on that node."""
        return placed.get((person, node))

    def _moved(self, row: Row, below: Sequence[Row]) -> list[Row]:
        """What counts here, of territories that belong to somebody else today."""
        rows = zip(row.figures.intakes, *(one.figures.intakes for one in below), strict=True)
        rest = tuple(whole - sum(parts) for whole, *parts in rows)
        waits = zip(row.figures.awaited, *(one.figures.awaited for one in below), strict=True)
        left = tuple(whole - sum(parts) for whole, *parts in waits)
        figures = Figures(rest, (None,) * len(rest), self.share, left)
        is_any = any(rest) or any(left)
        return [Row(path=f"{row.path}/moved", name="", figures=figures)] if is_any else []

    def _awaited(self, node: int, days: Days, person: int | None = None) -> tuple[int, ...]:
        """What awaits its booking at the node and below it, or of one person at the node itself."""
        return self._by_quarter(
            (part.column, part.minor)
            for part in self.waiting
            if _holds(days, part.booked_on)
            and (node in part.above if person is None else (node, person) == (part.node_id, part.person_id))
        )

    def _intakes(self, node: int, above: Row | None, days: Days) -> tuple[int, ...]:
        if node not in self.inner:
            return self._of_leaves(node, days)
        parent = above.node_id if above else None
        if above and days != self.children[parent][node]:
            return self._of_days(node, days)
        is_led = above is None and not self.reads_all
        sums = self.node_sums[node]
        return self._by_quarter((column, amount) for over, column, amount in sums if is_led or over == parent)

    def _of_leaves(self, node: int, days: Days, person: int | None = EVERYBODY) -> tuple[int, ...]:
        return self._by_quarter(
            (column, amount)
            for seller, part_on, column, amount in self.leaf_sums[node]
            if person in (EVERYBODY, seller) and _holds(days, part_on)
        )

    def _of_days(self, node: int, days: Days) -> tuple[int, ...]:
        """A node's order intake of some days out of the lowest cells: where a node far above it moved meanwhile."""
        months, question = months_of(self.quarters), self.question
        found: list[tuple[date, int]] = []
        for stretch in days:
            for span, nodes in subtree_within(node, stretch):
                cells = LeafCell.objects.filter(at_nodes(nodes, question.basis))
                cells = cells.filter(part_on__gte=span.start, part_on__lt=span.stop)
                found += summed(counted(cells, months, question.family_id), "amount_minor", "month_on")
        return self._by_quarter((months[month], amount) for month, amount in found)

    def _by_quarter(self, amounts: Iterable[tuple[int, int]]) -> tuple[int, ...]:
        sums = [0] * len(self.quarters)
        for column, amount in amounts:
            sums[column] += amount
        return tuple(sums)

    def _who(self, node: int) -> list[str]:
        """Who leads the node, or owns a lowest territory."""
        wanted, day = Seat.Kind.LEAD if node in self.inner else Seat.Kind.OWNER, self._day()
        seats = (seat for seat in self.seats[node] if seat.kind == wanted and seat.holds_on(day))
        return [self.names[seat.user_id] for seat in seats]

    def _day(self) -> date:
        """The last day of the period, or today."""
        return min(self.question.last.last_day, max(self.question.due_on, self.span.start))

    def total(self, rows: Sequence[Figures]) -> Figures:
        """What the rows come to, quarter by quarter."""
        columns = range(len(self.quarters))
        return Figures(
            tuple(sum(row.intakes[index] for row in rows) for index in columns),
            tuple(sum_known(row.quotas[index] for row in rows) for index in columns),
            self.share,
            tuple(sum(row.awaited[index] for row in rows) for index in columns),
            sum((Counter(row.in_play) for row in rows), Counter()),
        )

    def sorted(self, rows: Sequence[Row]) -> list[Row]:
        """By the chosen column; what is undefined comes last either way, equals by name."""
        column, is_down = self.question.sort.removeprefix("-"), self.question.sort.startswith("-")
        by_name = sorted(rows, key=lambda row: row.name.casefold())
        if column == "name":
            return by_name[::-1] if is_down else by_name
        figures = [(getattr(row.figures, column), row) for row in by_name]
        known = sorted((pair for pair in figures if pair[0] is not None), key=itemgetter(0), reverse=is_down)
        return [row for _figure, row in known] + [row for figure, row in figures if figure is None]


def _both(days: Days, others: Days) -> Days:
    """The days that are in both; stretches that touch become one."""
    shared = sorted(filter(None, (one.shared(other) for one in days for other in others)))
    joined: list[Span] = []
    for span in shared:
        if joined and joined[-1].stop == span.start:
            joined[-1] = Span(joined[-1].start, span.stop)
        else:
            joined.append(span)
    return tuple(joined)


def _holds(days: Days, day: date) -> bool:
    return any(day in span for span in days)
