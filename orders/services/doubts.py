"""What comes new to an order that is booked passes the same doubts as a booking."""

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext as _

from common.errors import Refused
from common.transaction import widened
from orders.models import Order
from orders.selectors.gate import Gate, Item, Typed, too_old
from orders.services.bookings import decides
from orders.services.inputs import LineInput
from pipeline.models import Opportunity


def refuse_doubts(
    order: Order,
    stands: Sequence[LineInput],
    lines: Sequence[LineInput],
    day: date,
    *,
    sold_on: date,
    is_more: bool,
) -> None:
    """Raises Refused for a price below the limit and, where order intake comes (`is_more`), for a day too far back or
    an account without a territory: unless the actor works the queue.

    `day`: of the entry. `sold_on`: whose prices and territory hold. A line that stands (`stands`) was decided about,
    also for fewer units, or at a higher price.
    """
    if decides():
        return
    items = [Item(line.product_id, line.quantity, line.amount_minor, line.term_months) for line in lines]
    with widened("opportunity"):
        deal = Opportunity.objects.filter(pk=order.opportunity_id or 0).first()
        typed = Typed(deal, order.account_id, order.currency, sold_on, order.motion, "", items)
        found = [lack for lack in Gate([typed]).doubts(typed) if lack.code != "too_old"]
    passed = {f"lines-{place}-amount" for place, line in enumerate(lines) if _is_decided(line, stands)}
    late = too_old(day)
    for lack in [*([late] if late else []), *found]:
        if lack.field not in passed and (is_more or lack.code == "price_low"):
            message = _("%(text)s. A coordinator decides about it: ask one to enter it.")
            raise Refused(message % {"text": lack.text}, path=lack.path, code=lack.code)


def _is_decided(line: LineInput, stands: Sequence[LineInput]) -> bool:
    """Whether it is worth nothing, or no more units of a line that stands, at no lower price each."""
    return not line.amount_minor or any(
        (line.product_id, line.term_months) == (one.product_id, one.term_months)
        and line.quantity <= one.quantity
        and line.amount_minor * one.quantity >= one.amount_minor * line.quantity
        for one in stands
    )
