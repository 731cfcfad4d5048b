"""What fields that take a place for accounts, a module or a rule offer while one types."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts.selectors.offers import Modules, Places, Rules
from common.http import chosen, may, strict_query
from common.pickers import suggestions


@require_safe
def place_suggest(request: HttpRequest) -> HttpResponse:
    """The first territories of what was typed into which the reader may assign accounts; `?act=create`: create them."""
    query = strict_query(request, "q", "act")
    act = chosen(query, "act", ("assign", "create"), "assign")
    return suggestions(request, Places(act), query.get("q", ""))


@require_safe
def module_suggest(request: HttpRequest) -> HttpResponse:
    """The first modules in use of what was typed."""
    return suggestions(request, Modules(), strict_query(request, "q").get("q", ""))


@require_safe
@may("rule", "list")
def rule_suggest(request: HttpRequest) -> HttpResponse:
    """The first rules in use of what was typed."""
    return suggestions(request, Rules(), strict_query(request, "q").get("q", ""))
