"""A person leaves, with what hangs on them in view; a person comes back."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from common.access import found
from common.http import FORM, form_page, may, perform, person_id, sent
from common.locale import format_number
from common.selectors import today
from planning import services
from planning.forms import LeaveForm, ReturnForm
from planning.selectors.people import hangs_on, successors
from territories.models import User


@FORM
@may("user", "update")
def person_leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Deactivate a person, once one has read what hangs on them and said who takes over."""
    person: User = found(User.objects.filter(pk=pk).first())
    hangs = hangs_on(person)
    form = LeaveForm(sent(request), initial={"version": person.version}, people=successors(person))
    if (moved := perform(form, services.leave, by=person_id(), user_id=pk)) is not None:
        deals, activities = map(format_number, moved)
        words = {"name": person.name, "deals": deals, "activities": activities}
        said = _("%(name)s is deactivated. Open deals handed over: %(deals)s; activities: %(activities)s.")
        messages.success(request, said % words)
        return redirect("person_detail", pk)
    return form_page(request, "planning/person_leave.html", form, person=person, hangs=hangs, today=today())


@FORM
@may("user", "update")
def person_return(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a person who left come back, with a role and a new invitation."""
    person: User = found(User.objects.filter(pk=pk).first())
    form = ReturnForm(sent(request), initial={"version": person.version, "starts_on": today()})
    if perform(form, services.come_back, by=person_id(), user_id=pk):
        messages.success(request, _("%(name)s is back, and invited.") % {"name": person.name})
        return redirect("person_detail", pk)
    return form_page(request, "planning/person_return.html", form, person=person)
