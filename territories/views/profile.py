"""A person's own settings and their keys to the API."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from common.access import found
from common.conflict import conflict_of
from common.http import FORM, form_page, perform, person_id, sent, strict_query
from common.shown_once import forget, show_once, take_secret
from territories import services
from territories.forms import ProfileForm, TokenForm
from territories.models import ApiToken, User
from territories.selectors import own_tokens


@FORM
def profile_edit(request: HttpRequest) -> HttpResponse:
    """One's own name, and how figures, days and hours are written."""
    person = User.objects.get(pk=person_id(request))
    form = ProfileForm(sent(request), initial=_values(person))
    perform(form, services.edit_profile, by=person.pk)
    if form.is_bound and not form.errors:
        messages.success(request, _("Saved."))
        return redirect("profile_edit")
    conflict = conflict_of(form, lambda: ProfileForm(initial=_values(person)), person)
    return form_page(request, "territories/profile_edit.html", form, person=person, conflict=conflict)


def _values(person: User) -> dict[str, Any]:
    return {name: getattr(person, name) for name in ("name", "locale", "time_zone", "version")}


@require_safe
def token_list(request: HttpRequest) -> HttpResponse:
    """One's own keys to the API; the secret of one just made is shown here once."""
    strict_query(request)
    secret = take_secret(request)
    context = {"tokens": own_tokens(person_id(request)), "secret": secret, "now": timezone.now()}
    response = render(request, "territories/token_list.html", context)
    return forget(response) if secret else response


@FORM
def token_create(request: HttpRequest) -> HttpResponse:
    form = TokenForm(sent(request), initial={"days": 90})
    if made := perform(form, services.make_token, by=person_id(request)):
        return show_once(request, redirect("token_list"), made[1])
    return form_page(request, "territories/token_create.html", form)


@FORM
def token_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back an own token, once one has read what that means."""
    token: ApiToken = found(own_tokens(person_id(request)).filter(pk=pk).first())
    if request.method == "POST":
        services.revoke_token(by=person_id(request), token_id=pk)
        messages.success(request, _("The token no longer works."))
        return redirect("token_list")
    return render(request, "territories/token_revoke.html", {"token": token})
