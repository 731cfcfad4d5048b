"""The table of team attainment by territory owner: people come to what was booked in their territories."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from django.utils.translation import gettext_lazy

from orders.selectors.credits import NOBODY, CreditFilter
from quotas.selectors.crediting import sold_in
from quotas.selectors.figures import Figures
from quotas.selectors.known import TableKnown, TableNowKnown
from quotas.selectors.organised import Hung, TableNow
from quotas.selectors.table import LeafSums, Row, Table
from territories.selectors import owners_on
from territories.selectors.owners import owners_of


class ByOwner(Table):
    """As sold, by the accounts' territories: of each, what counts for its owner of those days, and for nobody."""

    NOBODYS = gettext_lazy("Nobody owned it")

    def _leaves(self) -> LeafSums:
        question = self.question
        owners = owners_of(self.listed, self.span, self.known_at)
        found: LeafSums = defaultdict(list)
        for node, day, amount in sold_in(self.listed, owners, self.span, question.as_of, question.family_id):
            found[node].append((owners.on(node, day), day, self._place(day), amount))
        return found

    def _place(self, day: date) -> int:
        return next(place for place, quarter in enumerate(self.quarters) if day in quarter.span)

    def _whose(self, person: int) -> CreditFilter:
        return replace(self.question.credits, owner_id=person)

    def _moved(self, row: Row, below: Sequence[Row]) -> list[Row]:
        nobodys = self._nobodys(row)
        return [*nobodys, *super()._moved(row, [*below, *nobodys])]

    def _nobodys(self, above: Row) -> list[Row]:
        """What was booked on the node itself on days on which nobody owned it."""
        node = above.node_id or 0
        intakes = self._of_leaves(node, above.days, None)
        if not any(intakes):
            return []
        return [
            Row(
                path=f"{above.path}/nobody",
                name=str(self.NOBODYS),
                figures=Figures(intakes, (None,) * len(intakes), self.share, (0,) * len(intakes)),
                credits=replace(self._whose(NOBODY), node_id=node, days=above.days, is_alone=True),
            )
        ]


class ByOwnerKnown(ByOwner, TableKnown):
    """The same as it was known."""


class ByOwnerNow(ByOwner, TableNow):
    """As organised now: what belongs in a territory today counts for who owns it today, whoever sold it or owned it
    when it was booked.

    A node's own figure is that of its owner, so that who leads it is told both of them whole.
    """

    NOBODYS = gettext_lazy("Nobody owns it")

    def _hung(self) -> Iterator[Hung]:
        hung = list(super()._hung())
        owners = owners_on({node for node, *_rest in hung}, self.question.on)
        return ((node, owners.get(node), True, column, amount) for node, _who, _told, column, amount in hung)


class ByOwnerNowKnown(ByOwnerNow, TableNowKnown):
    """What was known of the ledger, under today's tree and for today's owners."""
