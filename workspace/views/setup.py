"""The page behind the set-up link."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from common.http import FORM, form_page, perform, sent
from workspace import services
from workspace.forms.passwords import FirstAdminForm
from workspace.selectors.setup import LinkState, link_state


@login_not_required
@FORM
def first_admin(request: HttpRequest, secret: str) -> HttpResponse:
    """Make the first administrator, who is signed in at once; a link that does not work says what to do."""
    if (state := link_state(secret)) != LinkState.VALID:
        status = 404 if state == LinkState.WRONG else 410
        return render(request, "workspace/first_admin_closed.html", {"state": state}, status=status)
    form = FirstAdminForm(sent(request))
    if person := perform(form, services.use_setup_link, secret=secret):
        login(request, person, backend=settings.AUTHENTICATION_BACKENDS[0])
        messages.success(request, _("You are the administrator of this installation."))
        return redirect(settings.LOGIN_REDIRECT_URL)
    return form_page(request, "workspace/first_admin.html", form)
