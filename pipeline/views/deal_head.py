"""The head of a deal's page: what is missing, its way, and the fields that are edited where they stand."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django_htmx.http import trigger_client_event

from common.selectors import today
from common.transaction import reach
from pipeline.models import Opportunity
from pipeline.selectors import detail
from pipeline.selectors.hygiene import hygiene_of, missing_words
from pipeline.views.hygiene import mending


def head_of(deal: Opportunity, day: date) -> dict[str, Any]:
    """What `pipeline/_deal_head.html` shows."""
    mine, found = reach(), hygiene_of(deal, day)
    may_edit = mine.allows("opportunity", "update", deal)
    back = reverse("opportunity_detail", args=[deal.pk])
    return {
        "deal": deal,
        "path": detail.path(deal, day),
        "found": found,
        "mends": mending(deal, found, may_edit, missing_words(), back) if found else [],
        "may_edit": may_edit,
        "may_log": bool(mine.relations("activity", "create"))
        and (not mine.peers or mine.without_peers.allows("opportunity", "read", deal)),
        "today": day,
    }


def edited_head(request: HttpRequest, deal: Opportunity) -> HttpResponse:
    """The head as it now is; what else on the page tells of the deal is read again."""
    answer = render(request, "pipeline/_deal_head.html", head_of(deal, today()))
    return trigger_client_event(answer, "deal-changed", {})
