"""What is known around a deal: its panels, and the forms behind each row of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe
from django_stubs_ext import StrOrPromise

from common.editing import conflict_of
from common.errors import Conflict, Stale
from common.history import history_of
from common.http import FORM, form_page, perform, person_id, sent, strict_query
from common.selectors import policy
from common.transaction import reach
from pipeline import services
from pipeline.forms import around as shapes
from pipeline.models import Competitor, Concession, Opportunity, Requirement, Stakeholder
from pipeline.selectors import around
from pipeline.selectors.opportunities import opportunity
from pipeline.services.around import row_of


@dataclass(frozen=True)
class Part:
    """One of the panels: its rows, the form and the acts behind them, and their words."""

    name: str
    model: Any
    form: Callable[..., forms.Form]
    new: Callable[..., forms.Form]
    add: Callable[..., Any]
    edit: Callable[..., Any]
    remove: Callable[..., Any]
    fields: tuple[str, ...]
    adding: StrOrPromise
    editing: StrOrPromise
    page: str = "pipeline/around_add.html"
    said: Callable[[Any], str] = str

    def id_of(self, pk: int) -> dict[str, int]:
        """The row as its acts take it."""
        return {f"{self.name}_id": pk}


PARTS = {
    part.name: part
    for part in (
        Part(
            "stakeholder",
            Stakeholder,
            shapes.StakeholderForm,
            shapes.NewStakeholderForm,
            services.add_stakeholder,
            services.edit_stakeholder,
            services.remove_stakeholder,
            ("role", "stance", "note"),
            gettext_lazy("Add a stakeholder"),
            gettext_lazy("Stakeholder"),
            "pipeline/stakeholder_add.html",
            around.name_of,
        ),
        Part(
            "competitor",
            Competitor,
            shapes.CompetitorForm,
            shapes.CompetitorForm,
            services.add_competitor,
            services.edit_competitor,
            services.remove_competitor,
            ("name", "strategy", "is_incumbent"),
            gettext_lazy("Add a competitor"),
            gettext_lazy("Competitor"),
        ),
        Part(
            "requirement",
            Requirement,
            shapes.RequirementForm,
            shapes.RequirementForm,
            services.add_requirement,
            services.edit_requirement,
            services.remove_requirement,
            ("text", "kind", "state"),
            gettext_lazy("Add a requirement"),
            gettext_lazy("Requirement"),
        ),
        Part(
            "concession",
            Concession,
            shapes.ConcessionForm,
            shapes.ConcessionForm,
            services.add_concession,
            services.edit_concession,
            services.remove_concession,
            ("kind", "text", "reason", "in_return", "worth_minor", "given_on"),
            gettext_lazy("Add a concession"),
            gettext_lazy("Concession"),
        ),
    )
}


@require_safe
def opportunity_around_panel(request: HttpRequest, pk: int) -> HttpResponse:
    """Who is for us and against us, who else wants the deal, what the customer needs, and what was given away."""
    strict_query(request)
    mine = reach()
    deal = opportunity(mine, pk)
    people = around.stakeholders(deal)
    context = {
        "deal": deal,
        "people": people,
        "coverage": around.coverage_of(people),
        "days": policy("met_within_days"),
        "competitors": around.competitors(deal),
        "requirements": around.requirements(deal),
        "concessions": around.concessions(deal),
        "may_edit": _may_edit(deal),
    }
    return render(request, "pipeline/_around.html", context)


@FORM
def around_add(request: HttpRequest, pk: int, part: str) -> HttpResponse:
    """One more stakeholder, competitor, requirement or concession."""
    asked, deal = PARTS[part], _deal(pk)
    form = asked.new(sent(request), deal=deal)
    if perform(form, asked.add, by=person_id(), opportunity_id=pk) is not None:
        messages.success(request, _("Added."))
        return redirect("opportunity_detail", pk)
    return form_page(request, asked.page, form, deal=deal, title=asked.adding)


@FORM
def around_edit(request: HttpRequest, pk: int, row_id: int, part: str) -> HttpResponse:
    """One of them changed, with what changed on it before; a stale form shows both versions."""
    asked, deal = PARTS[part], _deal(pk)
    row = row_of(asked.model, deal, row_id)
    form = asked.form(sent(request), deal=deal, row=row)
    ids = {"opportunity_id": pk, **asked.id_of(row_id)}
    if perform(form, asked.edit, by=person_id(), **ids) is not None:
        messages.success(request, _("Saved."))
        return redirect("opportunity_detail", pk)
    context = {
        "deal": deal,
        "row": row,
        "title": asked.editing,
        "said": asked.said(row),
        "conflict": conflict_of(form, lambda: asked.form(deal=deal, row=row), row),
        "history": history_of(row, asked.fields, deal.currency),
        "remove": f"{part}_remove",
    }
    return form_page(request, "pipeline/around_edit.html", form, **context)


@require_POST
def around_remove(request: HttpRequest, pk: int, row_id: int, part: str) -> HttpResponse:
    """One of them taken off the deal; history keeps it."""
    asked, _open = PARTS[part], _deal(pk)
    form = shapes.RemoveForm(request.POST)
    ids = {"opportunity_id": pk, **asked.id_of(row_id)}
    if perform(form, asked.remove, by=person_id(), **ids) is not None:
        messages.success(request, _("Removed."))
    else:
        messages.error(request, _trouble(form))
    return redirect("opportunity_detail", pk)


@require_POST
def requirement_state(request: HttpRequest, pk: int, row_id: int) -> HttpResponse:
    """A requirement in another state, by one press; answers with the panel as it is now."""
    deal = opportunity(reach(), pk)
    form = shapes.StateForm(request.POST)
    act = services.edit_requirement
    done = perform(form, act, by=person_id(), opportunity_id=pk, requirement_id=row_id)
    trouble = "" if done else _trouble(form)
    if not request.headers.get("HX-Request"):
        if trouble:
            messages.error(request, trouble)
        return redirect("opportunity_detail", pk)
    context = {
        "deal": deal,
        "requirements": around.requirements(deal),
        "may_edit": _may_edit(deal),
        "trouble": trouble,
    }
    refused = getattr(form, "refusal", None)
    status = (refused.status if refused else 422) if form.errors else 200
    return render(request, "pipeline/_requirements.html", context, status=status)


def _deal(pk: int) -> Opportunity:
    """A deal on which the reader may note something. Raises NotInReach, Forbidden, Conflict for a closed one."""
    mine = reach()
    deal = opportunity(mine, pk)
    mine.require("opportunity", "update", deal)
    if not deal.is_open:
        raise Conflict(_("This opportunity is closed. Re-open it first."), code="opportunity_closed")
    return deal


def _may_edit(deal: Opportunity) -> bool:
    return deal.is_open and reach().allows("opportunity", "update", deal)


def _trouble(form: forms.Form) -> str:
    """The first thing that was refused."""
    if isinstance(getattr(form, "refusal", None), Stale):
        return _("Somebody else was faster. This is how it stands now.")
    return next((str(errors[0]) for errors in form.errors.values()), "")
