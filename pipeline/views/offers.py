"""What fields that take the owner of deals offer while one types."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from common.http import chosen, strict_query
from common.pickers import suggestions
from pipeline.selectors.offers import Holders, Owners


@require_safe
def owner_suggest(request: HttpRequest) -> HttpResponse:
    """The first of what was typed among the people whose deals the reader may lead, or reads (`as=holders`)."""
    query = strict_query(request, "q", "as")
    offer = Holders() if chosen(query, "as", ("", "holders"), "") else Owners()
    return suggestions(request, offer, query.get("q", ""))
