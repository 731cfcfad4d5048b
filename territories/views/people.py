"""People, their roles by date, and what they may see."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from common.access import Role, found
from common.http import FORM, chosen, form_page, may, page_by_key, perform, person_id, sent, strict_query
from common.locale import format_date
from common.permissions import access_of
from common.selectors import today
from common.transaction import reach
from territories import services
from territories.forms import ChangeRoleForm, EndRoleForm, RoleForm
from territories.models import RoleGrant, Territory, User
from territories.selectors import book_of_person, grants_of_person, people_list, reach_for, seats_of_person


@require_safe
@may("user", "list")
def person_list(request: HttpRequest) -> HttpResponse:
    query = strict_query(request, "q", "role", "state", "after")
    role = chosen(query, "role", ("", *Role.values), "")
    left = chosen(query, "state", ("", "left"), "") == "left"
    people = people_list(today(), query.get("q", ""), role, left=left)
    page = page_by_key(people, ["name_key", "id"], query.get("after"))
    context = {"page": page, "text": query.get("q", ""), "role": role, "roles": Role.choices, "left": left}
    return render(request, "territories/person_list.html", context)


@require_safe
def person_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """A person's roles and seats, and what they may see; for themself, who leads them, and administrators."""
    strict_query(request)
    mine = reach()
    mine.require("user", "inspect", {"id": pk})
    person: User = found(User.objects.filter(pk=pk).first())
    theirs = reach_for(person, today())
    context = {
        "person": person,
        "today": today(),
        "grants": grants_of_person(pk),
        "seats": seats_of_person(pk),
        "access": access_of(theirs),
        "nodes": Territory.objects.filter(pk__in=theirs.nodes),
        "leads": Territory.objects.filter(pk__in=theirs.territories),
        "history": book_of_person(person),
        "may_report": bool(mine.relations("seat", "list")),
        "may_change": mine.allows("user", "update"),
    }
    return render(request, "territories/person_detail.html", context)


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
def role_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Another role in the place of this one, from a day on."""
    grant: RoleGrant = found(RoleGrant.objects.current().filter(pk=pk).select_related("user").first())
    initial = {"role": grant.role, "starts_on": max(today() + timedelta(days=1), grant.starts_on)}
    form = ChangeRoleForm(sent(request), initial=initial)
    if new := perform(form, services.change_role, by=person_id(), grant_id=pk):
        words = {"name": grant.user.name, "role": new.get_role_display(), "day": format_date(new.starts_on)}
        messages.success(request, _("%(name)s holds the role %(role)s from %(day)s.") % words)
        return redirect("person_detail", grant.user_id)
    return form_page(request, "territories/role_change.html", form, grant=grant)


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
