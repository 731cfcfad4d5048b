"""The set-up link, and the page behind it."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from common.http import FORM, form_page, perform, sent, strict_query
from territories.models import User
from workspace import services
from workspace.forms.passwords import FirstAdminForm
from workspace.selectors.setup import LinkState, link_digest, link_state

OPENED = "set-up link"
"""Under this name a session keeps the digest of the link that its browser opened; the secret stays nowhere."""


@login_not_required
@require_safe
def first_admin_open(request: HttpRequest, secret: str) -> HttpResponse:
    """The link itself: it leads to an address that does not hold the secret, or says what to do."""
    strict_query(request)
    digest = link_digest(secret)
    if (state := link_state(digest)) != LinkState.VALID:
        return _closed(request, state)
    request.session[OPENED] = digest
    return redirect("first_admin")


@login_not_required
@FORM
def first_admin(request: HttpRequest) -> HttpResponse:
    """Make the first administrator, who is signed in at once; only in the browser that opened the link."""
    digest = request.session.get(OPENED, "")
    if (state := link_state(digest)) != LinkState.VALID:
        return _closed(request, state)
    form = FirstAdminForm(sent(request))
    if person := perform(form, services.use_setup_link, digest=digest):
        messages.success(request, _("You are the administrator of this installation."))
        return signed_in(request, person)
    if form.errors and (state := link_state(digest)) != LinkState.VALID:
        return _closed(request, state)
    return form_page(request, "workspace/first_admin.html", form)


def signed_in(request: HttpRequest, person: User) -> HttpResponse:
    """Whoever just chose a password by a link is in."""
    login(request, person, backend=settings.AUTHENTICATION_BACKENDS[0])
    return redirect(settings.LOGIN_REDIRECT_URL)


def _closed(request: HttpRequest, state: LinkState) -> HttpResponse:
    status = 404 if state == LinkState.WRONG else 410
    return render(request, "workspace/first_admin_closed.html", {"state": state}, status=status)
