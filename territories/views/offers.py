"""What fields that take a territory or a person offer while one types."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from common.errors import Forbidden
from common.http import a_day, chosen, strict_query, whole
from common.pickers import suggestions
from common.transaction import reach
from territories.selectors.offers import OFFERED, Nodes, People


@require_safe
def territory_suggest(request: HttpRequest) -> HttpResponse:
    """The first territories of what was typed, each with what it lies below.

    `?on=`: of the tree of that day; `?as=node`: those that were made, with `&under=` those below which that one may be
    hung; `?as=heir`: those that may have what that one has.
    """
    query = strict_query(request, "q", "on", "as", "under")
    kind = OFFERED[chosen(query, "as", list(OFFERED), "")]
    under = whole(query, "under")
    offer = kind(on=a_day(query, "on"), **({"under": under} if issubclass(kind, Nodes) else {}))
    return suggestions(request, offer, query.get("q", ""))


@require_safe
def person_suggest(request: HttpRequest) -> HttpResponse:
    """The first people of what was typed; `?but=`: without this one.

    `?left=1`: with those who left, for those who may ask who held what when.
    """
    query = strict_query(request, "q", "but", "left")
    with_left = chosen(query, "left", ("", "1"), "") == "1"
    if with_left and not reach().relations("seat", "list"):
        raise Forbidden()
    return suggestions(request, People(whole(query, "but"), with_left), query.get("q", ""))
