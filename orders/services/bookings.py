"""Order intake comes in: an order is booked."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Unpack

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts.models import Account
from accounts.selectors import territory_on
from accounts.services.merged import standing_account
from common.checks import check_currency, note_of
from common.errors import Conflict, Missing, Refused
from common.locale import format_date, format_share
from common.numbers import next_number
from common.transaction import act, reach, widened
from orders.models import BookingEvent, Order, OrderRequest, ReviewPoint, ReviewTick, points_for
from orders.rules import MOST_ACCEPTED
from orders.selectors.gate import Gate, Item, Typed
from orders.services.inputs import (
    REVENUE,
    LineInput,
    PaperWords,
    ShareInput,
    checked_lines,
    checked_papers,
    checked_shares,
    inputs_of,
    splits_of,
    with_revenue,
)
from orders.services.kept import kept_request, settle, settle_kept
from orders.services.lowered import tell_lowered
from orders.services.posting import BOOKKEEPING, Booking, Desk, is_new_customer
from orders.services.purchase_orders import refuse_taken
from orders.services.renewals import refuse_other, renewed_by
from pipeline.models import Motion, Opportunity
from pipeline.rules.splits import losses
from pipeline.selectors.team import held_split_finder
from pipeline.services import close_won, deal_for, settle_won
from pipeline.services.checks import check_choice
from pipeline.services.credit import loser_of
from territories.models import User
from territories.selectors import owner_of, seat_finder
from territories.services.tree import hold_places

ASKED = {
    "contract": (
        _lazy("The signed contract is missing. Add it to the opportunity as a document of that kind."),
        "contract_missing",
    ),
    "purchase_order": (
        _lazy("Enter the customer's purchase order number: without it no order is booked."),
        "purchase_order_missing",
    ),
    "review": (_lazy("%(text)s. Tick it once you looked at it."), "review_open"),
}
"""What is said of what is missing, and the code of the refusal."""


@dataclass(frozen=True)
class Ground:
    """What an order stands on, held until it is booked: its customer, their territory on the day, whose order it is,
    and who gets how much of its credit. `usual`: who would have by the split of its deal.
    """

    account: Account
    territory_id: int
    owner_id: int
    splits: Sequence[Sequence[ShareInput]]
    usual: Sequence[ShareInput]


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
    won_reason: str = "",
    renews_order_id: int | None = None,
    request_id: int | None = None,
    request_version: int | None = None,
    **papers: Unpack[PaperWords],
) -> Order:
    """Book an order, and win its deal where there is one: lines, split, credits, all in one act.

    Whoever may book the deal; without a deal, whoever may create an order of that owner and territory. Without
    shares it takes those of its deal's split on the booking date, else the owner gets 100 %; shares of one's own take
    from nobody's share of that split whom the actor neither is nor leads, unless they book for the organisation. A won
    deal that awaited its booking awaits it no more, nor does `request_id`, an order without a deal that was kept. An
    order that renews another one counts what it adds.
    Raises Refused on what is wrong, still missing, or for those to decide who work the queue, or for a purchase order
    number that another order of the account has, unless this one `is_second`, or where who works the queue does not say
    why they accept an exception; Conflict for a closed period, a missing rate or a deal not open.
    """
    desk, deal = Desk(by), None
    desk.month_on(booked_on)
    if opportunity_id is not None:
        deal = deal_to_book(opportunity_id, account_id, currency)
    kept = _kept(deal, request_id, request_version)
    facts = {**checked_papers(by, purchase_order, papers), "motion": motion, "currency": currency}
    typed = typed_from(deal, account_id, booked_on, lines, papers.get("ticks", ()), **facts)
    is_waiting = bool(kept and kept.state == kept.State.WAITING)
    because = papers.get("accepted_because", "")
    accepted = _accepted(Gate([typed]), typed, because, is_handed_in=is_waiting)
    renewed = renewed_by(renews_order_id, lines, motion, booked_on, deal, besides=request_id)
    families = checked_terms(deal, lines, motion, currency, booked_on, renewed)
    with widened(*BOOKKEEPING):
        ground = stand_on(by, deal, account_id, lines, shares, owner_id, booked_on)
        refuse_taken(ground.account.pk, purchase_order, papers.get("is_second", False))
        if deal:
            _win(by, deal, opportunity_version, booked_on, won_reason)
        order = _ordered(ground, deal, booked_on, renews=renewed, **facts)
        _tick(order, by, typed.ticks)
        _settle(by, order, kept)
        booking = Booking.of(order, _booked(order, lines, by, accepted), lines, ground.splits)
        entries = desk.enter([booking], families)
        tell_lowered(by, order, booking.event, ground.usual, ground.splits)
        desk.post(entries)
    return order


def deal_to_book(opportunity_id: int, account_id: int | None, currency: str) -> Opportunity:
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


def typed_from(
    deal: Opportunity | None,
    account_id: int | None,
    booked_on: date,
    lines: Sequence[LineInput],
    ticks: Collection[int],
    *,
    currency: str,
    motion: str,
    purchase_order: str,
    **_papers: Any,
) -> Typed:
    """An order as it is held against what Settings ask for. Raises NotInReach for an account out of reach."""
    customer = deal.account_id if deal else None
    if customer is None and account_id is not None:
        customer = standing_account(Account.objects.all(), account_id).pk
    items = [Item(line.product_id, line.quantity, line.amount_minor, line.term_months) for line in lines]
    return Typed(deal, customer, currency, booked_on, motion, purchase_order, items, ticks)


def decides() -> bool:
    """Whether the actor works the queue, and books what others have to hand in."""
    return bool(reach().relations("order_request", "work"))


def _accepted(gate: Gate, typed: Typed, because: str, *, is_handed_in: bool) -> dict[str, Any]:
    """Which exceptions the actor accepts, and why, as the booking keeps it. `is_handed_in`: it waits in the queue.

    Raises Refused where something is missing that Settings ask for, is not theirs to decide, or they do not say why.
    """
    for lack in gate.asks(typed):
        said, code = ASKED[lack.code]
        raise Refused(said % {"text": lack.text}, path=lack.path, code=code)
    doubts = gate.doubts(typed)
    if doubts and not decides():
        alone, waiting = (
            _("%(text)s. Hand the order in: a coordinator decides."),
            _("%(text)s. A coordinator decides about it and books it."),
        )
        message = waiting if typed.deal or is_handed_in else alone
        text = ". ".join(lack.text for lack in doubts)
        raise Refused(message % {"text": text}, path=doubts[0].path, code=doubts[0].code)
    because = note_of(because, "accepted_because", MOST_ACCEPTED)
    if doubts and not because:
        message = _("Say why you accept this: %(exceptions)s.")
        words = {"exceptions": "; ".join(lack.text for lack in doubts)}
        raise Refused(message % words, path="accepted_because", code="acceptance_missing")
    codes = list(dict.fromkeys(lack.code for lack in doubts))
    return {"exceptions": codes, "accepted_because": because} if codes else {}


def _tick(order: Order, by: int, ticks: Collection[int]) -> None:
    """Keep which points of the contract review were ticked for an order."""
    points = ReviewPoint.objects.filter(pk__in=list(ticks), is_removed=False) if ticks else ()
    ReviewTick.objects.bulk_create(
        ReviewTick(order=order, point=point, by_id=by) for point in points_for(list(points), order.motion)
    )


def checked_terms(
    deal: Opportunity | None,
    lines: Sequence[LineInput],
    motion: str,
    currency: str,
    day: date,
    renews: Order | None = None,
) -> dict[int, int]:
    """The family of each product that is ordered. Raises Refused with the path of what is wrong.

    A deal may be booked with the products that it offers also where they are no longer sold, and an order renewed with
    those that it has.
    """
    offered = deal.lines.filter(is_removed=False).values_list("product_id", flat=True) if deal else ()
    ordered = renews.lines.values_list("product_id", flat=True) if renews else ()
    families = checked_lines(lines, day, kept=[*offered, *ordered])
    if deal is None:
        check_currency(currency)
    check_choice(motion, "motion", Motion.values)
    return families


def stand_on(
    by: int,
    deal: Opportunity | None,
    account_id: int | None,
    lines: Sequence[LineInput],
    shares: Sequence[ShareInput],
    owner_id: int | None,
    day: date,
) -> Ground:
    """Hold what the order is to stand on: its places in the tree, then its account. Raises as `book`."""
    customer_id = _customer(deal, account_id)
    usual = shares_of_deal(deal, day) if deal else []
    named = shares or usual
    sellers = {share.person_id for share in (*named, *(share for line in lines for share in line.shares))}
    _hold(by, deal, customer_id, sellers, owner_id, day)
    account = _account(deal, customer_id)
    territory_id = territory_on(account.pk, day)
    owner = _owner(by, deal, owner_id, territory_id, day)
    splits = splits_of(lines, checked_shares(with_revenue(named, usual, owner)))
    for split in splits:
        refuse_less(by, usual, split, day)
    return Ground(account, territory_id, owner, splits, with_revenue([], usual, owner) if deal else ())


def shares_of_deal(deal: Opportunity, day: date) -> list[ShareInput]:
    """What a booking of that day takes from the deal's split; nothing where it has none. Who changes the split changes
    the deal's version, so that a booking that read another one is stale.
    """
    return inputs_of(held_split_finder([deal.pk])(deal.pk, day))


def refuse_less(by: int, usual: Sequence[ShareInput], named: Sequence[ShareInput], day: date) -> None:
    """Raises Refused where shares of one's own take from somebody's share of the deal's split whom the actor does not
    lead: the split is changed for that, and their lead is asked. Whoever books for the organisation may.
    """
    held, given = (
        {share.person_id: share.weight for share in shares if share.kind == REVENUE}
        for shares in (usual, named)
    )
    lost = losses([held], given)
    if not lost or "org" in reach().relations("opportunity", "book"):
        return
    if loser := loser_of(by, lost):
        words = {
            "name": User.objects.get(pk=loser).name,
            "share": format_share(held[loser]),
            "here": format_share(given.get(loser, 0)),
            "day": format_date(day),
        }
        message = _(
            "%(name)s has %(share)s %% of the credit of this opportunity on %(day)s, and %(here)s %% here. "
            "Enter the shares of that day, or change the split of the opportunity first."
        )
        raise Refused(message % words, path="shares", code="share_lowered")


def _win(by: int, deal: Opportunity, version: int | None, on: date, reason: str) -> None:
    if version is None:
        raise Missing(_("Say which version of the opportunity this books."))
    close = settle_won if deal.awaits_booking_since else close_won
    close(by=by, deal=deal, version=version, won_on=on, won_reason=reason)


def _ordered(
    ground: Ground, deal: Opportunity | None, day: date, *, renews: Order | None, currency: str, **facts: Any
) -> Order:
    refuse_other(renews, ground.account.pk, currency)
    return Order.objects.create(
        number=next_number(Order.objects.all(), "orders_number", f"SO-{day.year}-{{:05}}"),
        account=ground.account,
        opportunity=deal,
        owner_id=ground.owner_id,
        territory_id=ground.territory_id,
        renews=renews,
        is_new_business=is_new_customer(ground.account.first_ordered_on, day),
        currency=currency,
        booked_on=day,
        **facts,
    )


def _kept(deal: Opportunity | None, request_id: int | None, version: int | None) -> OrderRequest | None:
    """The order without a deal that was kept, if one is named. Raises Refused where a deal is named beside it."""
    if request_id is not None and deal:
        message = _("An order that was kept has no opportunity. Name one of the two.")
        raise Refused(message, path="request_id", code="has_opportunity")
    return None if request_id is None else kept_request(request_id, version)


def _settle(by: int, order: Order, kept: OrderRequest | None) -> None:
    """What waited for this order waits no more."""
    if kept:
        settle_kept(kept, order, by)
    if order.opportunity_id:
        waiting = OrderRequest.State.WAITING
        for request in OrderRequest.objects.filter(opportunity=order.opportunity_id, state=waiting):
            settle(request, order)


def _booked(order: Order, lines: Sequence[LineInput], by: int, accepted: dict[str, Any]) -> BookingEvent:
    total = sum(line.intake_minor for line in lines)
    kind = BookingEvent.Kind.RENEWAL if order.renews_id else BookingEvent.Kind.BOOKING
    return BookingEvent.objects.create(
        order=order, kind=kind, booked_on=order.booked_on, amount_minor=total, by_id=by, **accepted
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
    return standing_account(rows, account_id)


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
