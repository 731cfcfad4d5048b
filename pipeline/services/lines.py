"""The products on a deal."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from catalog.models import Product
from common.errors import Refused
from common.money import MOST_MINOR
from common.transaction import act
from pipeline.models import Opportunity, OpportunityLine
from pipeline.services.guards import check_amount, open_deal

MOST_LINES = 100
MOST_QUANTITY = 1_000_000


@dataclass(frozen=True)
class LineInput:
    """One product of a deal as asked for: how many, at which price each in minor units of the deal's currency."""

    product_id: int
    quantity: int
    price_minor: int

    @property
    def amount_minor(self) -> int:
        return self.quantity * self.price_minor


@act
def set_lines(*, by: int, opportunity_id: int, version: int, lines: Sequence[LineInput]) -> Opportunity:
    """Replace the products of an open deal; the deal's amount becomes their sum, and stays where there are none.

    Whoever may edit the deal. Raises Refused on an unknown product, quantity or price, Conflict on a closed deal.
    """
    deal = open_deal(opportunity_id, version)
    total = _checked_total(lines)
    changes = {"amount_minor": total} if lines else {}
    Opportunity.objects.change(deal.pk, version, **changes)
    _write_lines(deal, lines)
    deal.refresh_from_db()
    return deal


def _checked_total(lines: Sequence[LineInput]) -> int:
    """The sum of the lines, each of them checked. Raises Refused with the line's path."""
    if len(lines) > MOST_LINES:
        raise Refused(
            _("An opportunity has at most %(most)s lines.") % {"most": MOST_LINES}, code="too_many_lines"
        )
    known = set(
        Product.objects.filter(pk__in=[line.product_id for line in lines]).values_list("pk", flat=True)
    )
    for index, line in enumerate(lines):
        _check(line, f"lines.{index}", known)
    total = sum(line.amount_minor for line in lines)
    check_amount(total, "lines")
    return total


def _check(line: LineInput, path: str, known: set[int]) -> None:
    if line.product_id not in known:
        raise Refused(_("There is no such product."), path=f"{path}.product_id", code="unknown_product")
    if not 1 <= line.quantity <= MOST_QUANTITY:
        message = _("A quantity is between 1 and %(most)s.") % {"most": MOST_QUANTITY}
        raise Refused(message, path=f"{path}.quantity", code="quantity_range")
    if not 0 <= line.price_minor < MOST_MINOR:
        raise Refused(_("A price is zero or more."), path=f"{path}.price_minor", code="amount_range")


def _write_lines(deal: Opportunity, lines: Sequence[LineInput]) -> None:
    """Keep the rows of products that stay, so that their history goes on; add what is new, remove what is gone."""
    standing: list[OpportunityLine] = list(deal.lines.filter(is_removed=False))
    for line in lines:
        row = next((row for row in standing if row.product_id == line.product_id), None)
        if row is None:
            deal.lines.create(
                product_id=line.product_id, quantity=line.quantity, price_minor=line.price_minor
            )
            continue
        standing.remove(row)
        if (row.quantity, row.price_minor) != (line.quantity, line.price_minor):
            OpportunityLine.objects.change(
                row.pk, row.version, quantity=line.quantity, price_minor=line.price_minor
            )
    for row in standing:
        OpportunityLine.objects.change(row.pk, row.version, is_removed=True)
