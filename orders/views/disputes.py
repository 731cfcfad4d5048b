"""Disputes of credit: their list, one of them, raising, answering and withdrawing."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from common.access import seen
from common.definitions import named
from common.errors import Forbidden
from common.history import history_of
from common.http import (
    FORM,
    BadQuery,
    chosen,
    form_page,
    may,
    perform,
    person_id,
    sent,
    strict_query,
    whole,
)
from common.segments import segments
from common.selectors import the_organisation
from common.transaction import reach
from orders import services
from orders.forms.disputes import AnswerForm, DisputeForm, WithdrawForm
from orders.models import Order
from orders.selectors import dispute_detail as details
from orders.selectors.disputes import ALL, MINE, TO_ANSWER, WHICH, dispute_of_order, dispute_page, may_raise


@require_safe
@may("dispute", "read")
def dispute_list(request: HttpRequest) -> HttpResponse:
    """Which credits are disputed, and which of them wait for me?"""
    query, mine = strict_query(request, "show", "after"), reach()
    which = chosen(query, "show", WHICH, ALL)
    names = {ALL: _("All"), MINE: _("Mine"), TO_ANSWER: _("To answer")}
    offered = {ALL, *([MINE] if may_raise(mine) else [])}
    offered |= {TO_ANSWER} if mine.relations("dispute", "answer") else set()
    labels = {one: names[one] for one in WHICH if one in offered}
    page = dispute_page(mine, which, query.get("after"))
    context = {"page": page, "which": which, "segments": segments(query, "show", labels, which)}
    return render(request, "orders/dispute_list.html", context)


@require_safe
def dispute_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What is disputed, why is it what it is, and what became of it?"""
    strict_query(request)
    detail = details.dispute_detail(reach(), pk)
    context = {
        "detail": detail,
        "dispute": detail.dispute,
        "history": history_of(detail.dispute, ["state", "answer"]),
        "metrics": named("dispute"),
    }
    return render(request, "orders/dispute_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@may("dispute", "create")
def dispute_create(request: HttpRequest) -> HttpResponse:
    """Dispute a credit of one's own, or an order in which one should have some."""
    query, mine = strict_query(request, "credit", "order"), reach()
    credit_id, order_id = whole(query, "credit"), whole(query, "order")
    if (credit_id is None) == (order_id is None):
        raise BadQuery(_("Name a credit or an order, and not both."), path="credit")
    row = details.credit_to_dispute(mine, credit_id) if credit_id is not None else None
    order: Order | None = None if order_id is None else seen(Order.objects.all(), mine, order_id)
    last = row.dispute if row else dispute_of_order(mine, order_id or 0)
    if last and last.is_open and not sent(request):
        return redirect("dispute_detail", last.pk)
    form = DisputeForm(sent(request))
    done = perform(form, services.raise_dispute, by=person_id(), credit_id=credit_id, order_id=order_id)
    if done is not None:
        messages.success(request, _("Your dispute is raised. You are told the answer."))
        return redirect("dispute_detail", done.pk)
    return form_page(request, "orders/dispute_create.html", form, row=row, order=order)


@FORM
@may("dispute", "answer")
def dispute_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Refuse a dispute, or grant it by what was posted since."""
    detail = details.dispute_detail(reach(), pk)
    currency = detail.order.currency if detail.order else the_organisation().reporting_currency
    initial = {"version": detail.dispute.version}
    form = AnswerForm(sent(request), entries=detail.entries, currency=currency, initial=initial)
    if perform(form, services.answer_dispute, by=person_id(), dispute_id=pk) is not None:
        messages.success(request, _("The dispute is answered."))
        return redirect("dispute_detail", pk)
    return form_page(request, "orders/dispute_answer.html", form, detail=detail)


@FORM
def dispute_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back a dispute that one raised."""
    dispute = details.dispute_in(reach(), pk)
    if dispute.raised_by_id != person_id():
        raise Forbidden(_("Only the person who raised a dispute withdraws it."))
    form = WithdrawForm(sent(request), initial={"version": dispute.version})
    if perform(form, services.withdraw_dispute, by=person_id(), dispute_id=pk) is not None:
        messages.success(request, _("Your dispute is withdrawn."))
        return redirect("dispute_detail", pk)
    return form_page(request, "orders/dispute_withdraw.html", form, dispute=dispute)
