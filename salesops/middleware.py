"""Before there is a company every page says so; and what somebody opens is remembered for them."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from common.errors import Conflict
from common.middleware import KEYLESS_PATHS, OUTSIDE_PATHS, refusal, wants_json
from common.selectors import organisation
from common.transaction import reach
from salesops.selectors.kinds import KINDS
from salesops.services import note_opened
from territories.models import User

FREE = (
    "/setup/first/",
    "/setup/company/",
    "/setup/guide/",
    "/calendar/years/preview/",
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


OPENED = {kind.page: kind.key for kind in reversed(KINDS)}
"""The pages of single rows; that of a contact is its account's."""


class RecentMiddleware:
    """Remembers which row's page a person opened, once it was shown to them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer, place = self.get_response(request), request.resolver_match
        if request.method != "GET" or answer.status_code != 200 or "HX-Request" in request.headers:
            return answer
        if place and place.url_name in OPENED and isinstance(request.user, User):
            item = f"{OPENED[place.url_name]}:{place.kwargs['pk']}"
            note_opened(person_id=request.user.pk, item=item)
        return answer
