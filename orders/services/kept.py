"""Orders without a deal that are kept until they are booked: drafts, and what was handed in."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any, Unpack

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Account
from accounts.selectors import territory_on
from catalog.models import Product
from common.access import seen
from common.checks import check_currency, note_of
from common.errors import Conflict, Missing, Refused, Stale
from common.money import WHOLE_SHARE
from common.transaction import act, because, now, reach, widened
from orders.models import Order, OrderRequest
from orders.selectors.awaiting import open_request, page_of, requests_in, waiting_request
from orders.services.inputs import (
    MOST_SHARES,
    LineInput,
    PaperWords,
    ShareInput,
    checked_lines,
    checked_papers,
)
from orders.services.posting import Desk, check_worth, open_month
from orders.services.renewals import refuse_other, renewed_by
from pipeline.models import Motion
from pipeline.services.checks import check_choice
from territories.models import User
from territories.selectors import owner_of
from workspace.models import Event
from workspace.services import tell

State = OrderRequest.State
MOST_COMMENT = 500


@act
def keep_order(
    *,
    by: int,
    account_id: int | None,
    booked_on: date,
    currency: str,
    lines: Sequence[LineInput],
    shares: Sequence[ShareInput],
    motion: str,
    purchase_order: str = "",
    owner_id: int | None = None,
    renews_order_id: int | None = None,
    request_id: int | None = None,
    request_version: int | None = None,
    is_draft: bool = False,
    **papers: Unpack[PaperWords],
) -> OrderRequest:
    """Keep an order without a deal as it was typed: a draft, or handed in for those who work the queue.

    Whoever may create an order of that owner and territory. What keeps it from being booked may stay: that is looked
    at whenever it is read. `request_id`: one that was kept before. Raises Refused for what no order can say, Stale.
    """
    _check_terms(by, booked_on, currency, motion)
    _check_lines(lines, booked_on)
    _check_shares(shares, lines)
    renews = renewed_by(renews_order_id, lines, motion, booked_on, None, besides=request_id)
    account = _account(account_id)
    refuse_other(renews, account.pk, currency)
    check_worth(Desk(by), currency, booked_on, sum(line.amount_minor for line in lines))
    territory_id = territory_on(account.pk, booked_on)
    owner = _owner(by, owner_id, territory_id, booked_on)
    reach().require("order_request", "create", {"owner_id": owner, "territory_id": territory_id})
    values: dict[str, Any] = {
        **checked_papers(by, purchase_order, papers),
        "account": account,
        "owner_id": owner,
        "territory_id": territory_id,
        "booked_on": booked_on,
        "currency": currency,
        "motion": motion,
        "renews": renews,
        "lines": [asdict(line) for line in lines],
        "shares": [asdict(share) for share in shares],
        "ticks": sorted(set(papers.get("ticks") or ())),
    }
    if request_id is None:
        state = State.DRAFT if is_draft else State.WAITING
        return OrderRequest.objects.create(state=state, asked_by_id=by, asked_at=now(), **values)
    return _kept_again(kept_request(request_id, request_version), values, is_draft=is_draft)


def _kept_again(request: OrderRequest, values: dict[str, Any], *, is_draft: bool) -> OrderRequest:
    """What was kept is kept as it is typed now; a draft that is handed in begins to wait then."""
    if request.state == State.DRAFT and not is_draft:
        values["asked_at"] = now()
    if not (is_draft and request.state in (State.DRAFT, State.BACK)):
        values["state"] = State.WAITING
    OrderRequest.objects.change(request.pk, request.version, **values)
    request.refresh_from_db()
    return request


def kept_request(request_id: int, version: int | None) -> OrderRequest:
    """One without a deal, if the person may make an order of it. Raises NotInReach, Forbidden, Missing, Stale."""
    if version is None:
        raise Missing(_("Say which version of the order that was kept this is."))
    request = open_request(reach(), request_id)
    reach().require("order_request", "create", request)
    if request.opportunity_id:
        message = _("This order is booked with its opportunity.")
        raise Conflict(message, code="has_opportunity")
    if request.version != version:
        raise Stale()
    return request


def settle_kept(request: OrderRequest, order: Order, by: int) -> None:
    """What was kept is booked; for booking, which checked the actor."""
    settle(request, order)
    _tell(request, by, order.number, reverse("order_detail", args=[order.pk]))


def settle(request: OrderRequest, order: Order) -> None:
    """What waited is booked."""
    waited = request.state in (State.WAITING, State.BACK)
    booked = {"state": State.BOOKED, "order": order, "settled_at": now() if waited else None}
    OrderRequest.objects.change(request.pk, request.version, **booked)


@act
def claim_next(*, by: int, besides: int | None = None) -> OrderRequest | None:
    """Take the oldest order of the queue that nobody has, else the oldest of one's own; None where there is none.

    `besides`: the one that is worked on now. Who works the queue; two at once get two orders.
    """
    reach().require("order_request", "work")
    rows = requests_in(reach()).order_by("asked_at", "pk").exclude(pk=besides or 0)
    nobodys = (
        rows.filter(claimed_by=None).select_for_update(no_key=True, skip_locked=True, of=("self",)).first()
    )
    if nobodys is None:
        return rows.filter(claimed_by_id=by).first()
    OrderRequest.objects.change(nobodys.pk, nobodys.version, claimed_by_id=by, claimed_at=now())
    return nobodys


@act
def release_order(*, by: int, request_id: int, version: int) -> None:
    """Give an order back to the queue, for somebody else to take. Who works the queue. Raises NotInReach, Stale."""
    request = waiting_request(reach(), request_id)
    reach().require("order_request", "work", request)
    OrderRequest.objects.change(request.pk, version, claimed_by_id=None, claimed_at=None)


@act
def claim_order(*, by: int, request_id: int, version: int) -> OrderRequest:
    """Take an order out of the queue to work on it, also from somebody else. Who works the queue. Raises Stale."""
    request = waiting_request(reach(), request_id)
    reach().require("order_request", "work", request)
    OrderRequest.objects.change(request.pk, version, claimed_by_id=by, claimed_at=now())
    request.refresh_from_db()
    return request


@act
def cancel_kept_order(*, by: int, request_id: int, version: int, comment: str = "") -> OrderRequest:
    """Give up an order without a deal that is not booked: who may make an order of it; who did not enter it says why.

    Raises NotInReach, Conflict for the order of a won deal, which is sent back instead, Refused, Stale.
    """
    request = kept_request(request_id, version)
    comment = note_of(comment, "comment", MOST_COMMENT, is_long=True)
    if not comment and request.asked_by_id != by:
        raise Refused(_("Say why; whoever entered it is told."), path="comment", code="required")
    with because(comment):
        _end(request, version, State.CANCELLED, comment)
    _tell(request, by, comment, reverse("order_request_list"))
    return request


def give_back(request: OrderRequest, by: int, version: int, comment: str) -> None:
    """An order without a deal goes back to whoever entered it; for sending back, which checked the actor."""
    _end(request, version, State.BACK, comment)
    _tell(request, by, comment, page_of(request))


def _end(request: OrderRequest, version: int, state: str, comment: str) -> None:
    free = {"claimed_by": None, "claimed_at": None}
    OrderRequest.objects.change(request.pk, version, state=state, comment=comment, **free)
    request.refresh_from_db()


def _tell(request: OrderRequest, by: int, why: str, url: str) -> None:
    """Tell whoever entered it what became of it."""
    with widened("account"):  # they named it themselves
        account = Account.objects.values_list("name", flat=True).get(pk=request.account_id)
    about = " · ".join(filter(None, [account, " ".join(why.split())]))
    key = f"{request.pk} {request.version} {request.state}"
    tell(event=Event.ORDER_ANSWERED, people=[request.asked_by_id], key=key, about=about, url=url, by=by)


def _account(account_id: int | None) -> Account:
    if account_id is None:
        raise Refused(_("Say which account ordered this."), path="account_id", code="required")
    account: Account = seen(Account.objects.all(), reach(), account_id)
    if account.merged_into_id:
        message = _("%(name)s was merged into another account. Choose that one.") % {"name": account.name}
        raise Refused(message, path="account_id", code="merged")
    return account


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


def _check_lines(lines: Sequence[LineInput], day: date) -> None:
    """As for a booking, except that a product may be sold no longer: that is a reason to wait."""
    kept = Product.objects.filter(pk__in={line.product_id for line in lines}, is_bundle=False)
    checked_lines(lines, day, kept=set(kept.values_list("pk", flat=True)))


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
