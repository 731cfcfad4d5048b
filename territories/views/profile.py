"""A person's own settings and their keys to the API."""

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from common.access import found
from common.editing import Edit
from common.http import FORM, form_page, perform, person_id, sent, strict_query
from common.shown_once import forget, show_once, take_secret
from common.transaction import now
from territories import services
from territories.forms import ProfileForm, TokenForm
from territories.models import ApiToken, User


@FORM
def profile_edit(request: HttpRequest) -> HttpResponse:
    """One's own name, and how figures, days and hours are written."""
    person = User.objects.get(pk=person_id())
    edit = Edit(request, ProfileForm, person, services.edit_profile)
    if edit.is_saved:
        return redirect("profile_edit")
    return edit.page("territories/profile_edit.html", person=person)


@require_safe
def token_list(request: HttpRequest) -> HttpResponse:
    """One's own keys to the API; the secret of one just made is shown here once."""
    strict_query(request)
    secret = take_secret(request)
    way_in = cast("User", request.user).get_session_auth_hash()
    tokens = ApiToken.objects.filter(user_id=person_id())
    context = {"tokens": tokens, "secret": secret, "now": now(), "way_in": way_in}
    response = render(request, "territories/token_list.html", context)
    return forget(response) if secret else response


@FORM
def token_create(request: HttpRequest) -> HttpResponse:
    form = TokenForm(sent(request), initial={"days": 90})
    if made := perform(form, services.make_token, by=person_id()):
        return show_once(request, redirect("token_list"), made[1])
    return form_page(request, "territories/token_create.html", form)


@FORM
def token_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back an own token, once one has read what that means."""
    token: ApiToken = found(ApiToken.objects.filter(user_id=person_id(), pk=pk).first())
    if request.method == "POST":
        services.revoke_token(by=person_id(), token_id=pk)
        messages.success(request, _("The token no longer works."))
        return redirect("token_list")
    return render(request, "territories/token_revoke.html", {"token": token})
