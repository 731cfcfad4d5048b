"""A customer's own number stands on two orders: by mistake, or because it is a second order under it."""

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import Account
from common.errors import Refused
from common.locale import format_date, format_money
from common.transaction import reach, widened
from orders.models import Order
from orders.rules import purchase_order_key
from orders.services.posting import BOOKKEEPING


def refuse_taken_by_others(order: Order, purchase_order: str, is_second: bool) -> None:
    """Raises Refused where an order would get a number that another one of its account has. What it has it keeps."""
    if (
        purchase_order_key(purchase_order) == purchase_order_key(order.purchase_order)
        or not order.is_standing
    ):
        return
    with widened(*BOOKKEEPING):
        Account.objects.select_for_update(no_key=True).get(pk=order.account_id)
        refuse_taken(order.account_id, purchase_order, is_second)


def refuse_taken(account_id: int, purchase_order: str, is_second: bool) -> None:
    """Raises Refused where another standing order of the account has this number, unless this is a second one under it.

    For acts that hold the account, so that no other booking crosses, and read orders beyond their actor's reach.
    """
    key = purchase_order_key(purchase_order)
    if is_second or not key:
        return
    of_account = Q(account=account_id) | Q(account__merged_into=account_id)
    rows = Order.objects.standing().filter(of_account).exclude(purchase_order="")
    numbers = rows.values_list("pk", "purchase_order")
    same = [pk for pk, number in numbers if purchase_order_key(number) == key]
    if same:
        raise Refused(_taken(same), path="purchase_order", code="purchase_order_taken")


def _taken(ids: list[int]) -> str:
    """Which order has the number, as far as the reader may see it."""
    other = Order.objects.visible_to(reach()).valued().filter(pk__in=ids).first()
    if other is None:
        return _(
            "Another order of this account has that purchase order already. Is this a second one under it?"
        )
    words = {
        "number": other.number,
        "day": format_date(other.booked_on),
        "amount": format_money(other.amount_minor, other.currency),
    }
    message = _(
        "%(number)s of %(day)s over %(amount)s has that purchase order already. Is this a second order under it?"
    )
    return message % words
