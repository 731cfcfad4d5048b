"""A deal is won, and its order is booked at once, or awaits what is missing of it until it is booked or sent back."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any, Unpack

from django.utils.translation import gettext as _

from common.checks import note_of
from common.errors import Refused
from common.transaction import act, because, now, reach, widened
from orders.models import Order, OrderRequest
from orders.selectors.awaiting import waiting_request
from orders.selectors.gate import Gate
from orders.services.bookings import (
    book,
    checked_terms,
    deal_to_book,
    decides,
    stand_on,
    typed_from,
)
from orders.services.inputs import LineInput, PaperWords, ShareInput, checked_papers
from orders.services.kept import MOST_COMMENT, give_back
from orders.services.posting import BOOKKEEPING, Desk, check_worth
from orders.services.renewals import refuse_other, renewed_by
from pipeline.services import add_participants, close_won, deal_for, send_back


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
    **papers: Unpack[PaperWords],
) -> Order | OrderRequest:
    """Win a deal. Its order is booked, or awaits its booking where something is missing that Settings ask for, a rate
    is, or what it says is for those to decide who work the queue.

    Whoever may book the deal. Without shares it takes the split of its deal. What waits was checked as what is booked
    is: it can be booked as it stands once nothing keeps it. Raises as `book`.
    """
    deal = deal_for("book", opportunity_id)
    asked: dict[str, Any] = {
        "opportunity_id": opportunity_id,
        "opportunity_version": opportunity_version,
        "account_id": account_id,
        "currency": deal.currency,
        "booked_on": booked_on,
        "lines": lines,
        "shares": shares,
        "motion": motion,
        "won_reason": won_reason,
        "renews_order_id": renews_order_id,
    }
    if deal.awaits_booking_since:
        return book(by=by, purchase_order=purchase_order, **asked, **papers)
    facts = {**checked_papers(by, purchase_order, papers), "motion": motion}
    ticks = papers.get("ticks") or ()
    typed = typed_from(deal, account_id, booked_on, lines, ticks, currency=deal.currency, **facts)
    if not Gate([typed]).waits(typed, decides=decides()):
        return book(by=by, purchase_order=purchase_order, **asked, **papers)
    return _await(by, **asked, facts=facts, ticks=ticks)


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
    won_reason: str,
    renews_order_id: int | None,
    facts: dict[str, Any],
    ticks: Collection[int],
) -> OrderRequest:
    """Win the deal and keep what was typed of its order."""
    desk = Desk(by)
    desk.month_on(booked_on)
    deal = deal_to_book(opportunity_id, account_id, currency)
    renews = renewed_by(renews_order_id, lines, motion, booked_on, deal)
    checked_terms(deal, lines, motion, currency, booked_on, renews)
    check_worth(desk, currency, booked_on, sum(line.amount_minor for line in lines))
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
        currency=currency,
        renews=renews,
        lines=[asdict(line) for line in lines],
        shares=[asdict(share) for share in shares],
        ticks=sorted(set(ticks)),
        asked_by_id=by,
        asked_at=now(),
        **facts,
    )


@act
def send_order_back(*, by: int, request_id: int, version: int, comment: str) -> OrderRequest:
    """Send an order back that awaits its booking: its deal is open again, and its owner is told the comment; without a
    deal it is with its owner and whoever entered it.

    Whoever may book the deal, or works the queue. Raises NotInReach for one that waits no more, Stale, Refused without
    a comment.
    """
    request = waiting_request(reach(), request_id)
    deal = request.opportunity  # before its request, as booking has them
    if deal:
        reach().require("opportunity", "book", deal)
    else:
        reach().require("order_request", "work", request)
    comment = note_of(comment, "comment", MOST_COMMENT, is_long=True)
    if not comment:
        message = _("Say what is missing or wrong; the owner is told.")
        raise Refused(message, path="comment", code="required")
    with because(comment):
        if deal is None:
            give_back(request, by, version, comment)
            return request
        send_back(by=by, deal=deal, version=deal.version, comment=" ".join(comment.split()))
        free = {"claimed_by": None, "claimed_at": None}
        OrderRequest.objects.change(
            request.pk, version, state=OrderRequest.State.BACK, comment=comment, **free
        )
    request.refresh_from_db()
    return request
