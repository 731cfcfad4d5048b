"""An order is kept as it was typed until it is booked: without a deal a draft or handed in, of a won deal mended."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any, Unpack

from django.utils.translation import gettext as _

from accounts.models import Account
from accounts.selectors import territory_on
from accounts.services.merged import standing_account
from catalog.models import Product
from common.access import found
from common.checks import check_currency
from common.errors import Conflict, Missing, Refused
from common.money import WHOLE_SHARE
from common.transaction import act, now, reach
from orders.models import OrderRequest
from orders.selectors.awaiting import request_of_deal
from orders.services.bookings import deal_to_book, refuse_less, shares_of_deal
from orders.services.inputs import (
    MOST_SHARES,
    REVENUE,
    LineInput,
    OrderWords,
    ShareInput,
    checked_lines,
    checked_papers,
)
from orders.services.kept import as_read
from orders.services.posting import Desk, check_worth, open_month
from orders.services.renewals import refuse_other, renewed_by
from pipeline.models import Motion, Opportunity
from pipeline.services import note_won
from pipeline.services.checks import check_choice
from territories.models import User
from territories.selectors import owner_of

State = OrderRequest.State


@act
def keep_order(
    *,
    by: int,
    owner_id: int | None = None,
    request_id: int | None = None,
    request_version: int | None = None,
    is_draft: bool = False,
    **typed: Unpack[OrderWords],
) -> OrderRequest:
    """Keep an order as it was typed: without a deal a draft, or handed in for those who work the queue; that of a won
    deal waits on.

    Whoever may create an order of that owner and territory, or may book the deal. What keeps it from being booked may
    stay: that is looked at whenever it is read. `request_id`: one that was kept before, as the person read it. Raises
    Refused for what no order can say, Stale.
    """
    kept = None if request_id is None else as_read(request_id, request_version)
    if kept and kept.opportunity:
        if owner_id not in (None, kept.seller_id) or is_draft:
            message = _("The order of a won opportunity is its owner's, and no draft.")
            raise Refused(message, path="is_draft" if is_draft else "owner_id", code="has_opportunity")
        return _keep_of_deal(by, kept.opportunity.pk, kept.opportunity.version, kept, typed)
    if kept:
        reach().require("order_request", "create", kept)
    values = _checked(by, kept, typed)
    account = _account(typed.get("account_id"))
    refuse_other(values["renews"], account.pk, typed["currency"])
    territory_id = territory_on(account.pk, typed["booked_on"])
    owner = _owner(by, owner_id, territory_id, typed["booked_on"])
    reach().require("order_request", "create", {"owner_id": owner, "territory_id": territory_id})
    values |= {"account": account, "owner_id": owner, "territory_id": territory_id}
    if kept is None:
        state = State.DRAFT if is_draft else State.WAITING
        return OrderRequest.objects.create(state=state, asked_by_id=by, asked_at=now(), **values)
    if kept.state == State.DRAFT and not is_draft:
        values["asked_at"] = now()
    if not (is_draft and kept.state in (State.DRAFT, State.BACK)):
        values["state"] = State.WAITING
    return _kept_again(by, kept, values)


@act
def keep_won_order(
    *,
    by: int,
    opportunity_id: int,
    opportunity_version: int | None,
    won_reason: str = "",
    **typed: Unpack[OrderWords],
) -> OrderRequest:
    """Keep the order of a won deal that waits as it is typed now, right or not, as one has read the deal.

    Whoever may book the deal. Raises as `keep_order`.
    """
    if opportunity_version is None:
        raise Missing(_("Say which version of the opportunity this is."))
    last = request_of_deal(reach(), opportunity_id)
    kept = found(last if last and last.state == State.WAITING else None)
    return _keep_of_deal(by, opportunity_id, opportunity_version, kept, typed, won_reason)


def _keep_of_deal(
    by: int, deal_id: int, version: int, kept: OrderRequest, typed: OrderWords, won_reason: str = ""
) -> OrderRequest:
    """The deal is written first, and its version goes up, so that who booked another state of it is told."""
    account_id, currency, day = typed.get("account_id"), typed["currency"], typed["booked_on"]
    deal = deal_to_book(deal_id, account_id, currency)
    if kept.state != State.WAITING:
        raise Conflict(_("This opportunity is open again. Win it first."), code="opportunity_open")
    if day != deal.closed_on:
        open_month(by, day)  # the deal goes there with its order, and nothing is moved into a closed period
    values = _checked(by, kept, typed)
    values["account_id"] = deal.account_id or _account(account_id).pk
    refuse_other(values["renews"], values["account_id"], currency)
    usual = shares_of_deal(deal, day)
    for split in (typed["shares"], *(line.shares for line in typed["lines"])):
        if any(share.kind == REVENUE for share in split):
            refuse_less(by, usual, split, day)
    note_won(by=by, deal=deal, version=version, won_on=day, won_reason=won_reason)
    return _kept_again(by, kept, values)


def _kept_again(by: int, kept: OrderRequest, values: dict[str, Any]) -> OrderRequest:
    """Who works the queue takes what they save out of it, unless somebody has it."""
    if kept.state == State.WAITING and not kept.claimed_by_id and reach().relations("order_request", "work"):
        values |= {"claimed_by_id": by, "claimed_at": now()}
    OrderRequest.objects.change(kept.pk, kept.version, **values)
    kept.refresh_from_db()
    return kept


def _checked(by: int, kept: OrderRequest | None, typed: OrderWords) -> dict[str, Any]:
    """What was typed, as it is kept. Raises Refused for what no order can say."""
    booked_on, currency, lines, shares = (
        typed["booked_on"],
        typed["currency"],
        typed["lines"],
        typed["shares"],
    )
    deal = kept.opportunity if kept else None
    _check_terms(by, booked_on, currency, typed["motion"])
    _check_lines(lines, booked_on, deal)
    _check_shares(shares, lines)
    check_worth(Desk(by), currency, booked_on, sum(line.amount_minor for line in lines))
    renewed = typed.get("renews_order_id"), lines, typed["motion"], booked_on, deal
    return {
        **checked_papers(by, typed.get("purchase_order") or "", typed),
        "booked_on": booked_on,
        "currency": currency,
        "motion": typed["motion"],
        "renews": renewed_by(*renewed, besides=kept.pk if kept else None),
        "lines": [asdict(line) for line in lines],
        "shares": [asdict(share) for share in shares],
        "ticks": sorted(set(typed.get("ticks") or ())),
    }


def _account(account_id: int | None) -> Account:
    if account_id is None:
        raise Refused(_("Say which account ordered this."), path="account_id", code="required")
    return standing_account(Account.objects.all(), account_id)


def _owner(by: int, asked: int | None, territory_id: int, day: date) -> int:
    """Whose order it will be: who is named, else the actor who books for nobody else, else who owned the territory.

    Raises Forbidden for somebody to whom the actor may not give orders.
    """
    if asked:
        reach().require("order", "give", {"owner_id": asked})
        return asked
    if reach().relations("order", "give") == {"own"}:
        return by
    owner = owner_of(territory_id, day)
    return owner.pk if owner else by


def _check_terms(by: int, day: date, currency: str, motion: str) -> None:
    """Raises Refused for a day on which no order can be booked at all; a closed period may be opened again."""
    check_currency(currency)
    check_choice(motion, "motion", Motion.values)
    try:
        open_month(by, day)
    except Conflict as closed:
        if closed.code != "period_closed":
            raise


def _check_lines(lines: Sequence[LineInput], day: date, deal: Opportunity | None) -> None:
    """As for a booking, except that a product may be sold no longer: that is a reason to wait."""
    named = Product.objects.filter(pk__in={line.product_id for line in lines}, is_bundle=False)
    offered = deal.lines.filter(is_removed=False).values_list("product_id", flat=True) if deal else ()
    checked_lines(lines, day, kept={*named.values_list("pk", flat=True), *offered})


def _check_shares(shares: Sequence[ShareInput], lines: Sequence[LineInput]) -> None:
    """Raises Refused for shares that no split can have; they need not total 100 % yet."""
    for split in (shares, *(line.shares for line in lines)):
        if len({(share.kind, share.person_id) for share in split}) < len(split):
            message = _("A person stands twice in the split. Give each person one share.")
            raise Refused(message, path="shares", code="splitshare_person_once")
    named = [*shares, *(share for line in lines for share in line.shares)]
    people = {share.person_id for share in named}
    if len(named) > MOST_SHARES or User.objects.filter(pk__in=people).count() < len(people):
        raise Refused(_("There is no such person."), path="shares", code="unknown_person")
    if any(not 0 <= share.weight <= WHOLE_SHARE for share in named):
        raise Refused(_("A share lies between 0 and 100 %."), path="shares", code="share_range")
