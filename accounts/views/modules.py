"""Modules: named bundles of accounts, what is in them on a day, and what comes in and goes out."""

import re
import uuid
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.forms.modules import (
    ModuleAddForm,
    ModuleEditForm,
    ModuleFillForm,
    ModuleForm,
    ModuleRetireForm,
    ModuleTakeOutForm,
)
from accounts.forms.rules import ConditionsForm
from accounts.models import Module
from accounts.rules.conditions import read
from accounts.selectors import modules as selectors
from accounts.selectors.rule_words import sentences
from accounts.selectors.rules import Matched, matched
from accounts.services import modules as services
from common.access import found
from common.editing import Edit
from common.errors import Conflict
from common.http import (
    FORM,
    a_day,
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
from common.locale import format_date, format_number
from common.selectors import today
from common.transaction import reach

EDIT = "accounts/module_edit.html"
PLAIN = re.compile("[0-9]{1,18}")


@require_safe
def module_list(request: HttpRequest) -> HttpResponse:
    """The modules with the accounts in reach that are in them today, and where these are."""
    query = strict_query(request, "q", "state", "after")
    state = chosen(query, "state", ["used", "retired"], "used")
    rows = selectors.module_list(query.get("q", ""), is_active=state == "used")
    page = page_by_key(rows, ["name_key", "id"], query.get("after"))
    context = {
        "page": page,
        "bundles": selectors.bundles(reach(), page.rows, today()),
        "query": query,
        "state": state,
        "may_create": bool(reach().relations("module", "create")),
    }
    return render(request, "accounts/module_list.html", context)


@require_safe
def module_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """A module on a day: which accounts in reach are in it, where they are, and what became of it."""
    query, mine = strict_query(request, "on", "after"), reach()
    module: Module = found(Module.objects.filter(pk=pk).first())
    day = a_day(query, "on") or today()
    page = page_by_key(selectors.members_on(mine, pk, day), ["name_key", "id"], query.get("after"))
    places = selectors.places_on([row.account_id for row in page.rows], day)
    (bundle,) = selectors.bundles(mine, [module], day)
    context = {
        "module": module,
        "bundle": bundle,
        "day": day,
        "today": today(),
        "page": page,
        "filled_next": None if bundle.count else selectors.filled_next(mine, pk, day),
        "members": [(row, places[row.account_id]) for row in page.rows],
        "groups": sentences(read(module.conditions)) if module.conditions else [],
        "history": selectors.module_history(mine, module),
        "may_edit": mine.allows("module", "update"),
        "may_bundle": module.is_active and bool(mine.relations("account", "bundle")),
        "may_move": bool(bundle.count) and bool(mine.relations("account", "assign")),
    }
    return render(request, "accounts/module_detail.html", context)


@FORM
@may("module", "create")
def module_create(request: HttpRequest) -> HttpResponse:
    form = ModuleForm(sent(request))
    if "try" in request.POST:
        return _tried(request, form, "accounts/module_create.html")
    if module := perform(form, services.create_module, by=person_id()):
        messages.success(request, _("%(name)s is a module now.") % {"name": module.name})
        return redirect("module_detail", module.pk)
    return form_page(request, "accounts/module_create.html", form, try_url=reverse("module_try"))


@FORM
@may("module", "update")
def module_edit(request: HttpRequest, pk: int) -> HttpResponse:
    module: Module = found(Module.objects.filter(pk=pk).first())
    if "try" in request.POST:
        initial = {name: getattr(module, name) for name in ModuleEditForm.base_fields}
        return _tried(request, ModuleEditForm(request.POST, initial=initial), EDIT, module=module)
    edit = Edit(request, ModuleEditForm, module, services.edit_module, module_id=pk)
    if edit.is_saved:
        return redirect("module_detail", pk)
    return edit.page(EDIT, module=module, try_url=reverse("module_try"))


def _tried(request: HttpRequest, form: ConditionsForm, template: str, **context: Any) -> HttpResponse:
    """The form as it was sent, and which accounts its conditions match."""
    context |= {"match": _match(form), "try_url": reverse("module_try"), "fresh_key": uuid.uuid4()}
    return form_page(request, template, form, **context)


def _match(form: ConditionsForm) -> Matched | None:
    """How many accounts in reach match, and some of them; nothing is said of accounts beyond."""
    form.is_valid()
    return replace(matched(form.groups, reach()), unknown=[]) if form.groups else None


@require_POST
@may("module", "create")
def module_try(request: HttpRequest) -> HttpResponse:
    """Which accounts conditions match that somebody is writing; nothing is kept of them."""
    strict_query(request)
    form = ConditionsForm(request.POST)
    return render(request, "accounts/_rule_match.html", {"match": _match(form), "form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@may("account", "bundle")
def module_fill(request: HttpRequest, pk: int) -> HttpResponse:
    """What the conditions of a module bring into it from a day on, then the act itself."""
    query, module = strict_query(request, "on"), found(Module.objects.filter(pk=pk).first())
    form = ModuleFillForm(sent(request))
    if added := perform(form, services.fill_module, by=person_id(), module_id=pk):
        messages.success(request, _came_in(added, form))
        return redirect("module_detail", pk)
    if form.is_bound and isinstance(getattr(form, "refusal", None), Conflict):
        messages.warning(request, str(form.refusal.message))  # type: ignore[attr-defined]
        return redirect(f"{reverse('module_fill', args=[pk])}?on={form.cleaned_data['starts_on']}")
    day = a_day(query, "on") or today()
    coming = selectors.filling(reach(), module, day)
    form = form if form.is_bound else ModuleFillForm(initial={"starts_on": day, "shown": coming.digest})
    context = {
        "module": module,
        "day": day,
        "coming": coming,
        "groups": sentences(read(module.conditions)) if module.conditions else [],
        "new": selectors.some_named(coming.new),
        "elsewhere": [
            (account, coming.elsewhere[account.pk]) for account in selectors.some_named(coming.elsewhere)
        ],
    }
    return form_page(request, "accounts/module_fill.html", form, **context)


@FORM
@may("module", "update")
def module_retire(request: HttpRequest, pk: int) -> HttpResponse:
    """Use a module no more, once one has read what that means; or use a retired one again."""
    module: Module = found(Module.objects.filter(pk=pk).first())
    form = ModuleRetireForm(sent(request), initial={"version": module.version})
    act = services.retire_module if module.is_active else services.restore_module
    perform(form, act, by=person_id(), module_id=pk)
    if form.is_bound and not form.errors:
        said = _("%(name)s is retired.") if module.is_active else _("%(name)s is in use again.")
        messages.success(request, said % {"name": module.name})
        return redirect("module_detail", pk)
    (bundle,) = selectors.bundles(reach(), [module], today())
    return form_page(request, "accounts/module_retire.html", form, module=module, bundle=bundle)


@require_http_methods(["GET", "HEAD", "POST"])
@may("account", "bundle")
def module_add(request: HttpRequest) -> HttpResponse:
    """Put accounts that were picked into a module: the list posts them, and the form that it gets posts them again."""
    picked = _picked(request)
    accounts = selectors.picked(reach(), picked)
    form = ModuleAddForm(_filled(request), initial={"account": picked, "starts_on": today()})
    if added := perform(form, services.add_to_module, by=person_id()):
        messages.success(request, _came_in(added, form), extra_tags="chosen-done")
        return redirect(_back(request) or reverse("module_detail", args=[added.module.pk]))
    context = {
        "accounts": accounts,
        "fresh_key": _fresh(form),
        "back": _back(request) or reverse("account_list"),
    }
    return form_page(request, "accounts/module_add.html", form, **context)


def _back(request: HttpRequest) -> str:
    """The page of this site from which the person came, if it says so."""
    path = request.POST.get("back", "")
    is_ours = path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    return path if is_ours else ""


@require_http_methods(["GET", "HEAD", "POST"])
@may("account", "bundle")
def module_take_out(request: HttpRequest, pk: int) -> HttpResponse:
    """Let accounts leave a module that were picked on its page."""
    module: Module = found(Module.objects.filter(pk=pk).first())
    picked = _picked(request)
    accounts = selectors.picked(reach(), picked)
    form = ModuleTakeOutForm(_filled(request), initial={"account": picked, "starts_on": today()})
    if count := perform(form, services.take_out_of_module, by=person_id(), module_id=pk):
        said = ngettext(
            "%(count)s account leaves %(name)s on %(day)s.",
            "%(count)s accounts leave %(name)s on %(day)s.",
            count,
        )
        messages.success(request, said % _told(module, count, form), extra_tags="chosen-done")
        return redirect("module_detail", pk)
    context = {"module": module, "accounts": accounts, "fresh_key": _fresh(form)}
    return form_page(request, "accounts/module_take_out.html", form, **context)


def _picked(request: HttpRequest) -> list[int]:
    """The ids that were picked; those that are none are left to the form."""
    query = strict_query(request, "account")
    if request.method != "POST":
        return [pk for pk in [whole(query, "account")] if pk is not None]
    return [int(text) for text in request.POST.getlist("account") if PLAIN.fullmatch(text)]


def _filled(request: HttpRequest) -> Any:
    """What was typed; None where rows were only picked so far."""
    return request.POST if "starts_on" in request.POST else None


def _fresh(form: Any) -> uuid.UUID | None:
    """A key of its own for a form that was not sent yet."""
    return None if form.is_bound else uuid.uuid4()


def _came_in(added: services.Added, form: Any) -> str:
    said = ngettext(
        "%(count)s account is in %(name)s from %(day)s on.",
        "%(count)s accounts are in %(name)s from %(day)s on.",
        added.came,
    )
    return said % _told(added.module, added.came, form)


def _told(module: Module, count: int, form: Any) -> dict[str, str]:
    day = format_date(form.cleaned_data["starts_on"])
    return {"count": format_number(count), "name": module.name, "day": day}
