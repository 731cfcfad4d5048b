"""How well a deal is qualified: the panel of its page, a tick, an answer."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from common.access import found
from common.editing import conflict_of
from common.errors import Stale
from common.history import history_of
from common.http import FORM, form_page, perform, person_id, sent
from common.transaction import reach
from pipeline import services
from pipeline.forms.qualifying import AnswerForm, TickForm
from pipeline.models import Opportunity
from pipeline.selectors.criteria import Known, knowledge, qualification
from pipeline.selectors.opportunities import opportunity


@require_POST
def criterion_tick(request: HttpRequest, pk: int, criterion_id: int) -> HttpResponse:
    """Tick a criterion or take the tick away; answers with the panel as it is now."""
    mine = reach()
    deal = opportunity(mine, pk)
    form = TickForm(request.POST)
    act = services.tick_criterion
    done = perform(form, act, by=person_id(), opportunity_id=pk, criterion_id=criterion_id)
    refused = getattr(form, "refusal", None)
    stale = _("Somebody else was faster. This is how it stands now.")
    trouble = "" if done else (stale if isinstance(refused, Stale) else _first(form))
    if not request.headers.get("HX-Request"):
        if trouble:
            messages.error(request, trouble)
        return redirect("opportunity_detail", pk)
    context = {
        "deal": deal,
        "qualification": qualification(deal),
        "may_edit": mine.allows("opportunity", "update", deal),
        "trouble": trouble,
    }
    status = (refused.status if refused else 422) if form.errors else 200
    return render(request, "pipeline/_qualification.html", context, status=status)


@FORM
def question_answer(request: HttpRequest, pk: int, question_id: int) -> HttpResponse:
    """What is known to one question of the deal's sales model."""
    mine = reach()
    deal = opportunity(mine, pk)
    mine.require("opportunity", "update", deal)
    known = _known(deal, question_id)
    form = AnswerForm(sent(request), initial=_saved(known))
    done = perform(form, services.answer_question, by=person_id(), opportunity_id=pk, question_id=question_id)
    if done is not None:
        return redirect("opportunity_detail", pk)
    conflict = None
    if isinstance(getattr(form, "refusal", None), Stale):
        known = _known(deal, question_id)
        if known.version:
            conflict = conflict_of(form, lambda: AnswerForm(initial=_saved(known)), known.answer)
    context = {
        "deal": deal,
        "known": known,
        "conflict": conflict,
        "history": history_of(known.answer, ["state", "text"]) if known.version else [],
    }
    return form_page(request, "pipeline/question_answer.html", form, **context)


def _known(deal: Opportunity, question_id: int) -> Known:
    return found(next((one for one in knowledge(deal) if one.question.pk == question_id), None))


def _saved(known: Known) -> dict[str, Any]:
    return {"text": known.answer.text, "state": known.answer.state, "version": known.version}


def _first(form: TickForm) -> str:
    return next((str(errors[0]) for errors in form.errors.values()), "")
