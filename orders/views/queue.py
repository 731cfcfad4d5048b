"""Orders that are not booked yet: the queue, and what a person keeps; what a contract review looks at."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from common.access import seen
from common.http import FORM, chosen, form_page, may, page_by_key, perform, person_id, sent, strict_query
from common.transaction import reach
from orders import services
from orders.forms import booking as forms
from orders.models import OrderRequest, ReviewPoint
from orders.selectors import awaiting
from orders.selectors.awaiting import open_request, page_of, requests_in, requests_of, waiting_request
from orders.selectors.gate import review_points
from orders.selectors.queue_times import times_to_book
from orders.views.booking import to_next

ALL, MINE = "", "mine"


@require_safe
@may("opportunity", "book")
def order_request_list(request: HttpRequest) -> HttpResponse:
    """Which orders are not booked yet, since when, and why?"""
    query, mine = strict_query(request, "show", "after"), reach()
    show = chosen(query, "show", [ALL, MINE], ALL)
    rows = requests_of(mine, person_id()) if show == MINE else requests_in(mine)
    page = page_by_key(rows, ["asked_at", "id"], query.get("after"))
    is_worker = bool(mine.relations("order_request", "work"))
    context = {
        "page": page,
        "show": show,
        "rows": awaiting.explained(page.rows, mine),
        "worth": awaiting.worth_of(rows),
        "is_worker": is_worker,
        "weeks": times_to_book(mine) if is_worker and show == ALL else [],
        "may_review": bool(mine.relations("review_point", "list")),
    }
    return render(request, "orders/order_request_list.html", context)


@require_POST
def order_request_next(request: HttpRequest) -> HttpResponse:
    """Take the oldest order of the queue that nobody has."""
    return to_next(request, services.claim_next(by=person_id()))


@require_POST
def order_request_claim(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an order out of the queue, also from somebody else, and go on with it."""
    asked = waiting_request(reach(), pk)
    services.claim_order(by=person_id(), request_id=pk, version=asked.version)
    return redirect(page_of(asked, is_queue=True))


@require_POST
def order_request_release(request: HttpRequest, pk: int) -> HttpResponse:
    """Give an order back to the queue."""
    asked = waiting_request(reach(), pk)
    services.release_order(by=person_id(), request_id=pk, version=asked.version)
    return redirect("order_request_list")


@FORM
def order_request_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Send an order back that awaits its booking: its deal is open again, or it is with its owner."""
    asked = waiting_request(reach(), pk)
    if asked.opportunity:
        reach().require("opportunity", "book", asked.opportunity)
    else:
        reach().require("order_request", "work", asked)
    form = forms.SendBackForm(sent(request), initial={"version": asked.version})
    if perform(form, services.send_order_back, by=person_id(), request_id=pk) is not None:
        messages.success(request, _back_said(asked))
        return _on(request, asked)
    return form_page(request, "orders/order_request_back.html", form, asked=asked)


def _on(request: HttpRequest, asked: OrderRequest) -> HttpResponse:
    """Who had taken it goes on with the next one."""
    if asked.claimed_by_id == person_id():
        return to_next(request, services.claim_next(by=person_id()))
    return redirect("order_request_list")


def _back_said(asked: OrderRequest) -> str:
    if asked.opportunity:
        return _("%(name)s is open again.") % {"name": asked.opportunity.name}
    return _("The order is with %(name)s again.") % {"name": asked.owner}


@FORM
def order_request_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Give up an order without a deal that is not booked."""
    asked = open_request(reach(), pk)
    reach().require("order_request", "create", asked)
    is_own = asked.asked_by_id == person_id()
    form = forms.CommentForm(sent(request), initial={"version": asked.version}, is_own=is_own)
    if perform(form, services.cancel_kept_order, by=person_id(), request_id=pk) is not None:
        messages.success(request, _("The order is given up. Nothing of it was order intake."))
        return _on(request, asked)
    return form_page(request, "orders/order_request_cancel.html", form, asked=asked, is_own=is_own)


@require_safe
@may("review_point", "list")
def review_point_list(request: HttpRequest) -> HttpResponse:
    """What is looked at before an order is booked?"""
    strict_query(request)
    context = {"points": review_points(), "may_change": reach().allows("review_point", "update")}
    return render(request, "orders/review_point_list.html", context)


@FORM
def review_point_create(request: HttpRequest) -> HttpResponse:
    """Have something looked at before orders are booked."""
    reach().require("review_point", "update")
    form = forms.PointForm(sent(request))
    if perform(form, services.add_point, by=person_id()) is not None:
        return redirect("review_point_list")
    return form_page(request, "orders/review_point_create.html", form)


@FORM
def review_point_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Look at something no more."""
    reach().require("review_point", "update")
    point: ReviewPoint = seen(ReviewPoint.objects.filter(is_removed=False), reach(), pk)
    form = forms.RemovePointForm(sent(request), initial={"version": point.version})
    if perform(form, services.remove_point, by=person_id(), point_id=pk) is not None:
        return redirect("review_point_list")
    return form_page(request, "orders/review_point_remove.html", form, point=point)
