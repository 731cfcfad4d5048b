"""What fields that take the owner of deals offer while one types."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from common.http import strict_query
from common.pickers import suggestions
from pipeline.selectors.offers import Owners


@require_safe
def owner_suggest(request: HttpRequest) -> HttpResponse:
    """The first of what was typed among the people whose deals the reader may lead."""
    return suggestions(request, Owners(), strict_query(request, "q").get("q", ""))
