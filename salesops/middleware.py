"""Before there is a company: every page says so, and an administrator is led to the set-up."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from common.errors import Conflict
from common.middleware import KEYLESS_PATHS, OUTSIDE_PATHS, refusal, wants_json
from common.selectors import organisation
from common.transaction import reach
from territories.models import User

FREE = (
    "/setup/first/",
    "/setup/company/",
    "/setup/guide/",
    "/profile/",
    "/dev/",
    *KEYLESS_PATHS,
    *OUTSIDE_PATHS,
)


class CompanyMiddleware:
    """Answers for every page that needs the company while there is none."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_free = request.path.startswith(FREE) or request.path == "/setup/"
        if is_free or not isinstance(request.user, User) or organisation():
            return self.get_response(request)
        may_set_up = reach().allows("organisation", "update")
        if may_set_up and request.path == "/":
            return redirect("setup")
        if wants_json(request):
            message = _("This installation has no company yet. An administrator sets it up.")
            return refusal(request, Conflict(message, code="no_organisation"))
        return render(request, "salesops/no_company.html", {"may_set_up": may_set_up}, status=409)
