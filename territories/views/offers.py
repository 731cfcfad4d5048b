"""What fields that take a territory or a person offer while one types."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from common.errors import Forbidden
from common.http import chosen, strict_query, whole
from common.pickers import suggestions
from common.transaction import reach
from territories.selectors.offers import People, Territories


@require_safe
def territory_suggest(request: HttpRequest) -> HttpResponse:
    """The first territories of what was typed, each with what it lies below."""
    return suggestions(request, Territories(), strict_query(request, "q").get("q", ""))


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
