"""A deal is won, and its order is booked at once, or awaits what is missing of it until it is booked or sent back."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from common.checks import note_of
from common.errors import Refused
from common.transaction import act, because, now, reach, widened
from orders.models import Order, OrderRequest
from orders.selectors.awaiting import missing_of, waiting_request
from orders.services.bookings import (
    book,
    checked_terms,
    deal_to_book,
    stand_on,
)
from orders.services.inputs import LineInput, ShareInput
from orders.services.posting import BOOKKEEPING, Desk
from orders.services.renewals import refuse_other, renewed_by
from pipeline.services import add_participants, close_won, deal_for, send_back

MOST_COMMENT = 500


@act
def win(
    *,
    by: int,
    opportunity_id: int,
    opportunity_version: int,
    booked_on: date,
    lines: Sequence[LineInput],
    shares: Sequence[ShareInput],
    motion: str,
    account_id: int | None = None,
    purchase_order: str = "",
    won_reason: str = "",
    renews_order_id: int | None = None,
    is_second: bool = False,
) -> Order | OrderRequest:
    """Win a deal. Its order is booked, or awaits its booking where something is missing that Settings ask for.

    Whoever may book the deal. Without shares it takes the split of its deal. What waits was checked as what is booked
    is: it can be booked as it stands once everything is there. Raises as `book`.
    """
    deal = deal_for("book", opportunity_id)
    asked = {
        "opportunity_id": opportunity_id,
        "opportunity_version": opportunity_version,
        "account_id": account_id,
        "currency": deal.currency,
        "booked_on": booked_on,
        "lines": lines,
        "shares": shares,
        "motion": motion,
        "purchase_order": purchase_order,
        "won_reason": won_reason,
        "renews_order_id": renews_order_id,
    }
    if deal.awaits_booking_since or not missing_of(deal, purchase_order):
        return book(by=by, is_second=is_second, **asked)  # type: ignore[arg-type]
    return _await(by, **asked)  # type: ignore[arg-type]


def _await(
    by: int,
    *,
    opportunity_id: int,
    opportunity_version: int,
    account_id: int | None,
    booked_on: date,
    currency: str,
    lines: Sequence[LineInput],
    shares: Sequence[ShareInput],
    motion: str,
    purchase_order: str,
    won_reason: str,
    renews_order_id: int | None,
) -> OrderRequest:
    """Win the deal and keep what was typed of its order."""
    desk = Desk(by)
    desk.month_on(booked_on)
    deal = deal_to_book(opportunity_id, account_id, currency)
    renews = renewed_by(renews_order_id, lines, motion, booked_on, deal)
    checked_terms(deal, lines, motion, currency, booked_on, renews)
    desk.rates_on(currency, booked_on).check(sum(line.amount_minor for line in lines))
    with widened(*BOOKKEEPING):
        ground = stand_on(by, deal, account_id, lines, shares, None, booked_on)
        refuse_other(renews, ground.account.pk, currency)
        known: dict[str, Any] = {"deal": deal, "version": opportunity_version, "won_on": booked_on}
        close_won(by=by, **known, won_reason=won_reason, awaits_booking=True)
        sharing = {share.person_id for split in ground.splits for share in split if share.weight}
        add_participants((deal.pk, person) for person in sorted(sharing))
    return OrderRequest.objects.create(
        opportunity=deal,
        account=ground.account,
        booked_on=booked_on,
        purchase_order=purchase_order.strip(),
        motion=motion,
        renews=renews,
        lines=[asdict(line) for line in lines],
        shares=[asdict(share) for share in shares],
        asked_by_id=by,
        asked_at=now(),
    )


@act
def send_order_back(*, by: int, request_id: int, version: int, comment: str) -> OrderRequest:
    """Send an order back that awaits its booking: its deal is open again, and its owner is told the comment.

    Whoever may book the deal. Raises NotInReach for one that waits no more, Stale, Refused without a comment.
    """
    request = waiting_request(reach(), request_id)
    reach().require("opportunity", "book", request.opportunity)
    comment = note_of(comment, "comment", MOST_COMMENT, is_long=True)
    if not comment:
        message = _("Say what is missing or wrong; the owner is told.")
        raise Refused(message, path="comment", code="required")
    with because(comment):
        deal = request.opportunity  # before its request, as booking has them
        send_back(by=by, deal=deal, version=deal.version, comment=" ".join(comment.split()))
        OrderRequest.objects.change(request.pk, version, state=OrderRequest.State.BACK, comment=comment)
    request.refresh_from_db()
    return request
