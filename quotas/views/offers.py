"""What fields that take whom a quota is for offer while one types."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from common.http import may, strict_query
from common.pickers import suggestions
from quotas.selectors.offers import Assignees


@require_safe
@may("quota", "update")
def assignee_suggest(request: HttpRequest) -> HttpResponse:
    """The first people and territories of what was typed whose quotas the reader may set."""
    return suggestions(request, Assignees(), strict_query(request, "q").get("q", ""))
