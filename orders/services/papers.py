"""What the papers of a booked order say is noted on it."""

from collections.abc import Mapping
from typing import Any, Unpack

from common.access import seen
from common.transaction import act, reach
from orders.models import Order
from orders.services.inputs import PaperWords, checked_papers
from orders.services.purchase_orders import refuse_taken_by_others
from workspace.services import own_values


@act
def note_purchase_order(
    *,
    by: int,
    order_id: int,
    version: int,
    purchase_order: str | None = None,
    own: Mapping[str, Any] | None = None,
    **papers: Unpack[PaperWords],
) -> None:
    """Enter what is noted on an order: what its papers say, and own fields; empty is missing.

    What is not given stays. Whoever may book such an order. Raises Stale, Refused, as for a number that another order
    of the account has, unless this one `is_second`.
    """
    order = seen(Order.objects.select_for_update(no_key=True), reach(), order_id)
    reach().require("order", "update", order)
    changes: dict[str, Any] = {"own": own_values("order", own, order.own, order.currency)}
    checked = checked_papers(by, purchase_order or "", papers)
    if purchase_order is not None:
        changes["purchase_order"] = checked["purchase_order"]
        refuse_taken_by_others(order, checked["purchase_order"], papers.get("is_second", False))
    changes |= {name: checked[name] for name in papers if name in checked}
    Order.objects.change(order.pk, version, **changes)
