"""An order goes on with one that ends: what it may renew, and how much of it is renewed."""

from collections import Counter
from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext as _

from common.access import seen
from common.errors import Conflict, Refused
from common.locale import format_money
from common.policies import WHOLE
from common.selectors import policy
from common.transaction import reach
from orders.models import Order, OrderRequest
from orders.selectors.orders import terms_of
from orders.services.inputs import LineInput, check_renewed
from pipeline.models import Motion, Opportunity


def renewed_by(
    order_id: int | None,
    lines: Sequence[LineInput],
    motion: str,
    booked_on: date,
    deal: Opportunity | None = None,
    *,
    besides: int | None = None,
) -> Order | None:
    """The order that is renewed, held until the act ends; whoever may note something on it may renew it.

    `besides`: the order without a deal that it is kept for. Raises NotInReach, Forbidden, Refused, Conflict where it is
    renewed already, or is about to be by another order.
    """
    check_renewed(order_id is not None, lines, booked_on)
    if order_id is None:
        return None
    order: Order = seen(
        Order.objects.valued().select_for_update(no_key=True, of=("self",)), reach(), order_id
    )
    reach().require("order", "update", order)
    words = {"number": order.number}
    if motion != Motion.RENEWAL:
        message = _("An order that renews another one is a renewal. Choose that motion, or renew nothing.")
        raise Refused(message, path="motion", code="not_a_renewal")
    if not order.is_standing or order.booked_on > booked_on:
        message = _("%(number)s does not stand on that day, and cannot be renewed then.")
        raise Conflict(message % words, path="renews_order_id", code="not_standing")
    if order.renewals.filter(state__in=Order.STANDING).exists():
        message = _("%(number)s is renewed already.")
        raise Conflict(message % words, path="renews_order_id", code="renewed")
    waiting = OrderRequest.objects.filter(renews=order, state=OrderRequest.State.WAITING).exclude(
        pk=besides or 0
    )
    if (waiting.exclude(opportunity=deal) if deal else waiting).exists():
        message = _("%(number)s is renewed by an order that awaits its booking.")
        raise Conflict(message % words, path="renews_order_id", code="renewed")
    if policy("renewals_count", booked_on) != WHOLE and "org" not in reach().relations("order", "create"):
        _refuse_renewing_less(order, lines)
    return order


def _refuse_renewing_less(order: Order, lines: Sequence[LineInput]) -> None:
    """Raises Refused where less of a product is renewed than the order had of it: it would count twice."""
    had, wished, renewed = Counter[int](), Counter[int](), Counter[int]()
    names = {}
    for line, left in terms_of(order).left():
        had[line.product_id] += line.renewed_minor + left
        names[line.product_id] = line.product.name
    for asked in lines:
        wished[asked.product_id] += asked.amount_minor
        renewed[asked.product_id] += asked.renewed_minor
    for product, amount in had.items():
        if renewed[product] < min(amount, wished[product]):
            message = _(
                "%(number)s had %(amount)s of %(product)s: that much is renewed. A coordinator may say otherwise."
            )
            money = format_money(min(amount, wished[product]), order.currency)
            words = {"number": order.number, "amount": money, "product": names[product]}
            raise Refused(message % words, path="lines", code="renewed_less")


def refuse_other(order: Order | None, account_id: int, currency: str) -> None:
    """Raises Refused where an order would renew one of another account or currency."""
    if order is None:
        return
    if order.account_id != account_id:
        message = _("%(number)s is of another account.") % {"number": order.number}
        raise Refused(message, path="renews_order_id", code="other_account")
    if order.currency != currency:
        message = _("%(number)s is in %(currency)s. Renew it in that currency.")
        words = {"number": order.number, "currency": order.currency}
        raise Refused(message % words, path="renews_order_id", code="other_currency")
