"""Help: the tour of a role, the keys, how figures are made, and whom to ask."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from common.access import Role
from common.definitions import named
from common.http import chosen, person_id, strict_query
from common.selectors import today
from common.transaction import reach
from salesops import services
from salesops.selectors import tours
from territories.selectors import administrators

FIGURES = ("order-intake", "crediting", "attainment", "rates", "calendars")


@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """How does this work, and whom do I ask?"""
    strict_query(request)
    mine = reach()
    context = {
        "tour": tours.tour_of(mine),
        "steps": tours.FIRST_STEPS[tours.widest(mine)],
        "administrators": administrators(today())[: tours.SHOWN],
        "metrics": named(*FIGURES),
    }
    return render(request, "salesops/help_page.html", context)


@require_safe
def tour(request: HttpRequest) -> HttpResponse:
    """The five cards of one of the reader's roles, one below the other."""
    query, mine = strict_query(request, "role"), reach()
    role = Role(chosen(query, "role", sorted(mine.roles), tours.widest(mine)))
    context = {"tour": tours.tour_of(mine, role), "others": _others(mine.roles, role)}
    return render(request, "salesops/tour.html", context)


def _others(held: frozenset[str], shown: Role) -> list[Role]:
    return [role for role in tours.WIDEST if role in held and role != shown]


@require_POST
def tour_seen(request: HttpRequest) -> HttpResponse:
    """The reader closed the tour of a role, or skipped it."""
    strict_query(request)
    roles = sorted(reach().roles)
    services.note_tour(by=person_id(), role=Role(chosen(request.POST.dict(), "role", roles, roles[0])))
    return redirect("home")
