"""Who answers for whom while they are away: everybody for themselves, administrators for anybody."""

from datetime import timedelta

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from common.access import found
from common.errors import NotInReach
from common.http import FORM, form_page, may, perform, person_id, sent, strict_query, whole
from common.locale import format_date
from common.pickers import suggestions
from common.selectors import today
from common.transaction import reach
from territories.models import User
from workspace import services
from workspace.forms.stand_ins import StandInForm
from workspace.models import StandIn
from workspace.selectors.offers import Colleagues
from workspace.selectors.stand_ins import roles_of, stand_ins_for, standing_in


@require_safe
def stand_in_list(request: HttpRequest) -> HttpResponse:
    """Who stands in for me, and for whom I do."""
    strict_query(request)
    me = person_id()
    context = {"rows": stand_ins_for(me), "mine": standing_in(me, today()), "today": today()}
    return render(request, "workspace/stand_in_list.html", context)


@require_safe
@may("stand_in", "list")
def stand_in_panel(request: HttpRequest, pk: int) -> HttpResponse:
    """Who stands in for a person, and for whom they do, on the page of that person."""
    strict_query(request)
    person: User = found(User.objects.filter(pk=pk).first())
    context = {
        "person": person,
        "rows": stand_ins_for(pk),
        "mine": standing_in(pk, today()),
        "today": today(),
    }
    return render(request, "workspace/_stand_in_panel.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def stand_in_create(request: HttpRequest) -> HttpResponse:
    """Name who stands in for oneself, or for the `?person=` that an administrator names."""
    person = _person(whole(strict_query(request, "person"), "person") or person_id())
    initial = {"starts_on": today(), "stops_on": today() + timedelta(days=14)}
    colleagues = Colleagues(person=person.pk)
    form = StandInForm(sent(request), initial=initial, colleagues=colleagues)
    if row := perform(form, services.name_stand_in, by=person_id(), person_id=person.pk):
        words = {"name": row.stand_in.name, "absent": person.name, "day": format_date(row.starts_on)}
        messages.success(request, _("%(name)s stands in for %(absent)s from %(day)s.") % words)
        return _back(person)
    alone = _roles(person) if colleagues.choices() == [] else None
    context = {"person": person, "is_own": _is_own(person), "alone": alone}
    return form_page(request, "workspace/stand_in_create.html", form, **context)


@require_safe
def colleague_suggest(request: HttpRequest) -> HttpResponse:
    """The first of what was typed who may stand in for oneself, or for the `?person=` that an administrator names."""
    query = strict_query(request, "q", "person")
    person = _person(whole(query, "person") or person_id())
    return suggestions(request, Colleagues(person=person.pk), query.get("q", ""))


@FORM
def stand_in_end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a stand-in, once one has read what that means."""
    row: StandIn = found(StandIn.objects.select_related("person", "stand_in").filter(pk=pk).first())
    person = _person(row.person_id)
    form = Form(sent(request))
    perform(form, services.end_stand_in, by=person_id(), stand_in_id=pk)
    if form.is_bound and not form.errors:
        messages.success(request, _("%(name)s no longer stands in.") % {"name": row.stand_in.name})
        return _back(person)
    return form_page(request, "workspace/stand_in_end.html", form, row=row, is_own=_is_own(person))


def _roles(person: User) -> str:
    return ", ".join(roles_of(person.pk, today())) or "—"


def _is_own(person: User) -> bool:
    return person.pk == person_id()


def _person(pk: int) -> User:
    """Oneself, or for administrators anybody. Raises NotInReach."""
    if not reach().allows("stand_in", "update", {"person_id": pk}):
        raise NotInReach()
    person: User = found(User.objects.filter(pk=pk).first())
    return person


def _back(person: User) -> HttpResponse:
    return redirect("stand_in_list") if _is_own(person) else redirect("person_detail", person.pk)
