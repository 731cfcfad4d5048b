"""Search over everything in reach, and what was opened last."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from common.http import strict_query
from common.transaction import reach
from salesops.selectors.recent import recent
from salesops.selectors.search import LEAST, MOST_ON_PAGE
from salesops.selectors.search import search as found


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """The search in its dialog, or its page with more of each kind; before anything is typed, what was opened last."""
    text, mine = strict_query(request, "q").get("q", ""), reach()
    is_dialog = bool(request.headers.get("HX-Request"))
    context = {"text": text, "groups": [] if is_dialog else found(mine, text, MOST_ON_PAGE)}
    template = "search_dialog" if is_dialog else "search"
    here = request.htmx.current_url_abs_path  # type: ignore[attr-defined]
    opened = [] if text else [one for one in recent(mine) if one.url != here]
    return render(request, f"salesops/{template}.html", {**context, "recent": opened})


@require_safe
def search_found(request: HttpRequest) -> HttpResponse:
    """The first of each kind, as somebody types; what was opened last where too little is typed."""
    text, mine = strict_query(request, "q").get("q", "").strip(), reach()
    is_short = len(text) < LEAST
    context = {"text": text, "groups": found(mine, text), "recent": recent(mine) if is_short else []}
    return render(request, "salesops/search_found.html", {**context, "is_short": is_short})
