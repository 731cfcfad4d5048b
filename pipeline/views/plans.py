"""The close plan of a deal on its page, and what is done with its milestones."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from common.editing import Edit
from common.history import history_of
from common.http import FORM, form_page, perform, person_id, sent, strict_query
from common.selectors import today
from common.transaction import reach
from pipeline.forms.plans import (
    LayOutForm,
    MeetForm,
    MilestoneEditForm,
    MilestoneForm,
    MilestoneVersionForm,
    ReplanForm,
)
from pipeline.models import Milestone
from pipeline.selectors import plans
from pipeline.selectors.opportunities import opportunity
from pipeline.services import plans as planning


@require_safe
def close_plan_panel(request: HttpRequest, pk: int) -> HttpResponse:
    """The milestones of a deal that the reader may see, and how reliable its days are."""
    strict_query(request)
    mine = reach()
    deal = opportunity(mine, pk)
    context = {
        "deal": deal,
        "plan": plans.plan_of(deal, today()),
        "may_edit": mine.allows("opportunity", "update", deal),
        "me": person_id(),
    }
    return render(request, "pipeline/_close_plan.html", context)


@FORM
def close_plan_lay_out(request: HttpRequest, pk: int) -> HttpResponse:
    """Milestones from a template."""
    mine = reach()
    deal = opportunity(mine, pk)
    mine.require("opportunity", "update", deal)
    form = LayOutForm(sent(request))
    if perform(form, planning.lay_out_plan, by=person_id(), opportunity_id=pk):
        return _to_deal(pk)
    return form_page(request, "pipeline/close_plan_lay_out.html", form, deal=deal)


@FORM
def milestone_create(request: HttpRequest, pk: int) -> HttpResponse:
    """One more milestone."""
    mine = reach()
    deal = opportunity(mine, pk)
    mine.require("opportunity", "update", deal)
    form = MilestoneForm(sent(request), initial={"owner_id": deal.owner_id})
    if perform(form, planning.add_milestone, by=person_id(), opportunity_id=pk):
        return _to_deal(pk)
    return form_page(request, "pipeline/milestone_create.html", form, deal=deal)


@FORM
def milestone_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """What a milestone is called and whose it is; also where it is removed, or not met after all."""
    milestone = _mine_to_edit(pk)
    edit = Edit(request, MilestoneEditForm, milestone, planning.edit_milestone, milestone_id=pk)
    if edit.is_saved:
        return _to_deal(milestone.opportunity_id)
    history = history_of(milestone, ["name", "owner", "planned_on", "met_on"])
    return edit.page("pipeline/milestone_edit.html", milestone=milestone, history=history)


@FORM
def milestone_replan(request: HttpRequest, pk: int) -> HttpResponse:
    """Another day, and why."""
    milestone = _mine_to_edit(pk)
    form = ReplanForm(sent(request), initial=_saved(milestone, "planned_on"))
    return _asked(request, form, milestone, planning.replan_milestone, "pipeline/milestone_replan.html")


@FORM
def milestone_meet(request: HttpRequest, pk: int) -> HttpResponse:
    """A milestone was met, on which day."""
    milestone = plans.milestone_in(reach(), pk)
    if milestone.owner_id != person_id():
        reach().require("opportunity", "update", milestone.opportunity)
    form = MeetForm(sent(request), initial={**_saved(milestone), "met_on": today()})
    return _asked(request, form, milestone, planning.meet_milestone, "pipeline/milestone_meet.html")


@require_POST
def milestone_reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """A milestone was not met after all."""
    return _pressed(request, pk, planning.reopen_milestone)


@require_POST
def milestone_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a milestone out of the plan."""
    return _pressed(request, pk, planning.remove_milestone)


def _mine_to_edit(pk: int) -> Milestone:
    milestone = plans.milestone_in(reach(), pk)
    reach().require("opportunity", "update", milestone.opportunity)
    return milestone


def _saved(milestone: Milestone, *fields: str) -> dict[str, Any]:
    return {name: getattr(milestone, name) for name in (*fields, "version")}


def _asked(
    request: HttpRequest, form: forms.Form, milestone: Milestone, act: Callable[..., Any], template: str
) -> HttpResponse:
    """The page of one act on a milestone; what somebody else did meanwhile is said above it."""
    if perform(form, act, by=person_id(), milestone_id=milestone.pk):
        return _to_deal(milestone.opportunity_id)
    return form_page(request, template, form, milestone=milestone)


def _pressed(request: HttpRequest, pk: int, act: Callable[..., Any]) -> HttpResponse:
    milestone, form = plans.milestone_in(reach(), pk), MilestoneVersionForm(request.POST)
    if not perform(form, act, by=person_id(), milestone_id=pk):
        messages.error(request, next((str(errors[0]) for errors in form.errors.values()), _("Not done.")))
    return _to_deal(milestone.opportunity_id)


def _to_deal(pk: int) -> HttpResponse:
    return redirect("opportunity_detail", pk)
