"""Inviting people, and the page on which they choose their password."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from common.access import found
from common.http import FORM, form_page, may, page_by_key, perform, person_id, sent, strict_query
from common.transaction import NOBODY, set_reach
from territories.models import User
from workspace import services
from workspace.forms.invitations import InviteForm
from workspace.forms.passwords import PasswordForm
from workspace.models import Invitation
from workspace.selectors import invitations as selectors
from workspace.views.setup import signed_in


@require_safe
@may("invitation", "create")
def invitation_list(request: HttpRequest) -> HttpResponse:
    """Who has no password yet, how far they are, and the links of the open invitations."""
    query = strict_query(request, "after")
    page = page_by_key(selectors.outside(), ["name_key", "id"], query.get("after"))
    context = {"page": page, "rows": selectors.standing(page.rows)}
    return render(request, "workspace/invitation_list.html", context)


@require_POST
@may("invitation", "create")
def invitation_send(request: HttpRequest) -> HttpResponse:
    """Invite whoever was ticked: anew where they were invited before."""
    strict_query(request)
    form = InviteForm(request.POST, offered=selectors.may_be_invited())
    if made := perform(form, services.invite, by=person_id()):
        said = ngettext("%(count)s person is invited.", "%(count)s people are invited.", len(made))
        messages.success(request, said % {"count": len(made)})
    for errors in form.errors.values():
        messages.error(request, " ".join(map(str, errors)))
    return redirect("invitation_list")


@require_POST
@may("invitation", "create")
def invitation_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an open invitation back."""
    strict_query(request)
    invitation = services.revoke(by=person_id(), invitation_id=pk)
    messages.success(request, _("The link of %(name)s no longer works.") % {"name": invitation.user.name})
    return redirect("person_detail", invitation.user_id)


@FORM
@may("invitation", "create")
def invitation_panel(request: HttpRequest, pk: int) -> HttpResponse:
    """The part of a person's page about how they come in; a post invites them, anew where they were invited before."""
    person: User = found(User.objects.filter(pk=pk).prefetch_related("invitations").first())
    if request.method == "POST":
        services.invite(by=person_id(), user_ids=[pk])
        messages.success(request, _("%(name)s is invited.") % {"name": person.name})
        return redirect("person_detail", pk)
    context = {"row": selectors.standing([person])[0], "history": selectors.book_of(person)}
    return render(request, "workspace/_invitation_panel.html", context)


@login_not_required
@require_safe
def invitation_open(request: HttpRequest, token: str) -> HttpResponse:
    """The link itself: it leads to an address that does not hold its secret, or says why it lets nobody in."""
    strict_query(request)
    invitation = selectors.invitation_of(token)
    if invitation is None or not selectors.stand_of(invitation).is_open:
        return _closed(request, invitation)
    request.session[_opened(invitation.pk)] = True
    return redirect("invitation_accept", invitation.pk)


def _opened(pk: int) -> str:
    """Under this name a session keeps that its browser opened the link; the secret stays nowhere."""
    return f"invitation {pk}"


@login_not_required
@FORM
def invitation_accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Whoever opened the link sees whom it is for, chooses a password and is signed in."""
    invitation = _of_session(request, pk)
    if invitation is None or not selectors.stand_of(invitation).is_open:
        return _closed(request, invitation)
    person = invitation.user
    set_reach(NOBODY, by=person.pk)
    form = PasswordForm(sent(request))
    perform(form, services.accept, by=person.pk, invitation_id=pk)
    if form.has_error("__all__", "invitation_over"):
        return _closed(request, _of_session(request, pk))
    if form.is_bound and not form.errors:
        return signed_in(request, User.objects.get(pk=person.pk))
    return form_page(request, "workspace/invitation_accept.html", form, invitation=invitation, person=person)


def _of_session(request: HttpRequest, pk: int) -> Invitation | None:
    """The invitation whose link this browser opened."""
    return selectors.opened_invitation(pk) if _opened(pk) in request.session else None


def _closed(request: HttpRequest, invitation: Invitation | None) -> HttpResponse:
    """Why a link lets nobody in any more, and what to do then."""
    stand = selectors.stand_of(invitation) if invitation else None
    context = {"stand": stand, "ask": selectors.who_to_ask(invitation)}
    return render(request, "workspace/invitation_closed.html", context, status=410 if invitation else 404)
