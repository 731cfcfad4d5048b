"""Pages of leads: list, one lead, quick capture, edit, giving, ending, opening again, converting, yield."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from common.editing import Edit
from common.history import history_of
from common.http import FORM, a_day, form_page, may, page_by_key, perform, person_id, sent, strict_query
from common.selectors import the_organisation, today
from common.transaction import now, reach
from pipeline import services
from pipeline.forms.leads import (
    LEAD_FILTERS,
    ConvertForm,
    DisqualifyForm,
    GiveForm,
    LeadCreateForm,
    LeadEditForm,
    LeadFilterForm,
    ReopenForm,
    YieldForm,
    lead_filters_of,
)
from pipeline.models import Lead
from pipeline.selectors import lead_yield as yields
from pipeline.selectors import leads
from pipeline.selectors.lead_match import became, match_of
from workspace.forms.own import own_asked, own_names
from workspace.selectors.own import held, own_changes
from workspace.selectors.own_columns import usual_columns

HISTORY = (*services.LEAD_FIELDS, "owner_id", "state", "reason", "own")
QUARTER = timedelta(days=90)


@require_safe
@may("lead", "read")
def lead_list(request: HttpRequest) -> HttpResponse:
    """Who might buy, the newest first."""
    mine = reach()
    query = strict_query(request, *LEAD_FILTERS, *own_names(mine, "lead"), "after")
    rows = leads.leads(mine, lead_filters_of(query, own_asked(mine, "lead", query)), now())
    page = page_by_key(rows.select_related("owner"), ["-id"], query.get("after"))
    context = {
        "page": page,
        "filters": LeadFilterForm(query, mine),
        "own_columns": usual_columns(mine, "lead"),
        "untouched": {row.pk for row in page.rows if leads.is_untouched(row, now())},
        "is_filtered": bool(query),
        "may_create": bool(mine.relations("lead", "create")),
    }
    return render(request, "pipeline/lead_list.html", context)


@FORM
@may("lead", "create")
def lead_create(request: HttpRequest) -> HttpResponse:
    """Quick capture: who it is, and one way to reach them."""
    form = LeadCreateForm(sent(request), mine=reach())
    if lead := perform(form, services.create_lead, by=person_id()):
        messages.success(request, _("%(name)s is a lead now.") % {"name": lead})
        return redirect("lead_detail", lead.pk)
    return form_page(request, "pipeline/lead_create.html", form)


@require_safe
def lead_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Who is it, how are they reached, and what is next?"""
    strict_query(request)
    mine = reach()
    lead = leads.lead(mine, pk)
    activities = leads.lead_activities(mine, pk)
    context = {
        "lead": lead,
        "became": became(mine, lead),
        "activities": activities,
        "about": f"lead={pk}",
        "may_complete": {row.pk for row in activities if mine.allows("activity", "update", row)},
        "may_edit": mine.allows("lead", "update", lead),
        "may_log": bool(mine.relations("activity", "create")),
        "untouched_at": leads.untouched_at(lead),
        "is_untouched": leads.is_untouched(lead, now()),
        "own": held(mine, "lead", lead),
        "history": history_of(
            lead,
            [name.removesuffix("_id") for name in HISTORY],
            parts={"own": own_changes(mine, "lead")},
        ),
        "today": today(),
    }
    return render(request, "pipeline/lead_detail.html", context)


@FORM
def lead_edit(request: HttpRequest, pk: int) -> HttpResponse:
    lead = _mine(pk)
    edit = Edit(request, LeadEditForm, lead, services.edit_lead, lead_id=pk)
    if edit.is_saved:
        return redirect("lead_detail", pk)
    return edit.page("pipeline/lead_edit.html", lead=lead)


@FORM
def lead_give(request: HttpRequest, pk: int) -> HttpResponse:
    """Give it to somebody else, who is told."""
    lead, mine = _mine(pk), reach()
    form = GiveForm(sent(request), mine=mine, lead=lead, initial={"version": lead.version})
    given = perform(form, services.give_lead, by=person_id(), lead_id=pk)
    if given is None:
        return form_page(request, "pipeline/lead_give.html", form, lead=lead)
    messages.success(request, _("%(name)s went to its new owner.") % {"name": given})
    is_seen = Lead.objects.visible_to(mine).filter(pk=pk).exists()
    return redirect("lead_detail", pk) if is_seen else redirect("lead_list")


@FORM
def lead_disqualify(request: HttpRequest, pk: int) -> HttpResponse:
    """It comes to nothing, and why."""
    lead = _mine(pk)
    form = DisqualifyForm(sent(request), initial={"version": lead.version})
    return _done(request, "lead_disqualify", lead, form, services.disqualify_lead)


@FORM
def lead_reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """It is open again, as if it had just come."""
    lead = _mine(pk)
    form = ReopenForm(sent(request), initial={"version": lead.version})
    return _done(request, "lead_reopen", lead, form, services.reopen_lead)


@FORM
def lead_convert(request: HttpRequest, pk: int) -> HttpResponse:
    """On one page: the account that it is or becomes, a contact there, and a deal if there is one."""
    lead, mine = _mine(pk), reach()
    match = match_of(mine, lead)
    form = ConvertForm(
        sent(request),
        mine=mine,
        contacts=match.contacts,
        may_meet=bool(mine.relations("account", "update")),
        initial={**match.initial, "version": lead.version},
    )
    converted = perform(form, services.convert_lead, by=person_id(), lead_id=pk)
    if converted is None:
        context: dict[str, Any] = {"lead": lead, "match": match}
        return form_page(request, "pipeline/lead_convert.html", form, **context)
    messages.success(request, _("%(name)s is converted.") % {"name": lead})
    if converted.opportunity_id:
        return redirect("opportunity_detail", converted.opportunity_id)
    return redirect("account_detail", converted.account_id)


@require_safe
@may("lead", "read")
def lead_yield(request: HttpRequest) -> HttpResponse:
    """What do our leads come to, by source, tactic and owner?"""
    query, day = strict_query(request, "from", "to"), today()
    start, last = a_day(query, "from") or day - QUARTER, a_day(query, "to") or day
    found = yields.lead_yield(reach(), start, last, day)
    context = {
        "found": found,
        "tables": [(name, label, found.tables[name]) for name, label in yields.BY.items()],
        "currency": the_organisation().reporting_currency,
        "filters": YieldForm(query, start, last),
        "start": start,
        "last": last,
    }
    return render(request, "pipeline/lead_yield.html", context)


def _mine(pk: int) -> Lead:
    """A lead that the reader may change. Raises NotInReach, Forbidden."""
    lead = leads.lead(reach(), pk)
    reach().require("lead", "update", lead)
    return lead


def _done(request: HttpRequest, name: str, lead: Lead, form: Any, act: Any) -> HttpResponse:
    """The act of a small form, then the lead's page; else the form."""
    if perform(form, act, by=person_id(), lead_id=lead.pk) is not None:
        messages.success(request, _("Saved."))
        return redirect("lead_detail", lead.pk)
    return form_page(request, f"pipeline/{name}.html", form, lead=lead)
