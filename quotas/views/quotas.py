"""What is asked of whom: the list, one quota with its versions, setting one, a file of them."""

import uuid
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce, Lower
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from common.access import seen
from common.definitions import named
from common.errors import Forbidden, NotInReach, Stale
from common.forms import take_version
from common.http import (
    FORM,
    chosen,
    form_page,
    may,
    page_by_key,
    perform,
    person_id,
    sent,
    strict_query,
    whole,
)
from common.locale import format_money
from common.segments import segments
from common.selectors import the_organisation, today
from common.transaction import reach
from quotas import services
from quotas.forms import QuotaApplyForm, QuotaFileForm, QuotaForm, quarter_of
from quotas.models import Quota
from quotas.selectors.acceptance import acceptances
from quotas.selectors.offers import Assignees
from quotas.selectors.quarters import quarters_to_set
from quotas.selectors.quotas import may_set, quota_history, quota_rows
from quotas.views.quarters import quarter_tabs

METRICS = ("quota", "assigned-quota", "rolled-up-quota")
OF = {"all": Q(), "people": Q(person__isnull=False), "territories": Q(territory__isnull=False)}


@require_safe
@may("quota", "list")
def quota_list(request: HttpRequest) -> HttpResponse:
    """What is asked of whom: the standing quotas of a quarter, of people and of territories."""
    query, mine = strict_query(request, "period", "of", "after"), reach()
    period, of = quarter_of(query), chosen(query, "of", tuple(OF), "all")
    rows: QuerySet[Any] = quota_rows(mine, period).filter(OF[of])
    rows = rows.annotate(name_key=Coalesce(Lower("person__name"), Lower("territory__name")))
    page = page_by_key(rows, ["name_key", "id"], query.get("after"))
    labels = {"all": _("All"), "people": _("People"), "territories": _("Territories")}
    accepted = acceptances(page.rows)
    context = {
        "period": period,
        "page": page,
        "rows": [(quota, accepted.get(quota.pk)) for quota in page.rows],
        "tabs": quarter_tabs(query, period),
        "kinds": segments(query, "of", labels, of),
        "may_set": bool(mine.relations("quota", "update")) and not period.is_closed,
        "changeable": {quota.pk for quota in page.rows if may_set(mine, quota)},
        "may_import": mine.allows("quota", "import"),
        "metrics": named(*METRICS),
    }
    return render(request, "quotas/quota_list.html", context)


@require_safe
@may("quota", "list")
def quota_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One quota and every version of it."""
    strict_query(request)
    rows = Quota.objects.select_related("person", "territory", "family", "period")
    quota: Quota = seen(rows, reach(), pk)
    is_open = quota.superseded_at is None and not quota.period.is_closed
    context = {
        "quota": quota,
        "versions": quota_history(reach(), quota),
        "acceptance": acceptances([quota]).get(quota.pk),
        "may_set": is_open and may_set(reach(), quota),
        "metrics": named("quota"),
    }
    return render(request, "quotas/quota_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@may("quota", "update")
def quota_set(request: HttpRequest) -> HttpResponse:
    """Set a quota, or change the one that stands: the older version is kept."""
    query = strict_query(request, "quota", "person", "territory", "period")
    currency, wanted = the_organisation().reporting_currency, _asked(query)
    versions = quota_history(reach(), wanted) if wanted.person_id or wanted.territory_id else []
    quota = next((row for row, _before in versions if row.superseded_at is None), wanted)
    periods = quarters_to_set(quota.period_id, today())
    form = QuotaForm(sent(request), quota=quota, periods=periods, currency=currency)
    read = {} if quota.pk else {"version": None}
    done = perform(form, services.set_quota, by=person_id(), **read)
    if done:
        messages.success(request, _("The quota is set. It counts in attainment within seconds."))
        return redirect(f"{reverse('quota_list')}?period={done.period.code}")
    context = {"quota": quota, "versions": versions, "conflict": _conflict(form, quota, currency)}
    return form_page(request, "quotas/quota_set.html", form, **context)


def _asked(query: dict[str, str]) -> Quota:
    """The quota that the address names, or a new one with what it names. Raises NotInReach and Forbidden."""
    if pk := whole(query, "quota"):
        named: Quota = seen(Quota.objects.all(), reach(), pk)
        if not may_set(reach(), named):
            raise Forbidden()
        return named
    person, territory = whole(query, "person"), whole(query, "territory")
    for kind, pk in (("person", person), ("territory", territory)):
        if pk and Assignees().one(f"{kind}:{pk}") is None:
            raise NotInReach()
    return Quota(person_id=person, territory_id=territory, period=quarter_of(query))


def _conflict(form: QuotaForm, quota: Quota, currency: str) -> dict[str, Any] | None:
    """After a stale change: both amounts side by side, and a form that carries the version beside it."""
    if not isinstance(getattr(form, "refusal", None), Stale):
        return None
    take_version(form, quota.pk)
    amount = {
        "label": form["amount_minor"].label,
        "theirs": format_money(quota.amount_minor, currency),
        "yours": form["amount_minor"].value(),
    }
    by = quota.recorded_by.name if quota.recorded_by else _("Somebody")
    return {"rows": [amount], "by": by, "at": quota.recorded_at}


@FORM
@may("quota", "import")
def quota_import(request: HttpRequest) -> HttpResponse:
    """Quotas from a file: looked at first, applied in whole or not at all."""
    if "content" in request.POST:
        return _apply(request)
    form = QuotaFileForm(sent(request), request.FILES or None)
    if not (form.is_bound and form.is_valid()):
        return form_page(request, "quotas/quota_import.html", form)
    content = form.cleaned_data["file"]
    return _preview(request, QuotaApplyForm(initial={"content": content}), content)


def _apply(request: HttpRequest) -> HttpResponse:
    form = QuotaApplyForm(request.POST)
    done = perform(form, services.apply_quotas, by=person_id())
    if done is None:
        return _preview(request, form, request.POST.get("content", ""))
    count = done.added + done.changed
    text = ngettext("%(count)d quota is set.", "%(count)d quotas are set.", count)
    messages.success(request, text % {"count": count})
    return redirect("quota_list")


def _preview(request: HttpRequest, form: QuotaApplyForm, content: str) -> HttpResponse:
    preview = services.preview_quotas(content)
    context = {
        "form": QuotaFileForm(),
        "preview": preview,
        "apply_form": form,
        # The look and the applying are two acts, each with a key of its own.
        "fresh_key": uuid.uuid4(),
    }
    status = 422 if preview.faults or form.errors else 200
    return render(request, "quotas/quota_import.html", context, status=status)
