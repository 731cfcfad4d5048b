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
from django.views.decorators.http import require_safe

from common.access import seen
from common.definitions import by_key, named
from common.errors import NotInReach, Stale
from common.forms import take_version
from common.http import (
    FORM,
    chosen,
    form_page,
    form_view,
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
from quotas import selectors, services
from quotas.forms import QuotaApplyForm, QuotaFileForm, QuotaForm
from quotas.models import Quota
from quotas.selectors.quarters import quarters_to_set
from quotas.views.quarters import quarter_of, quarter_tabs

ASKED = ("quota", "person", "territory", "period")
METRICS = ("quota", "assigned-quota", "rolled-up-quota")
OF = {"all": Q(), "people": Q(person__isnull=False), "territories": Q(territory__isnull=False)}


@require_safe
@may("quota", "list")
def quota_list(request: HttpRequest) -> HttpResponse:
    """What is asked of whom: the standing quotas of a quarter, of people and of territories."""
    query, mine = strict_query(request, "period", "of", "after"), reach()
    period, of = quarter_of(query), chosen(query, "of", tuple(OF), "all")
    rows: QuerySet[Any] = selectors.quota_rows(mine, period).filter(OF[of])
    rows = rows.annotate(name_key=Coalesce(Lower("person__name"), Lower("territory__name")))
    labels = {"all": _("All"), "people": _("People"), "territories": _("Territories")}
    context = {
        "period": period,
        "page": page_by_key(rows, ["name_key", "id"], query.get("after")),
        "tabs": quarter_tabs(query, period),
        "kinds": segments(query, "of", labels, of),
        "may_set": bool(mine.relations("quota", "update")) and not period.is_closed,
        "may_import": mine.allows("quota", "import"),
        "currency": the_organisation().reporting_currency,
        "metrics": by_key(METRICS),
        "metric_list": named(*METRICS),
    }
    return render(request, "quotas/quota_list.html", context)


@require_safe
@may("quota", "list")
def quota_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One quota and every version of it."""
    strict_query(request)
    rows = Quota.objects.select_related("person", "territory", "family", "period")
    quota: Quota = seen(rows, reach(), pk)
    context = {
        "quota": quota,
        "versions": selectors.quota_history(reach(), quota),
        "may_set": quota.superseded_at is None and reach().allows("quota", "update", quota),
        "currency": the_organisation().reporting_currency,
    }
    return render(request, "quotas/quota_detail.html", context)


@form_view(*ASKED)
@may("quota", "update")
def quota_set(request: HttpRequest) -> HttpResponse:
    """Set a quota, or change the one that stands: the older version is kept."""
    asked, currency = _asked(request), the_organisation().reporting_currency
    form = QuotaForm(
        sent(request),
        mine=reach(),
        quota=asked,
        periods=quarters_to_set(asked.period_id, today()),
        currency=currency,
    )
    read = {} if asked.pk else {"version": None}
    quota = perform(form, services.set_quota, by=person_id(request), **read)
    if quota:
        messages.success(request, _("The quota is set. It counts in attainment within seconds."))
        return redirect(f"{reverse('quota_list')}?period={quota.period.code}")
    versions = selectors.quota_history(reach(), asked) if asked.pk else []
    context = {"quota": asked, "versions": versions, "currency": currency, **_conflict(form, asked, currency)}
    return form_page(request, "quotas/quota_set.html", form, **context)


def _asked(request: HttpRequest) -> Quota:
    """The standing quota that the address names, or a new one with what it names. Raises NotInReach."""
    query, mine = strict_query(request, *ASKED), reach()
    if pk := whole(query, "quota"):
        version: Quota = seen(Quota.objects.all(), mine, pk)
        return selectors.standing_quota(mine, version) or version
    person, territory = whole(query, "person"), whole(query, "territory")
    wanted = Quota(person_id=person, territory_id=territory, period=quarter_of(query))
    if not (person or territory):
        return wanted
    people, territories = selectors.assignees(mine)
    if (person or territory) not in dict(people if person else territories):
        raise NotInReach()
    return selectors.standing_quota(mine, wanted) or wanted


def _conflict(form: QuotaForm, quota: Quota, currency: str) -> dict[str, Any]:
    """After a stale change: both amounts side by side, and a form that carries the version beside it."""
    if not isinstance(getattr(form, "refusal", None), Stale):
        return {"conflict": None}
    take_version(form, quota.pk)
    amount = {
        "label": form["amount_minor"].label,
        "theirs": format_money(quota.amount_minor, currency),
        "yours": form["amount_minor"].value(),
    }
    by = quota.recorded_by.name if quota.recorded_by else _("Somebody")
    return {"conflict": {"rows": [amount], "by": by, "at": quota.recorded_at}}


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
    done = perform(form, services.apply_quotas, by=person_id(request))
    if done is None:
        return _preview(request, form, request.POST.get("content", ""))
    count = done.added + done.changed
    messages.success(
        request, ngettext("%(count)d quota is set.", "%(count)d quotas are set.", count) % {"count": count}
    )
    return redirect("quota_list")


def _preview(request: HttpRequest, form: QuotaApplyForm, content: str) -> HttpResponse:
    preview = services.preview_quotas(content)
    context = {
        "preview": preview,
        "apply_form": form,
        # The look and the applying are two acts, each with a key of its own.
        "fresh_key": uuid.uuid4(),
        "currency": the_organisation().reporting_currency,
    }
    status = 422 if preview.faults or form.errors else 200
    return render(request, "quotas/quota_import.html", {"form": QuotaFileForm(), **context}, status=status)
