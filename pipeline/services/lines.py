"""The products on a deal."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from catalog.models import Product
from common.errors import Refused
from common.transaction import act
from pipeline.models import Opportunity, OpportunityLine
from pipeline.rules import MOST_LINES
from pipeline.services.checks import check_amount, check_item, open_deal
from pipeline.services.telling import tell_owner


@dataclass(frozen=True)
class LineInput:
    """One product of a deal as asked for: how many, at which price each in minor units of the deal's currency."""

    product_id: int
    quantity: int
    price_minor: int


@act
def set_lines(*, by: int, opportunity_id: int, version: int, lines: Sequence[LineInput]) -> Opportunity:
    """Replace the products of an open deal; the deal's amount becomes their sum, and stays where there are none.

    Whoever may edit the deal. Raises Refused on an unknown product, quantity or price, Conflict on a closed deal.
    Answers the deal as it was read.
    """
    deal = open_deal(opportunity_id, version)
    total = _checked_total(lines)
    Opportunity.objects.change(deal.pk, version, **({"amount_minor": total} if lines else {}))
    _write_lines(deal, lines)
    if lines and total != deal.amount_minor:
        tell_owner(deal, by, ["amount_minor"])
    return deal


def _checked_total(lines: Sequence[LineInput]) -> int:
    """The sum of the lines, each of them checked. Raises Refused with the line's path."""
    if len(lines) > MOST_LINES:
        message = _("An opportunity has at most %(most)s lines.") % {"most": MOST_LINES}
        raise Refused(message, code="too_many_lines")
    known = Product.objects.in_bulk([line.product_id for line in lines])
    for index, line in enumerate(lines):
        check_item(line.product_id, line.quantity, f"lines.{index}", known)
        check_amount(line.price_minor, f"lines.{index}.price_minor")
    total = sum(line.quantity * line.price_minor for line in lines)
    check_amount(total, "lines")
    return total


def _write_lines(deal: Opportunity, lines: Sequence[LineInput]) -> None:
    """Keep the rows of products that stay, so that their history goes on; add what is new, remove what is gone."""
    standing: list[OpportunityLine] = list(deal.lines.filter(is_removed=False))
    for line in lines:
        row = next((row for row in standing if row.product_id == line.product_id), None)
        values = {"quantity": line.quantity, "price_minor": line.price_minor}
        if row is None:
            deal.lines.create(product_id=line.product_id, **values)
            continue
        standing.remove(row)
        if (row.quantity, row.price_minor) != (line.quantity, line.price_minor):
            OpportunityLine.objects.change(row.pk, row.version, **values)
    for row in standing:
        OpportunityLine.objects.change(row.pk, row.version, is_removed=True)
