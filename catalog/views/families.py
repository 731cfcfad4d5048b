"""Product families."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from catalog import services
from catalog.forms.products import FamilyEditForm, FamilyForm
from catalog.models import Family
from common.access import seen
from common.editing import Edit
from common.history import history_of
from common.http import FORM, form_page, may, perform, person_id, sent
from common.transaction import reach


@FORM
@may("family", "update")
def family_create(request: HttpRequest) -> HttpResponse:
    form = FamilyForm(sent(request))
    if family := perform(form, services.create_family, by=person_id()):
        messages.success(request, _("The family %(name)s is in the catalogue.") % {"name": family.name})
        return redirect("product_list")
    return form_page(request, "catalog/family_create.html", form)


@FORM
@may("family", "update")
def family_edit(request: HttpRequest, pk: int) -> HttpResponse:
    family: Family = seen(Family.objects.all(), reach(), pk)
    edit = Edit(request, FamilyEditForm, family, services.edit_family, family_id=pk)
    if edit.is_saved:
        return redirect("product_list")
    history = history_of(family, ["name", "code", "parent"])
    return edit.page("catalog/family_edit.html", family=family, history=history)
