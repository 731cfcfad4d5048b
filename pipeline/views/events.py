"""Events at which leads were met, and what came of them."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from common.access import seen
from common.editing import conflict_of
from common.http import FORM, form_page, may, page_by_key, perform, person_id, sent, strict_query
from common.selectors import the_organisation, today
from common.transaction import reach
from pipeline import services
from pipeline.forms.leads import EventEditForm, EventForm
from pipeline.models import SalesEvent
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
        "may_edit": {row.pk for row in page.rows if mine.allows("sales_event", "update", row)},
        "may_create": bool(mine.relations("sales_event", "create")),
        "currency": the_organisation().reporting_currency,
    }
    return render(request, "pipeline/event_list.html", context)


@FORM
@may("sales_event", "create")
def event_create(request: HttpRequest) -> HttpResponse:
    form = EventForm(sent(request), mine=reach())
    if event := perform(form, services.create_event, by=person_id()):
        messages.success(request, _("%(name)s is an event now.") % {"name": event.name})
        return redirect("event_list")
    return form_page(request, "pipeline/event_create.html", form)


@FORM
def event_edit(request: HttpRequest, pk: int) -> HttpResponse:
    mine = reach()
    event: SalesEvent = seen(SalesEvent.objects.all(), mine, pk)
    mine.require("sales_event", "update", event)
    form = EventEditForm(sent(request), mine=mine, event=event)
    if perform(form, services.edit_event, by=person_id(), event_id=pk) is not None:
        messages.success(request, _("Saved."))
        return redirect("event_list")
    conflict = conflict_of(form, lambda: EventEditForm(mine=mine, event=event), event)
    return form_page(request, "pipeline/event_edit.html", form, event=event, conflict=conflict)
