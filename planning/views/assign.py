"""Accounts that were chosen in a list go to a territory, with the effect in view."""

import uuid
from collections.abc import Mapping
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.models import Module
from accounts.selectors.modules import members_of
from accounts.selectors.placing import some_of
from accounts.services import check_placing
from common.access import found
from common.errors import NotInReach, Refused
from common.http import a_day, back_from, form_page, may, perform, person_id, strict_query, whole
from common.locale import format_date, format_number
from common.selectors import policy, today
from planning import services
from planning.forms import AssignAccountsForm, ChosenForm
from planning.selectors.assign import ASSIGN, LIMIT, chosen_accounts, effect_of
from workspace.selectors.approvals import who_would_answer


@require_http_methods(["GET", "HEAD", "POST"])
@may("account", "assign")
def accounts_assign(request: HttpRequest) -> HttpResponse:
    """Where chosen accounts go; `?account=`: one from its own page, `?module=`: those of a module.

    A post without a territory opens the form for what was chosen; with `look` it tells the effect. It is done once its
    effect was seen: `seen` says which, and where accounts were assigned meanwhile the new one is shown first.
    """
    query = strict_query(request, "account", "module", "on", "back")
    alone = whole(query, "account")
    initial = {
        "account": [alone] if alone else [],
        "coverage": "field",
        "starts_on": a_day(query, "on") or today(),
        "module": whole(query, "module"),
    }
    if request.method != "POST":
        return _page(request, AssignAccountsForm(initial=initial))
    if "territory_id" not in request.POST:
        chosen = ChosenForm(request.POST)
        taken = {"refused": chosen} if chosen.errors else {}
        return _page(request, AssignAccountsForm(initial={**initial, **chosen.cleaned_data}), **taken)
    form = AssignAccountsForm(request.POST)
    context = _effect(form)
    if "look" in request.POST:
        look = {"form": form, "is_look": True, "place_form": _offering(request, form), **context}
        return render(request, "planning/_accounts_assign_effect.html", look)
    effect = context.get("effect")
    if not form.errors and effect and effect.digest != request.POST.get("seen"):
        return _page(request, form, is_asked_again=True, **context)
    if done := perform(form, partial(_press, context)):
        back = back_from(request, "account_list")
        is_alone = back in {reverse("account_detail", args=[pk]) for pk in form.chosen}
        messages.success(request, _told(done), extra_tags="" if is_alone else "chosen-done")
        return redirect(back)
    return _page(request, form, **context)


def _offering(request: HttpRequest, form: AssignAccountsForm) -> AssignAccountsForm | None:
    """The field of the territory anew, where another coverage or day offers other ones than the page shows."""
    if request.POST.get("offered") == form.offered:
        return None
    chosen = {name: form[name].value() for name in ("territory_id", "coverage", "starts_on")}
    is_dialog = request.POST.get("at") == "dialog"
    return AssignAccountsForm(initial=chosen, auto_id="dialog_%s" if is_dialog else "id_%s")


def _effect(form: AssignAccountsForm) -> dict[str, Any]:
    """What assigning does, or why it can't be done; nothing of both where too little is typed. The reason may lack."""
    if set(form.errors) - {"reason"}:
        return {}
    given = {name: value for name, value in form.cleaned_data.items() if name != "reason"}
    try:
        check = services.check_module_move if "module_id" in given else check_placing
        return {"effect": effect_of(check(**given))}
    except NotInReach:
        raise
    except Refused as refusal:
        return {"refusal": refusal}


def _press(looked: Mapping[str, Any], *, reason: str, **_place: Any) -> services.Assigned:
    """Do what was looked at in this request; what refused it then refuses it now."""
    if refusal := looked.get("refusal"):
        raise refusal
    return services.place_or_ask(by=person_id(), found=looked["effect"].placing, reason=reason)


def _page(request: HttpRequest, form: AssignAccountsForm, **context: Any) -> HttpResponse:
    """The form for the accounts that it names, or those of the module; of many it says at once who has to approve."""
    pk = form.module_id or form.initial.get("module")
    ids = set(form.chosen or form.initial.get("account", ()))
    accounts = chosen_accounts(ids)
    if len(accounts) < len(ids):
        raise NotInReach()
    many = len(members_of(pk, today()) if pk else ids) > policy(LIMIT)
    about = {
        "answering": who_would_answer(ASSIGN, person_id(), today()) if many else None,
        "module": found(Module.objects.filter(pk=pk).first()) if pk else None,
        "accounts": accounts,
        "alone": accounts[0] if len(accounts) == 1 else None,
        "names": some_of(account.name for account in accounts),
        "refused": form,
        "back": back_from(request, "account_list"),
        "fresh_key": uuid.uuid4(),  # the key of the list that the accounts were chosen in is used up
    }
    return form_page(request, "planning/accounts_assign.html", form, **{**about, **context})


def _told(done: services.Assigned) -> str:
    """What happened: who went where, who stayed, what was dropped, or that somebody is asked."""
    moving, planned = done.placing.moving, len(done.placing.planned)
    words = {
        "accounts": some_of(account.name for account in moving),
        "target": done.placing.territory.name,
        "day": format_date(done.placing.starts_on),
        "count": format_number(len(moving)),
    }
    if done.approval:
        return _("An administrator is asked: %(about)s.") % {"about": done.approval.about}
    message = ngettext(
        "%(accounts)s: in %(target)s from %(day)s on.",
        "%(count)s accounts are in %(target)s from %(day)s on.",
        len(moving),
    )
    said = [message % words]
    if planned:
        dropped = ngettext(
            "%(count)s assignment that was planned for later is dropped.",
            "%(count)s assignments that were planned for later are dropped.",
            planned,
        )
        said.append(dropped % {"count": format_number(planned)})
    return " ".join(said)
