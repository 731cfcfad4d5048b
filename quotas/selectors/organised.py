"""The table of team attainment as organised now: the same credits, hung under today's tree."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from datetime import date
from typing import Any

from django.db.models import BooleanField, Case, Q, QuerySet, Value, When

from common.access import Reach
from common.dated import DatedQuerySet
from common.transaction import widened
from orders.models import Basis, Credit
from orders.selectors.organised import ACCOUNTS_PLACE, credit_tree
from quotas.models import LeafCell
from quotas.selectors.awaited import Hung as AwaitedHung
from quotas.selectors.awaited import hung_now
from quotas.selectors.intake import counted, months_of, summed
from quotas.selectors.question import Question
from quotas.selectors.table import Days, LeafSums, NodeSums, Placed, Table
from territories.models import Seat, Territory

Hung = tuple[int, int | None, bool, int, int]
"""The node on which it belongs, the person (None: nobody), whether the reader may be told of them, the quarter's place,
the amount.
"""


class TableNow(Table):
    """Every credit where it belongs today, for the whole of the question's time; people where they sit today.

    Who sees what: of a node that they lead, its figure, whoever sold it wherever; of a person whom they lead today,
    what that person comes to there; of anybody else what was sold in their reach, while the rest stands in one row
    without a name. So does `orders.selectors.credits.credit_total` behind each figure.

    Quotas stay where they were set: a node's with the node, as the quarter's own tree has it, a person's with the
    person.
    """

    def __init__(self, mine: Reach, question: Question) -> None:
        self.tree = credit_tree(question.on)
        super().__init__(mine, question)

    def _places(self, above: Collection[int] | None) -> dict[int | None, dict[int, Days]]:
        found: dict[int | None, dict[int, Days]] = defaultdict(dict)
        for parent in [None] if above is None else above:
            for child in self.tree.children.get(parent, []):
                if self.reads_all or child in self.mine.territories:
                    found[parent][child] = (self.span,)
        return found

    def _inner(self) -> set[int]:
        return self.listed.intersection(self.tree.children)

    def _load_intake(self) -> None:
        self.leaf_sums: LeafSums = defaultdict(list)
        sums: Counter[tuple[int, int]] = Counter()
        for node, person, is_told, column, amount in self._hung():
            self.leaf_sums[node].append((person if is_told else None, self.span.start, column, amount))
            for above in self.tree.above(node):
                sums[above, column] += amount
        self.node_sums: NodeSums = defaultdict(list)
        for (node, column), amount in sums.items():
            self.node_sums[node].append((self.tree.parents.get(node), column, amount))

    def _hung(self) -> Iterator[Hung]:
        if self.question.basis == Basis.TERRITORY:
            with widened(*self.question.beyond, "booking_event", "order", "account"):
                rows = list(self._summed(self._ledger(), "booked_on", "plan_minor", "place"))
            return ((self.tree.kept(place), *rest) for place, *rest in rows)
        rows = self._by_seat()
        return ((self.tree.place(person, seat), person, *rest) for seat, person, *rest in rows)

    def _by_seat(self) -> list[tuple[Any, ...]]:
        with widened("leaf_cell"):
            return list(self._summed(self._cells(), "month_on", "amount_minor", "seat_id"))

    def _ledger(self) -> QuerySet[Any]:
        """By the account's territory of today, which no cell knows."""
        rows = self.question.as_of.narrow(Credit.objects.intake()).filter(
            booked_on__gte=self.span.start, booked_on__lt=self.span.stop
        )
        # Every territory there is: so named, the index by territory and day finds the time, and nothing else is read.
        rows = rows.filter(territory__in=list(Territory.objects.values_list("pk", flat=True)))
        if self.question.family_id:
            rows = rows.filter(family_id=self.question.family_id)
        placed: QuerySet[Any] = rows.annotate(place=ACCOUNTS_PLACE)
        return placed

    def _cells(self) -> QuerySet[Any]:
        return counted(LeafCell.objects.all(), months_of(self.quarters), self.question.family_id)

    def _summed(self, rows: QuerySet[Any], day: str, amount: str, place: str) -> QuerySet[Any]:
        """The sums by place, person, whether they are told, and quarter, of the nodes that the reader leads."""
        is_told: Any = Value(value=True)
        if not self.reads_all:
            rows = rows.filter(self.tree.belonging(self.question.basis, self.mine.territories))
            is_told = Case(
                When(self._told(rows.model), then=True), default=False, output_field=BooleanField()
            )
        quarters = [
            When(**{f"{day}__lt": quarter.stops_on}, then=Value(column))
            for column, quarter in enumerate(self.quarters)
        ]
        keys = (place, "person_id", "is_told", "column")
        parted = rows.annotate(is_told=is_told, column=Case(*quarters))
        return summed(parted, amount, *keys)

    def _hang_waiting(self) -> list[AwaitedHung]:
        return hung_now(self.mine, self.tree, self.quarters, self.question.basis, self.question.family_id)

    def _told(self, model: Any) -> Q:
        return self.mine.q(model) | Q(person__in=self.mine.people)

    def _seats(self) -> DatedQuerySet:
        return Seat.objects.on(self.question.on)

    def _sells(self, seat: Seat) -> bool:
        return super()._sells(seat) and self.tree.places.get(seat.user_id) == seat.territory_id

    def _asked(self, placed: Placed, person: int, node: int) -> int | None:
        """Where the person sits today, wherever that was in the quarter; of others who sit here what stood here."""
        place = self.tree.places.get(person)
        if place == node and (self.reads_all or person in self.mine.people):
            return next((amount for (whose, _node), amount in placed.items() if whose == person), None)
        return placed.get((person, node)) if place in (None, node) else None

    def _day(self) -> date:
        return self.question.on
