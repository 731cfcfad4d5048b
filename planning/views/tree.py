"""Territories are retired, merged and split, with what hangs on them in view."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any, TypeVar

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from common.access import seen
from common.http import a_day, back_from, form_page, may, perform, person_id, sent, strict_query
from common.locale import format_date, format_number
from common.selectors import today
from common.transaction import reach, rehearsed
from planning import services
from planning.forms import MergeForm, RetireForm, SplitForm
from planning.selectors.tree import accounts_below, candidates, hanging_on, quotas_of, takings
from territories.models import Territory

T = TypeVar("T")
ASKED = require_http_methods(["GET", "HEAD", "POST"])
"""A page with a form; `?back=`: where it was opened, `?on=`: from which day on."""


def _territory(request: HttpRequest, pk: int) -> Territory:
    strict_query(request, "back", "on")
    territory: Territory = seen(Territory.objects.all(), reach(), pk)
    return territory


def _initial(request: HttpRequest) -> dict[str, date]:
    """The day that the address says, else tomorrow."""
    return {"on": a_day(request.GET.dict(), "on") or today() + timedelta(days=1)}


def _chosen_day(form: forms.Form) -> date:
    """The day that is typed, else the one that the form proposes."""
    given: date | None = form.cleaned_data.get("on") if form.is_bound and form.is_valid() else None
    return given or form.initial["on"]


def _done(request: HttpRequest, form: forms.Form, act: Callable[..., T], pk: int, *facts: object) -> T | None:
    """Do what a valid form asks if the page has shown these facts; else only try it, to say what would be refused.

    What is tried is taken back; the page then has shown the facts, and is sent again with a key of its own.
    """
    digest = hashlib.sha256(repr(facts).encode()).hexdigest()
    if form.cleaned_data.pop("seen") == digest:
        return perform(form, act, by=person_id(), territory_id=pk)
    with rehearsed():
        perform(form, act, by=person_id(), territory_id=pk)
    form.data = request.POST.copy()
    form.data["seen"] = digest
    form.data.pop("idempotency_key", None)
    request.POST = form.data  # type: ignore[assignment]
    return None


@ASKED
@may("edge", "update")
def territory_retire(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an empty territory out of the tree; what it is not empty of is listed, with where to end it."""
    territory = _territory(request, pk)
    form = RetireForm(sent(request), initial=_initial(request))
    day = _chosen_day(form)
    if perform(form, services.retire_territory, by=person_id(), territory_id=pk):
        words = {"name": territory.name, "day": format_date(day)}
        messages.success(request, _("%(name)s is retired from %(day)s on.") % words)
        return redirect(back_from(request, "territory_detail", pk))
    context = {"hanging": hanging_on(territory, day), "quotas": quotas_of(pk, day), "day": day}
    return _page(request, "planning/territory_retire.html", form, territory, **context)


@ASKED
@may("edge", "update")
def territory_merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Give what a territory has to another one: first the effect is shown, the second press does it."""
    territory = _territory(request, pk)
    form = MergeForm(sent(request), initial=_initial(request), territory_id=pk)
    day = _chosen_day(form)
    hanging, into = hanging_on(territory, day), None
    if form.is_bound and form.is_valid():
        into = Territory.objects.filter(pk=form.cleaned_data["into_id"]).first()
        shown = (day, form.cleaned_data["into_id"], [each.digest for each in hanging])
        done = _done(request, form, services.merge_territory, pk, *shown)
        if done is not None:
            messages.success(request, _merged(territory, into, day, done))
            return redirect(back_from(request, "territory_detail", form.cleaned_data["into_id"]))
    context = {"hanging": hanging, "quotas": quotas_of(pk, day), "day": day, "into": into}
    return _page(request, "planning/territory_merge.html", form, territory, **context)


def _merged(territory: Territory, into: Territory | None, day: date, done: services.Merged) -> str:
    message = _(
        "%(name)s is merged into %(into)s from %(day)s on: accounts %(accounts)s, territories below %(nodes)s, "
        "seats that end %(seats)s."
    )
    counts = {what: format_number(count) for what, count in done._asdict().items()}
    return message % {"name": territory.name, "into": into, "day": format_date(day), **counts}


@ASKED
@may("edge", "update")
def territory_split(request: HttpRequest, pk: int) -> HttpResponse:
    """Put new territories beside one: first the page shows which accounts each takes, the second press does it."""
    territory = _territory(request, pk)
    form = SplitForm(sent(request), territory_id=pk, initial=_initial(request))
    effect: Sequence[Any] = ()
    if form.is_bound and form.is_valid():
        parts = form.cleaned_data["parts"]
        effect = takings([(part.name, part.account_ids) for part in parts], form.candidates)
        made = _done(request, form, services.split_territory, pk, form.cleaned_data["on"], parts)
        if made is not None:
            words = {"name": territory.name, "parts": ", ".join(each.name for each in made)}
            messages.success(request, _("Beside %(name)s there is now: %(parts)s.") % words)
            return redirect(back_from(request, "territory_detail", pk))
    day = _chosen_day(form)
    there = len(form.candidates or candidates(pk, day))
    context = {
        "effect": effect,
        "formset": form.parts,
        "there": there,
        "below": 0 if there else accounts_below(pk, day),
    }
    return _page(request, "planning/territory_split.html", form, territory, **context)


def _page(
    request: HttpRequest, template: str, form: forms.Form, territory: Territory, **context: Any
) -> HttpResponse:
    back = back_from(request, "territory_detail", territory.pk)
    return form_page(request, template, form, territory=territory, back=back, **context)
