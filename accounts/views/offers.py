"""What fields that take a place for accounts, a module, a rule or a contact offer while one types."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts.models import Coverage
from accounts.selectors.offers import Contacts, Modules, Places, Rules
from common.http import a_day, chosen, may, strict_query, whole
from common.pickers import suggestions


@require_safe
def place_suggest(request: HttpRequest) -> HttpResponse:
    """The first territories of what was typed into which the reader may assign accounts; `?act=create`: create them.

    `?coverage=`: those that take accounts for it; `?on=`: of the tree of that day.
    """
    query = strict_query(request, "q", "act", "coverage", "on")
    act = chosen(query, "act", ("assign", "create"), "assign")
    coverage = chosen(query, "coverage", ("", *Coverage.values), "")
    return suggestions(request, Places(a_day(query, "on"), act, coverage), query.get("q", ""))


@require_safe
def module_suggest(request: HttpRequest) -> HttpResponse:
    """The first modules in use of what was typed."""
    return suggestions(request, Modules(), strict_query(request, "q").get("q", ""))


@require_safe
@may("rule", "list")
def rule_suggest(request: HttpRequest) -> HttpResponse:
    """The first rules in use of what was typed."""
    return suggestions(request, Rules(), strict_query(request, "q").get("q", ""))


@require_safe
def contact_suggest(request: HttpRequest) -> HttpResponse:
    """The first of what was typed among the people at an account; nobody at one out of reach."""
    query = strict_query(request, "q", "account")
    return suggestions(request, Contacts(whole(query, "account")), query.get("q", ""))
