"""Counter-entries: an order is taken back, put right, amended, shared anew or put on another day."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from common.access import seen
from common.errors import Stale
from common.forms import take_version
from common.http import (
    FORM,
    form_page,
    perform,
    person_id,
    sent,
    strict_query,
    whole,
)
from common.transaction import reach
from orders import services
from orders.forms import changing as forms
from orders.forms.disputes import DisputedCorrectForm, DisputedDayForm, DisputedSplitForm
from orders.models import Dispute, Order
from orders.selectors.dispute_detail import DisputeDetail, dispute_detail
from orders.selectors.orders import Terms, terms_of
from orders.selectors.people import suggested_people
from territories.selectors import today_of


@FORM
def order_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back an order, or a part of it."""
    order = _to_counter(pk)
    is_sent = request.method == "POST"
    initial = {} if is_sent else {"booked_on": today_of(person_id()), "version": order.version}
    form = forms.CancelForm(sent(request), currency=order.currency, initial=initial)
    said = _("Order %(number)s: the cancellation is posted.")
    done = _counter(request, form, services.cancel, order, said)
    return done or form_page(request, "orders/order_cancel.html", form, order=order)


@require_http_methods(["GET", "HEAD", "POST"])
def order_correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Put an order's lines or split right; `?dispute=` grants that dispute by it."""
    detail = _disputed(request)
    form = DisputedCorrectForm if detail else forms.CorrectForm
    return _change(request, pk, "correct", form, services.correct, forms.from_terms, detail)


@FORM
def order_amend(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what the customer has from a day on: more, or less."""
    return _change(request, pk, "amend", forms.AmendForm, services.amend, forms.from_terms)


@require_http_methods(["GET", "HEAD", "POST"])
def order_split(request: HttpRequest, pk: int) -> HttpResponse:
    """Share the credit of an order anew from a day on; `?dispute=` grants that dispute by it."""
    detail = _disputed(request)
    form = DisputedSplitForm if detail else forms.NewSplitForm
    return _change(request, pk, "split", form, services.split_anew, forms.shared, detail)


@require_http_methods(["GET", "HEAD", "POST"])
def order_day(request: HttpRequest, pk: int) -> HttpResponse:
    """Put an order on the day on which it was really signed; `?dispute=` grants that dispute by it."""
    detail = _disputed(request)
    form = DisputedDayForm if detail else forms.NewDateForm
    return _change(request, pk, "day", form, services.book_on_another_day, None, detail)


SAID = {
    "correct": gettext_lazy("Order %(number)s: the correction is posted."),
    "amend": gettext_lazy("Order %(number)s: the amendment is posted."),
    "split": gettext_lazy("Order %(number)s: its credit is shared anew."),
    "day": gettext_lazy("Order %(number)s is booked on its new day."),
}


def _disputed(request: HttpRequest) -> DisputeDetail | None:
    """The dispute that `?dispute=` names."""
    asked = whole(strict_query(request, "dispute"), "dispute")
    return None if asked is None else dispute_detail(reach(), asked)


def _change(
    request: HttpRequest,
    pk: int,
    name: str,
    form_class: Callable[..., Any],
    act: Callable[..., Any],
    begin: Callable[[Terms], dict[str, Any]] | None,
    detail: DisputeDetail | None = None,
) -> HttpResponse:
    """A form that begins with what an order is now; `detail`: the dispute that it grants, to which it leads back."""
    order, is_sent = _to_counter(pk), request.method == "POST"
    if detail and not is_sent and not (detail.may_answer and detail.dispute.order_id == pk):
        return redirect("dispute_detail", detail.dispute.pk)
    context: dict[str, Any] = {"order": order, "detail": detail}
    if begin is None:
        initial = {"booked_on": order.booked_on, "version": order.version}
        form = form_class(sent(request), initial=initial)
    else:
        terms = terms_of(order)
        context |= {"terms": terms, "people": suggested_people(reach())}
        initial = {"booked_on": today_of(person_id()), "version": order.version, **begin(terms)}
        form = form_class(sent(request), terms=terms, initial={} if is_sent else initial)
    if detail:
        act = partial(services.put_right, dispute_id=detail.dispute.pk, how=name)
    done = _counter(request, form, act, order, str(SAID[name]))
    if done is not None:
        is_there = detail and Dispute.objects.visible_to(reach()).filter(pk=detail.dispute.pk).exists()
        return redirect("dispute_detail", detail.dispute.pk) if detail and is_there else done
    return form_page(request, f"orders/order_{name}.html", form, **context)


def _to_counter(pk: int) -> Order:
    """The order with its value, for those who may post counter-entries to it."""
    order: Order = seen(Order.objects.valued(), reach(), pk)
    reach().require("order", "counter", order)
    return order


def _counter(
    request: HttpRequest, form: Form, act: Callable[..., Any], order: Order, said: str
) -> HttpResponse | None:
    """Post the counter-entry; a stale form then carries the version of the order that its page shows."""
    if perform(form, act, by=person_id(), order_id=order.pk) is not None:
        messages.success(request, said % {"number": order.number})
        return redirect("order_detail", order.pk)
    if isinstance(getattr(form, "refusal", None), Stale):
        take_version(form, order.version)
    return None
