"""The pages that a person may open, as a part of their own page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from common.access import found
from common.http import strict_query
from common.selectors import today
from common.transaction import reach
from salesops.selectors.navigation import pages_of
from territories.models import User
from territories.selectors import reach_for
from workspace.selectors.approvals import approved_by, asked_by_name


@require_safe
def person_pages_panel(request: HttpRequest, pk: int) -> HttpResponse:
    """Which pages a person may open, and what they approve; for whoever may read their page."""
    strict_query(request)
    reach().require("user", "inspect", {"id": pk})
    theirs = reach_for(found(User.objects.filter(pk=pk).first()), today())
    context = {"pages": pages_of(theirs), "approves": approved_by(theirs.roles), "by_name": asked_by_name()}
    return render(request, "salesops/_person_pages_panel.html", context)
