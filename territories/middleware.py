"""Gives every request its person and reach, and every page its reader's locale and zone."""

from collections.abc import Callable
from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from common import locale
from common.errors import Forbidden
from common.middleware import KEYLESS_PATHS, OUTSIDE_PATHS, refusal, wants_json
from common.selectors import today
from common.transaction import NOBODY, set_reach
from territories.models import ApiToken, User
from territories.selectors import reach_for, token_for


class ReachMiddleware:
    """Builds the reach once, eagerly, inside the request's transaction; a token narrows its owner's reach."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(OUTSIDE_PATHS):
            return self.get_response(request)
        token = self._token(request)
        if token:
            request.user, request.api_token = token.user, token  # type: ignore[attr-defined]
        if not isinstance(request.user, User):
            set_reach(NOBODY)
            return self.get_response(request)
        reach = reach_for(request.user, today())
        set_reach(replace(reach, scopes=frozenset(token.scopes)) if token else reach, by=request.user.pk)
        if not reach.roles and not request.path.startswith(KEYLESS_PATHS):
            return refusal(
                request, Forbidden(_("You have no role here today. An administrator gives you one."))
            )
        with locale.use(request.user.locale, request.user.time_zone):
            return self.get_response(request)

    def _token(self, request: HttpRequest) -> ApiToken | None:
        kind, _, secret = request.headers.get("Authorization", "").partition(" ")
        return token_for(secret) if kind == "Bearer" and wants_json(request) else None
