"""Deals that were chosen in the list are changed together: first what it does to each, then all of them or none."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from common.errors import ManyRefused, NotInReach
from common.http import back_from, form_page, may, perform, person_id, strict_query
from common.locale import format_number
from common.selectors import today
from common.transaction import reach, rehearsed
from pipeline import services
from pipeline.forms.filters import NAMES, filters_of
from pipeline.forms.many import MOST_CHOSEN, ManyForm
from pipeline.models import Opportunity
from pipeline.selectors.many import Preview, chosen_deals, preview
from pipeline.selectors.opportunities import opportunities
from workspace.selectors.own import PREFIX


@require_http_methods(["GET", "HEAD", "POST"])
@may("opportunity", "update")
def opportunity_change_many(request: HttpRequest) -> HttpResponse:
    """A post that names deals opens the form, one with `look` tells what it does; what was seen is done.

    `match`: all deals that the list's filters find, instead of those that were marked.
    """
    strict_query(request)
    if request.method != "POST" or "reason" not in request.POST:
        ids = _matching(request.POST["match"]) if "match" in request.POST else request.POST.getlist("deal")
        return _page(request, ManyForm(initial={"deal": ids}), ids)
    form = ManyForm(_posted(request))
    form.is_valid()
    ids = form.cleaned_data.get("deal", [])
    deals = chosen_deals(reach(), ids)
    if len(deals) < len(ids):
        raise NotInReach()
    look = _look(form, deals) if form.is_valid() and form.changes and deals else None
    if look is None or "look" in request.POST or look.refused or look.digest != request.POST.get("seen"):
        return _page(request, form, ids, look=look)
    return _done(request, form, deals)


def _posted(request: HttpRequest) -> QueryDict:
    """What was posted; `only`: without the deals that refused."""
    posted = request.POST.copy()
    if only := posted.get("only"):
        posted.setlist("deal", only.split(","))
    return posted


def _look(form: ManyForm, deals: Sequence[Opportunity]) -> Preview:
    """What it would do: it is done, looked at, and taken back."""
    refused, after = {}, {}
    left = list(deals)
    with rehearsed():
        try:
            _change(form, left)
        except ManyRefused as refusal:
            refused = {left[place].pk: fault.message for place, fault in refusal.faults}
            left = [deal for deal in left if deal.pk not in refused]
    with rehearsed():
        after = {deal.pk: deal for deal in _change(form, left)} if left else {}
        for deal in after.values():
            deal.owner.name  # noqa: B018  read while it is so
    return preview(deals, after, refused, form.changes)


def _change(form: ManyForm, deals: Sequence[Opportunity]) -> list[Opportunity]:
    given = form.cleaned_data
    changes = [(deal.pk, deal.version, form.changes) for deal in deals]
    more: Mapping[str, Any] = {"reason": given["reason"], "with_activities": given["with_activities"]}
    return services.change_opportunities(by=person_id(), changes=changes, **more)


def _done(request: HttpRequest, form: ManyForm, deals: Sequence[Opportunity]) -> HttpResponse:
    done = perform(form, lambda **_given: _change(form, deals))
    if done is None:
        return _page(request, form, [deal.pk for deal in deals], look=_look(form, deals))
    message = ngettext(
        "%(number)s opportunity is changed.", "%(number)s opportunities are changed.", len(done)
    )
    messages.success(request, message % {"number": format_number(len(done))}, extra_tags="chosen-done")
    return redirect(back_from(request, "opportunity_list"))


def _page(request: HttpRequest, form: ManyForm, ids: Sequence[Any], **context: Any) -> HttpResponse:
    """The form, with the deals that it is about by name."""
    picked = [int(one) for one in ids if str(one).isdigit() and len(str(one)) < 19]
    deals = chosen_deals(reach(), picked)
    shown = {
        "deals": deals,
        "too_many": len(picked) > MOST_CHOSEN,
        "most": MOST_CHOSEN,
        "names": ", ".join(deal.name for deal in deals[:5]),
        "back": back_from(request, "opportunity_list"),
        "fresh_key": uuid4(),  # the key of the list that they were chosen in, or of the look, is used up
    }
    return form_page(request, "pipeline/opportunity_change_many.html", form, **shown, **context)


def _matching(address: str) -> list[int]:
    """The deals that the list of these filters shows, up to one more than may be changed at once."""
    asked = QueryDict(address if address != "-" else "")
    query = {
        name: str(value)
        for name, value in asked.items()
        if (name in NAMES or name.startswith(PREFIX)) and value
    }
    rows = opportunities(reach(), filters_of(query), today()).open().order_by("close_on", "id")
    return list(rows.values_list("pk", flat=True)[: MOST_CHOSEN + 1])
