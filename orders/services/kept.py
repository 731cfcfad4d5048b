"""What becomes of an order that is kept: taken out of the queue and given back, given up, sent back, settled."""

from collections.abc import Mapping

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Account
from common.checks import note_of
from common.errors import Conflict, Missing, Refused, Stale
from common.transaction import act, because, now, reach, widened
from orders.models import Order, OrderRequest
from orders.selectors.awaiting import open_request, page_of, requests_in, waiting_request
from territories.models import User
from workspace.models import Event
from workspace.selectors.subjects import readers
from workspace.services import Told, tell_each

State = OrderRequest.State
MOST_COMMENT = 500


def kept_request(request_id: int, version: int | None) -> OrderRequest:
    """One without a deal, if the person may make an order of it. Raises NotInReach, Forbidden, Missing, Stale."""
    request = as_read(request_id, version)
    reach().require("order_request", "create", request)
    if request.opportunity_id:
        message = _("This order is booked with its opportunity.")
        raise Conflict(message, code="has_opportunity")
    return request


def as_read(request_id: int, version: int | None) -> OrderRequest:
    """One of which an order can still be made, as the person read it. Raises NotInReach, Missing, Stale."""
    if version is None:
        raise Missing(_("Say which version of the order that was kept this is."))
    request = open_request(reach(), request_id)
    if request.version != version:
        raise Stale()
    return request


def settle_kept(request: OrderRequest, order: Order, by: int) -> None:
    """What was kept is booked; for booking, which checked the actor."""
    settle(request, order)
    _tell(request, by, order.number, {request.asked_by_id: reverse("order_detail", args=[order.pk])})


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
    _tell(request, by, comment, {request.asked_by_id: reverse("order_request_list")})
    return request


def give_back(request: OrderRequest, by: int, version: int, comment: str) -> None:
    """An order without a deal goes back to its owner and whoever entered it; for sending back, which checked the
    actor.
    """
    _end(request, version, State.BACK, comment)
    theirs = f"{reverse('order_request_list')}?show=mine"  # who entered it may not read it any more
    _tell(request, by, comment, {request.asked_by_id: theirs, request.seller_id: page_of(request)})


def _end(request: OrderRequest, version: int, state: str, comment: str) -> None:
    free = {"claimed_by": None, "claimed_at": None}
    OrderRequest.objects.change(request.pk, version, state=state, comment=comment, **free)
    request.refresh_from_db()


def _tell(request: OrderRequest, by: int, why: str, pages: Mapping[int, str]) -> None:
    """Tell people, each with their page, what became of it; its account is named to those alone who may read it."""
    named = readers("account", request.account_id, User.objects.filter(pk__in=pages))
    with widened("account"):
        account = Account.objects.values_list("name", flat=True).get(pk=request.account_id)
    key, said = f"{request.pk} {request.version} {request.state}", " ".join(why.split())
    tell_each(
        event=Event.ORDER_ANSWERED,
        news=[
            Told(pk, key, " · ".join(filter(None, [account if pk in named else "", said])), url)
            for pk, url in pages.items()
        ],
        by=by,
    )
