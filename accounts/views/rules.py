"""Where accounts go by rule: the rules, what they match, what they would do, and their runs."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.forms.rules import RuleEditForm, RuleForm
from accounts.models import Rule
from accounts.rules import conditions
from accounts.selectors import previews, rule_words, runs
from accounts.selectors.rule_rivals import Written, not_taken
from accounts.selectors.rules import ORDER, matched, matching
from accounts.services import rules as rule_services
from common.access import found
from common.editing import Edit
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
from common.selectors import capped_count, today
from common.transaction import now, reach


@require_safe
@may("rule", "list")
def rule_list(request: HttpRequest) -> HttpResponse:
    """The rules in the order in which they decide."""
    query = strict_query(request, "after", "use")
    is_active = chosen(query, "use", ("in", "out"), "in") == "in"
    rows = Rule.objects.filter(is_active=is_active).select_related("territory")
    page = page_by_key(rows, ORDER, query.get("after"))
    lines = [(rule, rule_words.sentences(conditions.read(rule.conditions))) for rule in page.rows]
    context = {
        "page": page,
        "lines": lines,
        "is_active": is_active,
        "may_change": reach().allows("rule", "update"),
        "sees_runs": reach().allows("rule_run", "read"),
        "last": runs.last_found() if is_active and reach().allows("rule", "update") else None,
    }
    return render(request, "accounts/rule_list.html", context)


@require_safe
@may("rule", "list")
def rule_match_panel(request: HttpRequest, pk: int) -> HttpResponse:
    """How many accounts in reach a rule matches now."""
    strict_query(request)
    rule: Rule = found(Rule.objects.filter(pk=pk).first())
    count = capped_count(matching(conditions.read(rule.conditions), reach()))
    return render(request, "accounts/rule_match_panel.html", {"count": count})


@require_safe
@may("rule", "update")
def rule_faults_panel(request: HttpRequest) -> HttpResponse:
    """What is wrong with the rules in use: conflicts, rules that match nothing, and what keeps them from being run.

    Every account is decided about, so that it is asked for and never comes by itself.
    """
    strict_query(request)
    seen_now = previews.preview(today())
    context = {
        "is_used": bool(seen_now.rules),
        "faults": seen_now.faults,
        "clashes": previews.shown(seen_now).clashes,
        "unmatched": seen_now.unmatched,
        "at": now(),
    }
    return render(request, "accounts/rule_faults_panel.html", context)


@require_safe
@may("rule", "list")
def rule_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One rule: which accounts, where to, and how it stood before."""
    strict_query(request)
    rule: Rule = found(Rule.objects.select_related("territory").filter(pk=pk).first())
    groups = conditions.read(rule.conditions)
    context = {
        "rule": rule,
        "groups": rule_words.sentences(groups),
        "match": matched(groups, reach()),
        "not_taken": not_taken(Written.of(rule), reach()),
        "versions": rule_words.versions_of(rule),
        "placed": capped_count(previews.placed_by(rule, reach())),
        "coming": runs.coming(rule, reach()),
        "may_change": reach().allows("rule", "update"),
    }
    return render(request, "accounts/rule_detail.html", context)


@FORM
@may("rule", "update")
def rule_create(request: HttpRequest) -> HttpResponse:
    """A new rule; *Count* says which accounts it matches without making it."""
    form = RuleForm(sent(request), initial={"priority": 100, "coverage": "field", "spares_placed": True})
    if "try" in request.POST:
        return _tried(request, form, "accounts/rule_create.html")
    if rule := perform(form, rule_services.create_rule, by=person_id()):
        messages.success(
            request,
            _("%(name)s is a rule now. It moves nothing until the rules are run.") % {"name": rule.name},
        )
        return redirect("rule_detail", rule.pk)
    return form_page(request, "accounts/rule_create.html", form)


@FORM
@may("rule", "update")
def rule_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a rule, or take it out of use."""
    rule: Rule = found(Rule.objects.filter(pk=pk).first())
    if "try" in request.POST:
        initial = {name: getattr(rule, name) for name in RuleEditForm.base_fields}
        form = RuleEditForm(request.POST, initial=initial)
        return _tried(request, form, "accounts/rule_edit.html", rule=rule)
    edit = Edit(request, RuleEditForm, rule, rule_services.edit_rule, rule_id=pk)
    if edit.is_saved:
        return redirect("rule_detail", pk)
    return edit.page("accounts/rule_edit.html", rule=rule)


def _tried(request: HttpRequest, form: RuleForm, template: str, rule: Rule | None = None) -> HttpResponse:
    """The form as it was sent, and which accounts its conditions match."""
    # Counting used up the key that the form came with; saving it next is another act.
    context = {"rule": rule, **_match(form, rule.pk if rule else None), "fresh_key": uuid.uuid4()}
    return form_page(request, template, form, **context)


def _match(form: RuleForm, rule_id: int | None) -> dict[str, Any]:
    """Which accounts a rule matches that somebody is writing, and which of them it would not get, as far as it is said
    where it leads."""
    form.is_valid()
    given = form.cleaned_data
    if not form.groups:
        return {"match": None}
    found: dict[str, Any] = {"match": matched(form.groups, reach())}
    if given.get("coverage") and given.get("priority"):
        names = ("coverage", "priority", "territory_id", "spares_placed")
        said: dict[str, Any] = {name: given.get(name) for name in names}
        written = Written(form.groups, rule_id=rule_id, **said)
        found["not_taken"] = not_taken(written, reach())
    return found


@require_POST
@may("rule", "update")
def rule_try(request: HttpRequest) -> HttpResponse:
    """Which accounts a rule matches that somebody is writing, and what others take of them; nothing is kept of it.

    `?rule=`: the one that is edited.
    """
    form = RuleForm(request.POST)
    context = _match(form, whole(strict_query(request, "rule"), "rule"))
    return render(
        request,
        "accounts/_rule_match.html",
        {"form": form, "place_form": _offering(request, form), **context},
    )


def _offering(request: HttpRequest, form: RuleForm) -> RuleForm | None:
    """The field of the territory anew, where another coverage offers other ones than the page shows."""
    if request.POST.get("offered") == form.offered:
        return None
    return RuleForm(initial={name: form[name].value() for name in ("territory_id", "coverage")})
