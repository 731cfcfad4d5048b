"""Saved views: a page that has them opens with one, says which one is open, and drops what it no longer takes."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from common.errors import NotInReach
from common.http import BadQuery
from common.middleware import refusal
from common.selectors import today
from common.transaction import reach
from workspace.models import SavedView
from workspace.selectors.saved_views import NO_VIEW, PARAMETER, Menu, address_of, menu_of, query_of, seen


class SavedViewMiddleware:
    """Reads `?view=` of every page that has views; the page itself reads the rest, as strictly as ever.

    An address of nothing but a view becomes the one that the view keeps, and an empty one that of the reader's usual
    view; a view that asks for nothing is the page as it is. A parameter of a view that the page refuses is left out,
    and the reader is told; own fields that they do not see are left out without a word.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, arguments: Any, keywords: Any
    ) -> HttpResponse | None:
        match = request.resolver_match
        if match is None or match.url_name not in SavedView.Page.values or not reach().user_id:
            return None
        query = {name: str(value) for name, value in request.GET.items()}
        menu = menu_of(reach(), today(), match.url_name, query)
        request.saved_views, request.aside = menu, (PARAMETER,)  # type: ignore[attr-defined]
        if list(query) == [PARAMETER] and query[PARAMETER] != NO_VIEW:
            return _opened(request, menu)
        if not query and menu.usual:
            return redirect(address_of(menu.mine, menu.usual))
        left = dict(seen(menu.mine, menu.page, query.items())) if menu.current else query
        return None if left == query else redirect(f"{request.path}?{urlencode(left)}")

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        menu: Menu | None = getattr(request, "saved_views", None)
        if not (menu and menu.current and isinstance(exception, BadQuery) and exception.path in request.GET):
            _without(request)
            return None
        if exception.path == PARAMETER:
            _without(request)
            return None
        left = {name: str(value) for name, value in request.GET.items() if name != exception.path}
        if list(left) == [PARAMETER]:
            left = {PARAMETER: NO_VIEW}  # of the view nothing is left to open
        text = _("%(filter)s was left out of the view %(name)s: %(why)s")
        words = {"filter": exception.path, "name": menu.current.name, "why": exception.message}
        messages.warning(request, text % words)
        return redirect(f"{request.path}?{urlencode(left)}")


def _without(request: HttpRequest) -> None:
    """A refusal offers no view to be saved, and repeats no address."""
    request.saved_views = None  # type: ignore[attr-defined]


def _opened(request: HttpRequest, menu: Menu) -> HttpResponse | None:
    """The address that the view keeps, the page itself where it keeps none."""
    if menu.current is None:
        return refusal(request, NotInReach())
    is_plain = not query_of(menu.mine, menu.current)
    return None if is_plain else redirect(address_of(menu.mine, menu.current))
