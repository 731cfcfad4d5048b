"""Order intake comes in: an order is booked."""

from collections.abc import Sequence
from datetime import date

from django.db import connection
from django.utils.translation import gettext as _

from accounts.models import Account
from accounts.selectors import territory_on
from common.access import found
from common.checks import check_currency
from common.errors import Conflict, Missing, Refused
from common.money import WHOLE_SHARE
from common.text import checked_text
from common.transaction import act, reach, widened
from orders.models import BookingEvent, Order
from orders.rules import is_new_business
from orders.services.posting import (
    BOOKKEEPING,
    LineInput,
    ShareInput,
    checked_lines,
    checked_shares,
    credited,
    new_credits,
    open_month,
    open_to,
    post,
    post_lines,
    post_shares,
)
from pipeline.models import Motion, Opportunity
from pipeline.services import close_won
from territories.selectors import owner_of


@act
def book(
    *,
    by: int,
    account_id: int | None,
    booked_on: date,
    currency: str,
    lines: Sequence[LineInput],
    shares: Sequence[ShareInput],
    motion: str,
    opportunity_id: int | None = None,
    opportunity_version: int | None = None,
    purchase_order: str = "",
    owner_id: int | None = None,
) -> Order:
    """Book an order, and win its deal where there is one: lines, split, credits, all in one act.

    Whoever may book the deal; without a deal, whoever may create an order of that owner and territory. The
    owner is the deal's, else that of the account's territory on the day; without shares they get 100 %.
    Raises Refused on what is wrong, Conflict for a closed period, a missing rate or a deal that is not open.
    """
    month_on = open_month(by, booked_on)
    deal = _deal(opportunity_id, account_id, currency)
    families = checked_lines(lines)
    _check_terms(None if deal else currency, motion)
    with widened(*BOOKKEEPING):
        account = _account(deal, account_id)
        territory_id = territory_on(account.pk, booked_on)
        owner = _owner(deal, owner_id, territory_id, booked_on)
        split = checked_shares(shares or [ShareInput(owner, WHOLE_SHARE)])
        if deal:
            _win(deal, by, opportunity_version, booked_on)
        order = Order.objects.create(
            number=_next_number(booked_on),
            account=account,
            opportunity=deal,
            owner_id=owner,
            territory_id=territory_id,
            purchase_order=purchase_order.strip(),
            motion=motion,
            is_new_business=is_new_business(account.first_ordered_on, booked_on),
            currency=currency,
            booked_on=booked_on,
        )
        event = BookingEvent.objects.create(
            order=order,
            kind=BookingEvent.Kind.BOOKING,
            booked_on=booked_on,
            amount_minor=sum(line.amount_minor for line in lines),
            by_id=by,
        )
        rows = post_lines(order, event, lines, families)
        post_shares(event, split)
        open_to(order, [owner, *credited(split)])
        post(new_credits(order, event, rows, split), {booked_on: month_on})
    return order


def _owner(deal: Opportunity | None, asked: int | None, territory_id: int, day: date) -> int:
    """Who owns the order: the person asked for, else the deal's owner, else the territory's on the day.

    Raises Forbidden where the actor may not book for them; whoever may book a deal may book it for its owner.
    """
    owner = asked or (deal.owner_id if deal else _default_owner(territory_id, day))
    if deal and owner == deal.owner_id:
        return owner
    place = {} if asked else {"territory_id": territory_id}
    reach().require("order", "create", {"owner_id": owner, **place})
    return owner


@act
def note_purchase_order(*, by: int, order_id: int, version: int, purchase_order: str) -> Order:
    """Enter the customer's purchase order number on an order, or change it; empty, the order waits for one again.

    Whoever may book such an order. Raises Stale.
    """
    order: Order = found(Order.objects.visible_to(reach()).filter(pk=order_id).first())
    reach().require("order", "update", order)
    number = checked_text(purchase_order.strip(), "purchase_order")
    Order.objects.change(order.pk, version, purchase_order=number)
    order.refresh_from_db()
    return order


def _deal(opportunity_id: int | None, account_id: int | None, currency: str) -> Opportunity | None:
    """The deal, if the person may book it. Raises NotInReach, Forbidden, or Refused where it differs."""
    if opportunity_id is None:
        return None
    deal: Opportunity = found(Opportunity.objects.visible_to(reach()).filter(pk=opportunity_id).first())
    reach().require("opportunity", "book", deal)
    if not deal.is_open and Order.objects.filter(opportunity_id=deal.pk).exists():
        raise Conflict(_("This opportunity was already booked."), code="already_booked")
    if deal.account_id and account_id not in (None, deal.account_id):
        raise Refused(_("The opportunity is with another account."), path="account_id", code="other_account")
    if deal.currency != currency:
        message = _("The opportunity is in %(currency)s.") % {"currency": deal.currency}
        raise Refused(message, path="currency", code="other_currency")
    return deal


def _account(deal: Opportunity | None, account_id: int | None) -> Account:
    """The deal's account, else one in the person's own reach; locked, so that no move of it crosses."""
    rows = Account.objects.select_for_update(no_key=True)
    if deal and deal.account_id:
        return rows.get(pk=deal.account_id)  # type: ignore[no-any-return]
    if account_id is None:
        raise Refused(_("Say which account ordered this."), path="account_id", code="required")
    account: Account = found(rows.visible_to(reach()).filter(pk=account_id).first())
    return account


def _default_owner(territory_id: int, day: date) -> int:
    owner = owner_of(territory_id, day)
    if owner is None:
        message = _("Nobody owned this account's territory on that day. Say whose order this is.")
        raise Refused(message, path="owner_id", code="required")
    return owner.pk


def _check_terms(currency: str | None, motion: str) -> None:
    """The motion, and the currency where no deal has settled it. Raises Refused."""
    if currency is not None:
        check_currency(currency)
    if motion not in Motion.values:
        known = ", ".join(Motion.values)
        raise Refused(_("One of: %(known)s.") % {"known": known}, path="motion", code="unknown_motion")


def _win(deal: Opportunity, by: int, version: int | None, won_on: date) -> None:
    if version is None:
        raise Missing(_("Say which version of the opportunity this books."))
    close_won(by=by, opportunity_id=deal.pk, version=version, won_on=won_on)


def _next_number(booked_on: date) -> str:
    """A number of our own, past those that an import brought along."""
    with connection.cursor() as cursor:
        while True:
            cursor.execute("SELECT nextval('orders_number')")
            number = f"SO-{booked_on.year}-{cursor.fetchone()[0]:05}"
            if not Order.objects.filter(number=number).exists():
                return number
