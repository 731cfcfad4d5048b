"""A deal edited one cell at a time in the list, answered with its row, or on its own page, answered with its head."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django_htmx.http import trigger_client_event

from common.access import found
from common.columns import columns_asked
from common.editing import conflict_of
from common.errors import Refused
from common.http import back_from, form_page, perform, person_id, sent, strict_query
from common.selectors import today
from common.transaction import reach
from pipeline import services
from pipeline.forms.cells import CellForm
from pipeline.models import Opportunity, Stage
from pipeline.selectors.columns import EDITED, USUAL, columns
from pipeline.selectors.criteria import left_stage, passed
from pipeline.selectors.opportunities import has_products, opportunity
from pipeline.views.deal_head import edited_head
from pipeline.views.editable import mark_editable
from pipeline.views.moves import ask_why_lost, booking


@require_http_methods(["GET", "HEAD", "POST"])
def opportunity_cell(request: HttpRequest, pk: int, column: str) -> HttpResponse:
    """One field of a deal: in its cell, where a script runs; else in a form of its own."""
    strict_query(request, "back")
    found(EDITED.get(column))
    mine = reach()
    deal = opportunity(mine, pk)
    mine.require("opportunity", "update", deal)
    left, is_made = left_stage(deal), column == "amount" and has_products(deal)
    form = CellForm(sent(request), deal=deal, column=column)
    act = services.move_stage if column == "stage" else services.edit_opportunity
    done = None if is_made else perform(form, act, by=person_id(), opportunity_id=pk)
    if done is not None:
        return _row(request, opportunity(mine, pk), left)
    refused: Refused | None = getattr(form, "refusal", None)
    if refused and refused.code == "win_by_booking":
        return booking(request, deal)
    if refused and refused.path == "lost_reason":
        return ask_why_lost(request, deal, form.cleaned_data["stage_id"])
    conflict = conflict_of(form, lambda: CellForm(deal=deal, column=column), deal)
    context = {"deal": deal, "column": column, "is_made": is_made, "conflict": conflict}
    name = "_cell_form" if _is_cell(request) else "opportunity_cell"
    return form_page(
        request, f"pipeline/{name}.html", form, back=back_from(request, "opportunity_list"), **context
    )


def _row(request: HttpRequest, deal: Opportunity, left: Stage) -> HttpResponse:
    """The row, or the head of the deal's page, as it now is; what the deal went on without is said."""
    unmet = "; ".join(asked.criterion.text for asked in passed(deal, left, deal.stage) if not asked.is_met)
    warning = _("%(name)s went on without: %(criteria)s.") % {"name": deal.name, "criteria": unmet}
    if not _is_cell(request):
        if unmet:
            messages.warning(request, warning)
        messages.success(request, _("Saved."))
        return redirect(back_from(request, "opportunity_list"))
    answer = edited_head(request, deal) if request.POST.get("on") == "page" else _in_list(request, deal)
    answer["HX-Retarget"], answer["HX-Reswap"] = f"#deal-{deal.pk}", "outerHTML"
    said = {"text": warning, "level": "warning"}
    return trigger_client_event(answer, "toast", said) if unmet else answer


def _in_list(request: HttpRequest, deal: Opportunity) -> HttpResponse:
    """The row in the columns that the list shows."""
    mark_editable([deal])
    context: dict[str, Any] = {
        "rows": [deal],
        "columns": columns_asked(columns(), USUAL, None, request.POST.get("columns", "")[:1000]),
        "path": request.POST.get("path", "")[:80],
        "today": today(),
    }
    return render(request, "pipeline/_deal_row.html", context)


def _is_cell(request: HttpRequest) -> bool:
    return request.headers.get("HX-Target", "").startswith("cell-")
