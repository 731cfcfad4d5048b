"""Everything that can be set, and the page of each setting: administrators decide."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from common import services
from common.access import found
from common.editing import Conflict
from common.errors import Refused, Stale
from common.forms import take_version
from common.http import FORM, form_page, may, perform, person_id, sent, strict_query
from common.locale import parse_date
from common.policies import POLICIES, Policy
from common.selectors import decisions, newest_change, period_of, policy, today
from salesops.forms import PolicyForm
from salesops.selectors.effects import effect
from salesops.selectors.settings import sections


@require_safe
@may("setting", "update")
def settings_home(request: HttpRequest) -> HttpResponse:
    """What the company has set, and who changed it last."""
    strict_query(request)
    return render(request, "salesops/settings_home.html", {"sections": sections(today())})


@FORM
@may("setting", "update")
def policy_edit(request: HttpRequest, name: str) -> HttpResponse:
    """What a setting means and is, what was decided about it, and the form to decide otherwise."""
    one, day = found(POLICIES.get(name)), today()
    now = policy(name)
    initial = {"version": newest_change(name), "value": now, "starts_on": _first_day(one, day)}
    form = PolicyForm(sent(request), policy=one, initial=initial)
    if row := perform(form, services.set_policy, by=person_id(), name=name):
        messages.success(
            request, _("%(label)s: %(value)s.") % {"label": one.label, "value": one.in_words(row.value)}
        )
        return redirect("policy_edit", name)
    context = {
        "policy": one,
        "now": one.in_words(now),
        "default": one.in_words(one.default),
        "effect": _effect(form.data, one),
        "history": decisions(name),
        "conflict": _conflict(form, one),
    }
    return form_page(request, "salesops/policy_edit.html", form, **context)


@require_safe
@may("setting", "update")
def policy_effect(request: HttpRequest, name: str) -> HttpResponse:
    """What a value that is being typed would change; of one that the setting does not take, how it is now."""
    query, one = strict_query(request, "value", "starts_on"), found(POLICIES.get(name))
    return render(request, "salesops/policy_effect.html", {"effect": _effect(query, one)})


def _effect(typed: Mapping[str, Any], one: Policy) -> str:
    """What was typed would change, as far as the setting takes it."""
    return effect(one.name, _value(typed.get("value", ""), one), _day(typed.get("starts_on", "")), today())


def _value(text: str, one: Policy) -> int | str | None:
    value = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text
    return value if one.allows(value) else None


def _first_day(one: Policy, day: date) -> date:
    """From when a change is proposed to hold: today, or with the running fiscal year."""
    quarter = period_of(day) if one.is_yearly else None
    return quarter.parent.starts_on if quarter and quarter.parent else day


def _day(text: str) -> date:
    try:
        return parse_date(text)
    except Refused:
        return today()


def _conflict(form: PolicyForm, one: Policy) -> Conflict | None:
    """What somebody else decided after the form was opened; it can then be sent again."""
    if not isinstance(getattr(form, "refusal", None), Stale):
        return None
    take_version(form, newest_change(one.name))
    latest = decisions(one.name)[0]
    typed = one.in_words(form.cleaned_data["value"])
    rows = [{"label": one.label, "theirs": latest.text, "yours": typed}]
    return Conflict(rows, latest.by, latest.at)
