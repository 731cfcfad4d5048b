"""People come in and are put right: what also concerns their invitation."""

from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from common.access import found
from common.editing import Edit
from common.http import FORM, form_page, may, perform, person_id, sent
from common.selectors import the_organisation, today
from territories.models import User
from workspace import services
from workspace.forms.invitations import NewPersonForm, PersonForm


@FORM
@may("user", "update")
def person_create(request: HttpRequest) -> HttpResponse:
    """Invite a person: who they are, what they do from when on, and where they sit."""
    company = the_organisation()
    initial: dict[str, str | date] = {
        "starts_on": today(),
        "locale": company.locale,
        "time_zone": company.time_zone,
    }
    form = NewPersonForm(sent(request), initial=initial)
    if person := perform(form, services.add_person, by=person_id()):
        messages.success(request, _("%(name)s is invited.") % {"name": person.name})
        return redirect("person_detail", person.pk)
    return form_page(request, "workspace/person_create.html", form)


@FORM
@may("user", "update")
def person_edit(request: HttpRequest, pk: int) -> HttpResponse:
    person: User = found(User.objects.filter(pk=pk).first())
    edit = Edit(request, PersonForm, person, services.edit_person, user_id=pk)
    if edit.is_saved:
        return redirect("person_detail", pk)
    return edit.page("workspace/person_edit.html", person=person)
