"""Order intake comes in: an order is booked."""

from collections.abc import Collection, Sequence
from datetime import date

from django.utils.translation import gettext as _

from accounts.models import Account
from accounts.selectors import territory_on
from common.access import seen
from common.checks import check_currency
from common.errors import Conflict, Missing, Refused
from common.money import WHOLE_SHARE
from common.numbers import next_number
from common.selectors import policy
from common.text import checked_text
from common.transaction import act, reach, widened
from orders.models import BookingEvent, Order
from orders.rules import is_new_business
from orders.services.posting import (
    BOOKKEEPING,
    Booking,
    Desk,
    LineInput,
    ShareInput,
    checked_lines,
    checked_shares,
)
from pipeline.models import Motion, Opportunity
from pipeline.services import close_won, deal_for
from pipeline.services.checks import check_choice
from territories.selectors import owner_of, seat_finder
from territories.services.tree import hold_places


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

    Whoever may book the deal; without a deal, whoever may create an order of that owner and territory. Without
    shares the owner gets 100 %.
    Raises Refused on what is wrong, Conflict for a closed period, a missing rate or a deal that is not open.
    """
    desk = Desk(by)
    desk.month_on(booked_on)
    deal = _deal(opportunity_id, account_id, currency) if opportunity_id is not None else None
    families = checked_lines(lines, booked_on, kept=_offered(deal) if deal else ())
    if deal is None:
        check_currency(currency)
    check_choice(motion, "motion", Motion.values)
    with widened(*BOOKKEEPING):
        sellers = {share.person_id for share in shares}
        customer_id = _customer(deal, account_id)
        _hold(by, deal, customer_id, sellers, owner_id, booked_on)
        account = _account(deal, customer_id)
        territory_id = territory_on(account.pk, booked_on)
        owner = _owner(by, deal, owner_id, territory_id, booked_on)
        split = checked_shares(shares or [ShareInput(owner, WHOLE_SHARE)])
        if deal:
            _win(by, deal, opportunity_version, booked_on)
        order = Order.objects.create(
            number=next_number(Order.objects.all(), "orders_number", f"SO-{booked_on.year}-{{:05}}"),
            account=account,
            opportunity=deal,
            owner_id=owner,
            territory_id=territory_id,
            purchase_order=purchase_order.strip(),
            motion=motion,
            is_new_business=is_new_business(
                account.first_ordered_on, booked_on, policy("new_customer_months", booked_on)
            ),
            currency=currency,
            booked_on=booked_on,
        )
        desk.post(desk.enter([Booking(order, _booked(order, lines, by), lines, split)], families))
    return order


@act
def note_purchase_order(*, by: int, order_id: int, version: int, purchase_order: str) -> None:
    """Enter the customer's purchase order number on an order, or change it; empty, it is missing again.

    Whoever may book such an order. Raises Stale.
    """
    order = seen(Order.objects.all(), reach(), order_id)
    reach().require("order", "update", order)
    number = checked_text(purchase_order.strip(), "purchase_order")
    Order.objects.change(order.pk, version, purchase_order=number)


def _deal(opportunity_id: int, account_id: int | None, currency: str) -> Opportunity:
    """The deal, if the person may book it. Raises NotInReach, Forbidden, or Refused where it differs."""
    deal = deal_for("book", opportunity_id)
    if not deal.is_open and Order.objects.filter(opportunity_id=deal.pk).exists():
        raise Conflict(_("This opportunity was already booked."), code="already_booked")
    if deal.account_id and account_id not in (None, deal.account_id):
        raise Refused(_("The opportunity is with another account."), path="account_id", code="other_account")
    if deal.currency != currency:
        message = _("The opportunity is in %(currency)s.") % {"currency": deal.currency}
        raise Refused(message, path="currency", code="other_currency")
    return deal


def _offered(deal: Opportunity) -> Collection[int]:
    """The products of a deal, which it may be booked with also where they are no longer sold."""
    return deal.lines.filter(is_removed=False).values_list("product_id", flat=True)


def _win(by: int, deal: Opportunity, version: int | None, on: date) -> None:
    if version is None:
        raise Missing(_("Say which version of the opportunity this books."))
    close_won(by=by, deal=deal, version=version, won_on=on)


def _booked(order: Order, lines: Sequence[LineInput], by: int) -> BookingEvent:
    total = sum(line.amount_minor for line in lines)
    kind = BookingEvent.Kind.BOOKING
    return BookingEvent.objects.create(
        order=order, kind=kind, booked_on=order.booked_on, amount_minor=total, by_id=by
    )


def _customer(deal: Opportunity | None, account_id: int | None) -> int:
    """The deal's account, else the one that was named. Raises Refused where there is none."""
    if deal and deal.account_id:
        return deal.account_id
    if account_id is None:
        raise Refused(_("Say which account ordered this."), path="account_id", code="required")
    return account_id


def _hold(
    by: int, deal: Opportunity | None, account_id: int, sellers: Collection[int], asked: int | None, day: date
) -> None:
    """Let nobody take from the tree what the order is to stand on, nor where its deal is, until it is booked: whoever
    merges such a territory into another one locks it before its accounts and deals, and so does this.
    """
    territory_id = territory_on(account_id, day)
    whose = _whose(by, deal, asked, territory_id, day)
    people = set(sellers) or ({whose} if whose else set())
    seat_on = seat_finder(people)
    nodes = {territory_id, *(seat_on(person, day) for person in people)}
    hold_places(nodes | {deal.territory_id} if deal else nodes)


def _account(deal: Opportunity | None, account_id: int) -> Account:
    """The deal's account, else one in the person's own reach; locked, so that no move of it crosses."""
    rows = Account.objects.select_for_update(no_key=True)
    if deal and deal.account_id:
        return rows.get(pk=deal.account_id)  # type: ignore[no-any-return]
    account: Account = seen(rows, reach(), account_id)
    if account.merged_into_id:
        message = _("%(name)s was merged into another account. Choose that one.") % {"name": account.name}
        raise Refused(message, path="account_id", code="merged")
    return account


def _whose(by: int, deal: Opportunity | None, asked: int | None, territory_id: int, day: date) -> int | None:
    """Who is to own the order: the person asked for, else the deal's owner, else the actor who books for nobody else,
    else who owned the territory on the day, if anybody did.
    """
    if asked:
        return asked
    if deal:
        return deal.owner_id
    if reach().relations("order", "give") == {"own"}:
        return by
    owner = owner_of(territory_id, day)
    return owner.pk if owner else None


def _owner(by: int, deal: Opportunity | None, asked: int | None, territory_id: int, day: date) -> int:
    """Who owns the order, once it is sure that the actor may book for them.

    Raises Forbidden where they may not, Refused where nobody is named; whoever may book a deal may book it for its
    owner.
    """
    owner = _whose(by, deal, asked, territory_id, day)
    if owner is None:
        message = _("Nobody owned this account's territory on that day. Say whose order this is.")
        raise Refused(message, path="owner_id", code="required")
    if deal and owner == deal.owner_id:
        return owner
    if asked:
        reach().require("order", "give", {"owner_id": asked})
    elif reach().relations("order", "give") != {"own"}:
        reach().require("order", "create", {"owner_id": owner, "territory_id": territory_id})
    return owner
