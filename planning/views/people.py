"""A person leaves, with what hangs on them in view; a person comes back."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.access import found
from common.http import FORM, form_page, may, perform, person_id, sent
from common.locale import format_number
from common.selectors import today
from planning import services
from planning.forms import LeaveForm, ReturnForm
from planning.selectors.people import hangs_on, last_role, old_seats
from territories.models import User


@FORM
@may("user", "update")
def person_leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Deactivate a person, once one has read what hangs on them and said who takes over."""
    person: User = found(User.objects.filter(pk=pk).first())
    hangs = hangs_on(person)
    form = LeaveForm(sent(request), initial={"version": person.version}, person=person)
    if (moved := perform(form, services.leave, by=person_id(), user_id=pk)) is not None:
        messages.success(request, _left(person, form.cleaned_data["successor_id"], moved))
        return redirect("person_detail", pk)
    return form_page(request, "planning/person_leave.html", form, person=person, hangs=hangs, today=today())


def _left(person: User, successor_id: int | None, moved: services.Moved) -> str:
    """That a person is deactivated, and what went over to whom."""
    said = _("%(name)s is deactivated.") % {"name": person.name}
    successor = User.objects.filter(pk=successor_id or 0).first()
    if successor is None:
        return said
    handed = _("Handed over to %(name)s: seats %(seats)s, open deals %(deals)s, activities %(activities)s.")
    counts = {what: format_number(count) for what, count in moved._asdict().items()}
    kept = ngettext("%(count)s hold went with them.", "%(count)s holds went with them.", moved.holds)
    more = [kept % {"count": counts["holds"]}] if moved.holds else []
    return " ".join([said, handed % {"name": successor.name, **counts}, *more])


@FORM
@may("user", "update")
def person_return(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a person who left come back, with a role and a new invitation."""
    person: User = found(User.objects.filter(pk=pk).first())
    initial = {"version": person.version, "starts_on": today(), "role": last_role(person)}
    form = ReturnForm(sent(request), initial=initial)
    if perform(form, services.come_back, by=person_id(), user_id=pk):
        messages.success(request, _("%(name)s is back, and invited.") % {"name": person.name})
        return redirect("person_detail", pk)
    return form_page(request, "planning/person_return.html", form, person=person, old_seats=old_seats(person))
