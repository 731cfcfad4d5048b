"""The territory tree on any day, and one territory with its history."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from common.access import seen
from common.calendars import Span
from common.editing import Edit
from common.forms import NamedEditForm
from common.history import history_of
from common.http import FORM, a_day, form_page, may, perform, person_id, sent, strict_query
from common.locale import format_date
from common.selectors import policy, today
from common.transaction import reach
from territories import selectors, services
from territories.forms import MoveForm, TerritoryForm
from territories.models import Edge, Territory


@require_safe
def territory_tree(request: HttpRequest) -> HttpResponse:
    """Who sits where on a day, what nobody holds in the days ahead, and who holds two."""
    day = a_day(strict_query(request, "on"), "on") or today()
    ahead = timedelta(days=policy("gaps_ahead_days"))
    nodes, window = selectors.tree_on(day), Span(day, day + ahead)
    context = {
        "day": day,
        "today": today(),
        "nodes": nodes,
        "window": window,
        "gaps": selectors.gaps_within(nodes, window),
        "doubled": selectors.doubled_within(window),
        "may_change": reach().allows("territory", "update"),
    }
    return render(request, "territories/territory_tree.html", context)


@require_safe
def territory_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One territory: who sat there when, what it lay below, what changed and who said so."""
    strict_query(request)
    territory: Territory = seen(Territory.objects.all(), reach(), pk)
    book = [*selectors.seats_of_territory(pk)], [*selectors.places_of_territory(pk)]
    seats, places = ([row for row in rows if row.superseded_at is None] for rows in book)
    context = {
        "territory": territory,
        "today": today(),
        "seats": seats,
        "places": places,
        "place": next((place for place in places if place.holds_on(today())), None),
        "holders": [seat for seat in seats if seat.holds_on(today())],
        "recorded": selectors.book_of([*book[0], *book[1]]),
        "history": history_of(territory, ["name", "code"]),
        "may_change": reach().allows("territory", "update"),
    }
    return render(request, "territories/territory_detail.html", context)


@FORM
@may("territory", "update")
def territory_create(request: HttpRequest) -> HttpResponse:
    form = TerritoryForm(sent(request), initial={"starts_on": today()})
    if territory := perform(form, services.create_territory, by=person_id()):
        messages.success(request, _("%(name)s is in the tree.") % {"name": territory.name})
        return redirect("territory_detail", territory.pk)
    return form_page(request, "territories/territory_create.html", form)


@FORM
@may("territory", "update")
def territory_edit(request: HttpRequest, pk: int) -> HttpResponse:
    territory: Territory = seen(Territory.objects.all(), reach(), pk)
    edit = Edit(request, NamedEditForm, territory, services.edit_territory, territory_id=pk)
    if edit.is_saved:
        return redirect("territory_detail", pk)
    return edit.page("territories/territory_edit.html", territory=territory)


@FORM
@may("edge", "update")
def territory_move(request: HttpRequest, pk: int) -> HttpResponse:
    territory: Territory = seen(Territory.objects.all(), reach(), pk)
    place = Edge.objects.on(today()).filter(child=territory).first()
    initial = {"on": today() + timedelta(days=1), "parent_id": place.parent_id if place else None}
    form = MoveForm(sent(request), initial=initial)
    if edge := perform(form, services.move_territory, by=person_id(), territory_id=pk):
        words = {"name": territory.name, "day": format_date(edge.starts_on)}
        messages.success(request, _("%(name)s moves on %(day)s.") % words)
        return redirect("territory_detail", pk)
    return form_page(request, "territories/territory_move.html", form, territory=territory)
