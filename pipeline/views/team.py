"""Who works on a deal and who gets its credit: the panel of its page, and the forms behind it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from common.access import found
from common.editing import conflict_of
from common.http import FORM, form_page, perform, person_id, sent, strict_query
from common.selectors import today
from common.transaction import reach
from pipeline import services
from pipeline.forms.team import AddForm, EndForm, RoleForm, SplitForm
from pipeline.models import Opportunity, TeamMember
from pipeline.selectors import opportunities as deals
from pipeline.selectors.sharing import sharing
from pipeline.selectors.team import team_of
from workspace.models import Approval, ListValue
from workspace.selectors.lists import offered


@require_safe
def opportunity_team(request: HttpRequest, pk: int) -> HttpResponse:
    """Who works on the deal, and who gets what of it?"""
    strict_query(request)
    mine, day = reach(), today()
    deal = deals.opportunity(mine, pk)
    context = {
        "deal": deal,
        "team": team_of(deal, day),
        "sharing": sharing(deal, day),
        "may_edit": mine.allows("opportunity", "update", deal),
        "me": person_id(),
        "today": day,
    }
    return render(request, "pipeline/_team.html", context)


@FORM
def team_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody comes to the deal's team."""
    deal = _deal(pk)
    form = AddForm(sent(request))
    member = perform(form, services.add_to_team, by=person_id(), opportunity_id=pk)
    if member is not None:
        messages.success(request, _("%(name)s is in the team.") % {"name": member.person.name})
        return redirect("opportunity_detail", pk)
    return form_page(
        request, "pipeline/team_add.html", form, deal=deal, roles=offered(ListValue.List.TEAM_ROLE)
    )


@FORM
def team_role(request: HttpRequest, pk: int, member_id: int) -> HttpResponse:
    """Somebody of the team has another role from a day on."""
    deal = _deal(pk)
    member = _member(deal, member_id)
    start = max(today(), member.starts_on)
    form = RoleForm(sent(request), initial={"role": member.role, "starts_on": start})
    if (
        perform(form, services.change_role, by=person_id(), opportunity_id=pk, member_id=member_id)
        is not None
    ):
        messages.success(request, _("Saved."))
        return redirect("opportunity_detail", pk)
    roles = offered(ListValue.List.TEAM_ROLE)
    return form_page(request, "pipeline/team_role.html", form, deal=deal, member=member, roles=roles)


@FORM
def team_end(request: HttpRequest, pk: int, member_id: int) -> HttpResponse:
    """Somebody works on the deal no longer."""
    deal = _deal(pk)
    member = _member(deal, member_id)
    form = EndForm(sent(request))
    if (
        perform(form, services.end_in_team, by=person_id(), opportunity_id=pk, member_id=member_id)
        is not None
    ):
        messages.success(request, _("Saved."))
        return redirect("opportunity_detail", pk)
    return form_page(request, "pipeline/team_end.html", form, deal=deal, member=member)


@FORM
def opportunity_split(request: HttpRequest, pk: int) -> HttpResponse:
    """Who gets the credit of the deal from a day on."""
    deal = _deal(pk)
    form = SplitForm(sent(request), deal=deal)
    done = perform(form, services.set_split, by=person_id(), opportunity_id=pk)
    if isinstance(done, Approval):
        asked = done.approver.name if done.approver else done.get_role_display()
        messages.success(
            request, _("%(name)s is asked. Until the answer the split stays as it is.") % {"name": asked}
        )
        return redirect("opportunity_detail", pk)
    if done is not None:
        messages.success(request, _("Saved."))
        return redirect("opportunity_detail", pk)
    if refused := getattr(form, "refusal", None):
        form.place(refused)
    conflict = conflict_of(form, lambda: SplitForm(deal=deal), deal)
    shown = sharing(deal, today()) if conflict else None
    return form_page(
        request, "pipeline/opportunity_split.html", form, deal=deal, conflict=conflict, saved=shown
    )


def _deal(pk: int) -> Opportunity:
    """The deal, for those who may edit it."""
    mine = reach()
    deal = deals.opportunity(mine, pk)
    mine.require("opportunity", "update", deal)
    return deal


def _member(deal: Opportunity, pk: int) -> TeamMember:
    rows = TeamMember.objects.current().filter(opportunity=deal).select_related("person")
    member: TeamMember = found(rows.filter(pk=pk).first())
    return member
