"""People, their roles by date, and what they may see."""

import secrets
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from django_stubs_ext import StrOrPromise

from common.access import Reach, Role, found
from common.http import FORM, chosen, form_page, may, page_by_key, perform, person_id, sent, strict_query
from common.selectors import the_organisation, today
from common.shown_once import forget, show_once, take_secret
from common.transaction import reach
from territories import services
from territories.forms import EndRoleForm, PersonForm, RoleForm
from territories.models import RoleGrant, Territory, User
from territories.selectors import grants_of_person, people_list, reach_for, seats_of_person

OBJECTS = {
    "account": _("Accounts"),
    "opportunity": _("Opportunities"),
    "activity": _("Activities"),
    "order": _("Orders"),
    "credit": _("Credits"),
    "quota": _("Quotas"),
    "submission": _("Forecast calls"),
}
RELATIONS = {
    "org": _("all of the organisation"),
    "own": _("their own"),
    "nodes": _("in territories where they sit"),
    "sub": _("in and below territories that they lead"),
    "people": _("of people below them"),
    "credit": _("where credit or a team names them"),
}


@require_safe
@may("user", "list")
def person_list(request: HttpRequest) -> HttpResponse:
    query = strict_query(request, "q", "role", "after")
    role = chosen(query, "role", ("", *Role.values), "")
    people = people_list(today(), query.get("q", ""), role)
    page = page_by_key(people, ["name_key", "id"], query.get("after"))
    context = {"page": page, "text": query.get("q", ""), "role": role, "roles": Role.choices}
    return render(request, "territories/person_list.html", context)


@FORM
@may("user", "update")
def person_create(request: HttpRequest) -> HttpResponse:
    company = the_organisation()
    initial = {"starts_on": today(), "locale": company.locale, "time_zone": company.time_zone}
    form = PersonForm(sent(request), initial=initial)
    made = ""
    if form.is_bound and form.is_valid() and not form.cleaned_data["password"]:
        made = form.cleaned_data["password"] = secrets.token_urlsafe(15)
    if person := perform(form, services.create_person, by=person_id()):
        messages.success(request, _("%(name)s may sign in.") % {"name": person.name})
        response = redirect("person_detail", person.pk)
        return show_once(request, response, made) if made else response
    return form_page(request, "territories/person_create.html", form)


@require_safe
def person_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """A person's roles and seats, and what they may see; for themself, who leads them, and administrators."""
    strict_query(request)
    mine = reach()
    mine.require("user", "inspect", {"id": pk})
    person: User = found(User.objects.filter(pk=pk).first())
    theirs = reach_for(person, today())
    secret = take_secret(request) if mine.allows("user", "update") else ""
    context = {
        "person": person,
        "today": today(),
        "grants": grants_of_person(pk),
        "seats": seats_of_person(pk),
        "sees": [_sees(theirs, *labelled) for labelled in OBJECTS.items()],
        "nodes": Territory.objects.filter(pk__in=theirs.nodes),
        "leads": Territory.objects.filter(pk__in=theirs.territories),
        "secret": secret,
        "may_change": mine.allows("user", "update"),
    }
    response = render(request, "territories/person_detail.html", context)
    return forget(response) if secret else response


def _sees(theirs: Reach, name: str, label: StrOrPromise) -> dict[str, Any]:
    """What of one object a person may read and change, in words."""
    changes = theirs.relations(name, "update") | theirs.relations(name, "create")
    return {"name": label, "reads": _words(theirs.relations(name)), "changes": _words(changes)}


def _words(relations: frozenset[str]) -> str:
    told = {"org"} if "org" in relations else relations
    return ", ".join(str(words) for name, words in RELATIONS.items() if name in told)


@FORM
@may("role_grant", "update")
def role_grant(request: HttpRequest, pk: int) -> HttpResponse:
    person: User = found(User.objects.filter(pk=pk).first())
    form = RoleForm(sent(request), initial={"starts_on": today()})
    if grant := perform(form, services.grant_role, by=person_id(), user_id=pk):
        words = {"name": person.name, "role": grant.get_role_display()}
        messages.success(request, _("%(name)s holds the role %(role)s.") % words)
        return redirect("person_detail", pk)
    return form_page(request, "territories/role_grant.html", form, person=person)


@FORM
@may("role_grant", "update")
def role_end(request: HttpRequest, pk: int) -> HttpResponse:
    grant: RoleGrant = found(RoleGrant.objects.filter(pk=pk).select_related("user").first())
    form = EndRoleForm(sent(request), initial={"stops_on": grant.stops_on or today() + timedelta(days=1)})
    perform(form, services.end_role, by=person_id(), grant_id=pk)
    if form.is_bound and not form.errors:
        messages.success(request, _("The end of the role is recorded."))
        return redirect("person_detail", grant.user_id)
    return form_page(request, "territories/role_end.html", form, grant=grant)
