"""The partners through whom we sell, and their people in the field."""

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from common.editing import Edit
from common.http import FORM, form_page, may, perform, person_id, sent, strict_query
from common.transaction import reach
from territories.forms.partners import PartnerEditForm, PartnerForm, PartnerRepEditForm, PartnerRepForm
from territories.models import Partner, PartnerRep
from territories.services import partners as services


@require_safe
@may("partner", "list")
def partner_list(request: HttpRequest) -> HttpResponse:
    """Every partner with their people, those that are offered first."""
    strict_query(request)
    reps = Prefetch("reps", PartnerRep.objects.order_by("-is_active", "name", "id"))
    rows = Partner.objects.prefetch_related(reps).order_by("-is_active", "name", "id")
    context = {"partners": rows, "may_change": bool(reach().relations("partner", "update"))}
    return render(request, "territories/partner_list.html", context)


@FORM
@may("partner", "update")
def partner_create(request: HttpRequest) -> HttpResponse:
    form = PartnerForm(sent(request))
    if partner := perform(form, services.create_partner, by=person_id()):
        messages.success(request, _("%(name)s is a partner now.") % {"name": partner.name})
        return redirect("partner_list")
    return form_page(request, "territories/partner_create.html", form)


@FORM
@may("partner", "update")
def partner_edit(request: HttpRequest, pk: int) -> HttpResponse:
    partner = services.partner_for(pk)
    edit = Edit(request, PartnerEditForm, partner, services.edit_partner, partner_id=pk)
    if edit.is_saved:
        return redirect("partner_list")
    return edit.page("territories/partner_edit.html", partner=partner)


@FORM
@may("partner", "update")
def partner_rep_create(request: HttpRequest, pk: int) -> HttpResponse:
    partner, form = services.partner_for(pk), PartnerRepForm(sent(request))
    if rep := perform(form, services.create_partner_rep, by=person_id(), partner_id=pk):
        messages.success(request, _("%(name)s is noted.") % {"name": rep.name})
        return redirect("partner_list")
    return form_page(request, "territories/partner_rep_create.html", form, partner=partner)


@FORM
@may("partner", "update")
def partner_rep_edit(request: HttpRequest, pk: int) -> HttpResponse:
    rep = services.rep_for(pk)
    edit = Edit(request, PartnerRepEditForm, rep, services.edit_partner_rep, rep_id=pk)
    if edit.is_saved:
        return redirect("partner_list")
    return edit.page("territories/partner_rep_edit.html", rep=rep)
