"""What waits for an answer: answering it, alone or with others, and taking back what one asked for."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common.access import found
from common.http import FORM, chosen, form_page, page_by_key, perform, person_id, sent, strict_query
from common.selectors import today
from common.transaction import reach
from workspace import services
from workspace.forms.approvals import AnswerForm, AnswerManyForm, WithdrawForm
from workspace.models import Approval
from workspace.selectors import approvals as selectors


def approvals_context() -> dict[str, Any]:
    """What the inbox shows above its news: what waits for this person, and what they asked for."""
    return {**_waiting(), **_asked(None), "form": AnswerManyForm()}


def _waiting() -> dict[str, Any]:
    """What waits for this person, as much as is shown at once, and how much more there is."""
    me, day = person_id(), today()
    waiting = selectors.waiting(me, day)
    return {"waiting": waiting, "more": selectors.more_waiting(me, day, len(waiting))}


def _asked(after: str | None) -> dict[str, Any]:
    """What this person asked for: one page of it, each with what became of it, and the key of the next page."""
    page = page_by_key(selectors.asked_by(person_id()), selectors.ASKED_ORDER, after)
    asked = [(row, selectors.answer_in_words(row)) for row in page.rows]
    return {"asked": asked, "asked_after": page.after}


@require_safe
def asked_list(request: HttpRequest) -> HttpResponse:
    """All that one asked for: first what waits, then the newest answers; `?show=answered`: what one answered."""
    query = strict_query(request, "show", "after")
    is_answered = chosen(query, "show", ("asked", "answered"), "asked") == "answered"
    context = _answered(query.get("after")) if is_answered else _asked(query.get("after"))
    return render(request, "workspace/asked_list.html", {**context, "is_answered": is_answered})


def _answered(after: str | None) -> dict[str, Any]:
    """What this person answered: one page of it, the newest first, and the key of the next page."""
    page = selectors.answered_page(person_id(), after)
    asked = [(row, selectors.answer_in_words(row)) for row in page.rows]
    return {"asked": asked, "asked_after": page.after}


@require_safe
def approval_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One thing that was asked: by whom, of whom, what it would do, and what became of it."""
    strict_query(request)
    me, day = person_id(), today()
    approval = selectors.approval_for(pk, me, day)
    context = {
        "waiting": selectors.to_answer(approval, me),
        "effect_read": selectors.effect_read(reach(), approval),
        "approval": approval,
        "lines": selectors.lines_of(approval),
        "words": selectors.answer_in_words(approval),
        "may_answer": selectors.may_answer(approval, me, day),
        "may_withdraw": approval.asked_by_id == me and approval.state == Approval.State.WAITING,
        "history": selectors.history_of(approval),
    }
    if approval.state == Approval.State.WAITING:
        context["answerers"] = selectors.who_may_answer(approval, day)
        context["nobody"] = selectors.nobody_answers(approval)
    return render(request, "workspace/approval_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def approval_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve or refuse one thing; `?answer=refuse` has that chosen already."""
    query, me, day = strict_query(request, "answer"), person_id(), today()
    approval = selectors.approval_for(pk, me, day)
    waiting = selectors.to_answer(approval, me)
    initial = {
        "version": approval.version,
        "is_granted": chosen(query, "answer", ("grant", "refuse"), "grant"),
    }
    form = AnswerForm(sent(request), initial=initial, is_acceptance=waiting.is_acceptance)
    if done := perform(form, services.answer, by=me, approval_id=pk):
        messages.success(request, selectors.answer_in_words(selectors.approval_for(done.pk, me, day)))
        return redirect("inbox")
    may_answer = selectors.may_answer(approval, me, day)
    context = {"waiting": waiting, "approval": approval, "may_answer": may_answer}
    return form_page(request, "workspace/approval_answer.html", form, **context)


@require_POST
def approval_answer_many(request: HttpRequest) -> HttpResponse:
    """One answer to all that were chosen, or to none: what fails is named above the list."""
    strict_query(request)
    form = AnswerManyForm(request.POST)
    if done := perform(form, services.answer_many, by=person_id()):
        text = ngettext("%(count)d request is answered.", "%(count)d requests are answered.", len(done))
        messages.success(request, text % {"count": len(done)})
        return redirect("inbox")
    return form_page(request, "workspace/approval_answer_many.html", form, **_waiting())


@FORM
def approval_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back what one asked for, once one has read what that means."""
    approval: Approval = found(Approval.objects.filter(asked_by=person_id(), pk=pk).first())
    form = WithdrawForm(sent(request), initial={"version": approval.version})
    if perform(form, services.withdraw, by=person_id(), approval_id=pk):
        messages.success(request, _("%(about)s is withdrawn.") % {"about": approval.about})
        return redirect("inbox")
    return form_page(request, "workspace/approval_withdraw.html", form, approval=approval)
