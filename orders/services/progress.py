"""What becomes of an order on its way to cash is noted on it."""

from datetime import date

from django.utils.translation import gettext as _

from common.access import seen
from common.errors import Conflict, Refused
from common.locale import format_date
from common.transaction import act, reach
from orders.models import Order
from orders.rules import state_of
from territories.selectors import today_of


@act
def note_progress(
    *,
    by: int,
    order_id: int,
    version: int,
    delivered_on: date | None,
    invoiced_on: date | None,
    paid_on: date | None,
) -> Order:
    """Note when an order was delivered, invoiced and paid; its state follows. All three days, None where not yet.

    A coordinator or an administrator. Raises Refused for a day to come or before the booking date, Conflict for a
    cancelled order, Stale.
    """
    order: Order = seen(Order.objects.select_for_update(no_key=True), reach(), order_id)
    reach().require("order", "progress", order)
    if not order.is_standing:
        raise Conflict(_("This order is cancelled. Nothing of it is on its way any more."), code="cancelled")
    days = {"delivered_on": delivered_on, "invoiced_on": invoiced_on, "paid_on": paid_on}
    for name, day in days.items():
        _check_day(by, order, name, day)
    Order.objects.change(order.pk, version, state=state_of(delivered_on, invoiced_on, paid_on), **days)
    order.refresh_from_db()
    return order


def _check_day(by: int, order: Order, name: str, day: date | None) -> None:
    if day and day > today_of(by):
        message = _("What was delivered, invoiced or paid was so today or earlier.")
        raise Refused(message, path=name, code="date_range")
    if day and day < order.booked_on:
        message = _("The order is booked on %(day)s. Nothing of it happened before that.")
        raise Refused(message % {"day": format_date(order.booked_on)}, path=name, code="date_range")
