"""Events at which leads were met, and what came of them."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from common.access import seen
from common.definitions import named
from common.editing import conflict_of
from common.http import FORM, form_page, may, page_by_key, perform, person_id, sent, strict_query
from common.pickers import suggestions
from common.selectors import the_organisation, today
from common.transaction import reach
from pipeline import services
from pipeline.forms.events import GuestForm, GuestRemoveForm, GuestStateForm
from pipeline.forms.leads import EventEditForm, EventForm
from pipeline.models import SalesEvent
from pipeline.selectors.attendance import GuestContacts, GuestLeads, brought, guest_in, guests_of
from pipeline.selectors.lead_yield import sourced


@require_safe
def event_list(request: HttpRequest) -> HttpResponse:
    """Which event brought what, the latest first."""
    query, mine = strict_query(request, "after"), reach()
    rows = SalesEvent.objects.select_related("owner")
    page = page_by_key(rows, ["-starts_on", "-id"], query.get("after"))
    context = {
        "page": page,
        "lines": sourced(mine, page.rows, today()),
        "may_create": bool(mine.relations("sales_event", "create")),
        "currency": the_organisation().reporting_currency,
    }
    return render(request, "pipeline/event_list.html", context)


@require_safe
def event_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Who was asked and who came, what it cost, and what it brought."""
    strict_query(request)
    mine, company = reach(), the_organisation()
    event: SalesEvent = seen(SalesEvent.objects.select_related("owner"), mine, pk)
    context = {
        "event": event,
        "guests": guests_of(mine, event),
        "brought": brought(mine, event, today()),
        "currency": company.reporting_currency,
        "metrics": named("cost-per-lead"),
        "may_edit": mine.allows("sales_event", "update", event),
        "may_add": bool(mine.relations("activity", "create")),
    }
    return render(request, "pipeline/event_detail.html", context)


@FORM
@may("activity", "create")
def guest_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a contact or a lead onto the list."""
    event: SalesEvent = seen(SalesEvent.objects.all(), reach(), pk)
    form = GuestForm(sent(request))
    if perform(form, services.add_guest, by=person_id(), event_id=pk):
        return redirect("event_detail", pk)
    return form_page(request, "pipeline/guest_add.html", form, event=event)


@FORM
@may("activity", "create")
def guest_state(request: HttpRequest, pk: int, who: str, row_id: int) -> HttpResponse:
    """Say that somebody came, or stayed away."""
    guest = guest_in(reach(), pk, who, row_id)
    form = GuestStateForm(sent(request), initial={"state": guest.state, "version": guest.version})
    if perform(form, services.change_guest, by=person_id(), event_id=pk, who=who, guest_row_id=row_id):
        return redirect("event_detail", pk)
    return form_page(request, "pipeline/guest_state.html", form, guest=guest)


@FORM
@may("activity", "create")
def guest_remove(request: HttpRequest, pk: int, who: str, row_id: int) -> HttpResponse:
    """Take somebody off the list."""
    guest = guest_in(reach(), pk, who, row_id)
    form = GuestRemoveForm(sent(request), initial={"version": guest.version})
    perform(form, services.remove_guest, by=person_id(), event_id=pk, who=who, guest_row_id=row_id)
    if form.is_bound and not form.errors:
        return redirect("event_detail", pk)
    return form_page(request, "pipeline/guest_remove.html", form, guest=guest)


@require_safe
def guest_contact_suggest(request: HttpRequest) -> HttpResponse:
    return suggestions(request, GuestContacts(), strict_query(request, "q").get("q", ""))


@require_safe
def guest_lead_suggest(request: HttpRequest) -> HttpResponse:
    return suggestions(request, GuestLeads(), strict_query(request, "q").get("q", ""))


@FORM
@may("sales_event", "create")
def event_create(request: HttpRequest) -> HttpResponse:
    form = EventForm(sent(request), mine=reach())
    if event := perform(form, services.create_event, by=person_id()):
        messages.success(request, _("%(name)s is an event now.") % {"name": event.name})
        return redirect("event_detail", event.pk)
    return form_page(request, "pipeline/event_create.html", form)


@FORM
def event_edit(request: HttpRequest, pk: int) -> HttpResponse:
    mine = reach()
    event: SalesEvent = seen(SalesEvent.objects.all(), mine, pk)
    mine.require("sales_event", "update", event)
    form = EventEditForm(sent(request), mine=mine, event=event)
    if perform(form, services.edit_event, by=person_id(), event_id=pk) is not None:
        messages.success(request, _("Saved."))
        return redirect("event_detail", pk)
    conflict = conflict_of(form, lambda: EventEditForm(mine=mine, event=event), event)
    return form_page(request, "pipeline/event_edit.html", form, event=event, conflict=conflict)
