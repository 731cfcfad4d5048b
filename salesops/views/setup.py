"""The set-up of a company: its checklist, its first step and its last."""

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

import common.services
import imports.services
import quotas.services
from common.definitions import guide
from common.errors import Refused
from common.http import FORM, form_page, may, perform, person_id, sent, strict_query, whole
from common.models import Run
from common.selectors import organisation
from common.transaction import reach
from quotas.selectors import runs
from salesops.forms import SetUpForm, guessed
from salesops.selectors.setup import checklist, night_found, night_is_behind
from territories.models import User


@require_safe
@may("organisation", "update")
def setup(request: HttpRequest) -> HttpResponse:
    """What is there, what is missing, and what comes next."""
    strict_query(request)
    return render(request, "salesops/setup.html", {"list": checklist()})


@FORM
@may("organisation", "update")
def setup_company(request: HttpRequest) -> HttpResponse:
    """The first step; where it was done already, the company's own page."""
    if organisation() and request.method != "POST":
        return redirect("organisation_edit")
    form = SetUpForm(sent(request), initial=guessed(cast("User", request.user)))
    if company := perform(form, imports.services.set_up_company, by=person_id()):
        messages.success(request, _("%(name)s is made, with its fiscal years.") % {"name": company.name})
        return redirect("setup")
    return form_page(request, "salesops/setup_company.html", form)


@require_safe
@may("organisation", "update")
def setup_guide(request: HttpRequest) -> HttpResponse:
    """The guide to the first hour."""
    strict_query(request)
    return render(request, "salesops/setup_guide.html", {"parts": guide()})


@require_POST
@may("organisation", "update")
def setup_finish(request: HttpRequest) -> HttpResponse:
    """Put the checklist away; it stays at its address."""
    common.services.finish_set_up(by=person_id())
    messages.success(request, _("The set-up is put away. You find it again under Organisation."))
    return redirect("home")


@require_http_methods(["GET", "HEAD", "POST"])
@may("run", "start")
def setup_night(request: HttpRequest) -> HttpResponse:
    """The last step: run the night now and watch it; `?run=` names the run that is watched."""
    query = strict_query(request, "run")
    if request.method == "POST":
        return _start(request)
    watched = runs.watched(whole(query, "run"))
    words = [words for words, _act in quotas.services.STEPS]
    run, is_behind = watched.run or runs.last_night(), night_is_behind()
    is_good = not watched.is_awaited and not is_behind and run and run.state == Run.State.PUBLISHED
    context = {
        "watched": watched,
        "run": run,
        "is_behind": is_behind,
        "found": night_found(reach()) if is_good else None,
        "words": words,
        "steps": len(words),
    }
    return render(request, "salesops/setup_night.html", context)


def _start(request: HttpRequest) -> HttpResponse:
    """Ask for the run; where another one waits already, that one is watched."""
    address = reverse("setup_night")
    try:
        run = quotas.services.start_nightly(by=person_id())
    except Refused as refused:
        messages.warning(request, str(refused.message))
        return redirect(address)
    return redirect(f"{address}?run={run.pk}")
