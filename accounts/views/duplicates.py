"""Asking for access to an account that is here already; who asked for which."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import services
from accounts.forms import AccessForm
from accounts.selectors import duplicates
from common.http import form_page, may, page_by_key, perform, person_id, sent, strict_query


@require_http_methods(["GET", "HEAD", "POST"])
@may("account", "create")
def account_access(request: HttpRequest) -> HttpResponse:
    """Ask to read an account that somebody else has; what was typed of it comes along."""
    query = strict_query(request, "name", "web_domain", "tax_number")
    form = AccessForm(sent(request), initial=query)
    if approval := perform(form, services.ask_access, by=person_id()):
        messages.success(request, _("An administrator is asked. You are told when they answer."))
        return redirect("approval_detail", approval.pk)
    return form_page(request, "accounts/account_access.html", form)


@require_safe
@may("account_lookup", "list")
def account_lookup_list(request: HttpRequest) -> HttpResponse:
    """Who asked whether an account exists that they do not see, the newest first."""
    query = strict_query(request, "after")
    page = page_by_key(duplicates.lookups(), ["-id"], query.get("after"))
    return render(request, "accounts/account_lookup_list.html", {"page": page})
