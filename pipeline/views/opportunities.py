"""Pages of deals: list, one deal, quick entry, edit; and the deals on an account's page."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.selectors.merging import takes_new
from common.editing import conflict_of
from common.http import (
    FORM,
    done_in_place,
    form_page,
    may,
    perform,
    person_id,
    sent,
    strict_query,
    whole,
)
from common.locale import format_date, format_money
from common.selectors import today
from common.transaction import reach
from pipeline import services
from pipeline.forms.opportunities import OpportunityEditForm, OpportunityForm
from pipeline.models import Opportunity
from pipeline.selectors import detail
from pipeline.selectors import opportunities as deals
from pipeline.selectors.criteria import qualification
from pipeline.selectors.lines import entries
from pipeline.views.deal_head import head_of
from workspace.selectors.own import held


@require_safe
def opportunity_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Will this close, when, for how much?"""
    strict_query(request)
    mine, day = reach(), today()
    deal = deals.opportunity(mine, pk)
    if deal.merged_into_id:
        return _merged(request, deal)
    standing, activities = entries(deal), detail.activities(mine, opportunity_id=pk)
    context = {
        **head_of(deal, day),
        "qualification": qualification(deal),
        "entries": standing,
        "lines_total": sum(entry.amount_minor for entry in standing),
        "lines_tax": sum(entry.tax_minor for entry in standing),
        "activities": activities,
        "about": f"opportunity={pk}",
        "may_complete": {row.pk for row in activities if mine.allows("activity", "update", row)},
        "own": held(mine, "opportunity", deal),
        "may_book": mine.allows("opportunity", "book", deal),
        "may_give": bool(mine.relations("opportunity", "give") - {"own"}),
    }
    return render(request, "pipeline/opportunity_detail.html", context)


def _merged(request: HttpRequest, deal: Opportunity) -> HttpResponse:
    """To the deal that stayed."""
    text = _("%(name)s (%(number)s) was merged into this opportunity.")
    messages.info(request, text % {"name": deal.name, "number": deal.number})
    return redirect("opportunity_detail", deal.merged_into_id)


@require_http_methods(["GET", "HEAD", "POST"])
@may("opportunity", "create")
def opportunity_create(request: HttpRequest) -> HttpResponse:
    """Quick entry of a deal, in a dialog on any page or on a page of its own."""
    mine = reach()
    account = deals.account_of(mine, whole(strict_query(request, "account"), "account"))
    form = OpportunityForm(sent(request), mine=mine, initial=account)
    deal = perform(form, services.create_opportunity, by=person_id())
    if deal is not None and request.headers.get("HX-Request") and not account:
        return _entered_here(deal)
    if deal is not None:
        messages.success(request, _entered(deal))
        return redirect("opportunity_detail", deal.pk)
    return form_page(request, "pipeline/opportunity_create.html", form)


def _entered_here(deal: Opportunity) -> HttpResponse:
    """The dialog closes, and the page behind it reads again what the deal changes on it."""
    text, url, label = _entered(deal), reverse("opportunity_detail", args=[deal.pk]), _("Open it")
    said = {"id": deal.pk, "name": deal.name, "text": text, "url": url, "label": label}
    return done_in_place(text, url, label, **{"deal-entered": said})


def _entered(deal: Opportunity) -> str:
    """What was understood: an amount may have been cut short, and a day said in words."""
    worth, day = format_money(deal.amount_minor, deal.currency), format_date(deal.close_on)
    text = _("%(name)s is in your pipeline: %(amount)s, closing %(day)s.")
    return text % {"name": deal.name, "amount": worth, "day": day}


@FORM
def opportunity_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything of a deal that is typed; a stale form shows both versions."""
    mine = reach()
    deal = deals.opportunity(mine, pk)
    mine.require("opportunity", "update", deal)
    form = OpportunityEditForm(sent(request), deal=deal, mine=mine)
    done = perform(form, services.edit_opportunity, by=person_id(), opportunity_id=pk)
    if done is not None:
        messages.success(request, _("Saved."))
        return redirect("opportunity_detail", pk)
    conflict = conflict_of(form, lambda: OpportunityEditForm(deal=deal, mine=mine), deal)
    return form_page(request, "pipeline/opportunity_edit.html", form, deal=deal, conflict=conflict)


@require_safe
def account_opportunities_panel(request: HttpRequest, account_id: int) -> HttpResponse:
    """An account's deals, open ones first, for the account's page."""
    strict_query(request)
    mine = reach()
    context = {
        "deals": deals.account_deals(mine, account_id),
        "account_id": account_id,
        "may_create": bool(mine.relations("opportunity", "create")) and takes_new(mine, account_id),
        "today": today(),
    }
    return render(request, "pipeline/_account_opportunities_panel.html", context)
