"""What stands on a deal: products and bundles, which make its amount."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from common.editing import conflict_of
from common.http import FORM, form_page, perform, person_id, sent
from common.transaction import reach
from pipeline import services
from pipeline.forms.lines import LinesForm
from pipeline.selectors import opportunities as deals
from pipeline.selectors.lines import entries


@FORM
def opportunity_lines(request: HttpRequest, pk: int) -> HttpResponse:
    """The products of a deal; saving them makes the amount their sum."""
    mine = reach()
    deal = deals.opportunity(mine, pk)
    mine.require("opportunity", "update", deal)
    standing = entries(deal)
    form = LinesForm(sent(request), deal=deal, entries=standing)
    if perform(form, services.set_lines, by=person_id(), opportunity_id=pk) is not None:
        messages.success(request, _("Saved."))
        return redirect("opportunity_detail", pk)
    if refused := getattr(form, "refusal", None):
        form.place(refused)
    conflict = conflict_of(form, lambda: form, deal)
    tax = sum(entry.tax_minor for entry in standing)
    context = {"deal": deal, "formset": form.lines, "conflict": conflict, "saved": standing, "tax_minor": tax}
    return form_page(request, "pipeline/opportunity_lines.html", form, **context)
