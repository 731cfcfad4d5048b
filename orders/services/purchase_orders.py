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
        refuse_taken(_held(order.account_id), purchase_order, is_second)


def _held(account_id: int) -> int:
    """The account, or the one that it was merged into, held so that no booking crosses."""
    survivor = Account.objects.filter(duplicates=account_id).values("pk")
    rows = Account.objects.filter(Q(pk=account_id) | Q(pk__in=survivor)).order_by("pk")
    held = {account.pk: account for account in rows.select_for_update(no_key=True)}
    return held[account_id].merged_into_id or account_id


def refuse_taken(account_id: int, purchase_order: str, is_second: bool) -> None:
    """Raises Refused where another standing order of the account has this number, unless this is a second one under it.

    For acts that hold the account, so that no other booking crosses, and read orders beyond their actor's reach.
    """
    key = purchase_order_key(purchase_order)
    if is_second or not key:
        return
    numbers = Order.objects.numbered([account_id]).values_list("pk", "purchase_order")
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
