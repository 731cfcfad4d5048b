"""The territory tree on any day, and one territory with its history."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from common.access import seen
from common.calendars import Span
from common.conflict import conflict_of
from common.history import history_of
from common.http import FORM, a_day, form_page, may, perform, person_id, sent, strict_query
from common.locale import format_date
from common.selectors import today
from common.transaction import reach
from territories import services
from territories.forms import MoveForm, TerritoryEditForm, TerritoryForm
from territories.models import Territory
from territories.selectors import (
    Node,
    doubled_within,
    gaps_within,
    place_on,
    places_of_territory,
    recorded_of_territory,
    seats_of_territory,
    tree_on,
)

WINDOW = timedelta(days=90)


@require_safe
def territory_tree(request: HttpRequest) -> HttpResponse:
    """Who sits where on a day, what nobody holds in the 90 days from then, and who holds two."""
    day = a_day(strict_query(request, "on"), "on") or today()
    roots = tree_on(day)
    rows = [row for root in roots for row in _rows(root, "")]
    window = Span(day, day + WINDOW)
    gaps = gaps_within(roots, window)
    context = {
        "day": day,
        "today": today(),
        "rows": rows,
        "window": window,
        "gaps": gaps,
        "doubled": doubled_within(window),
        "vacancies": sum(row.node.is_vacant for row in rows),
        "may_change": reach().allows("territory", "update"),
    }
    return render(request, "territories/territory_tree.html", context)


@dataclass(frozen=True)
class Row:
    """A node as a row of the tree table."""

    node: Node
    path: str


def _rows(node: Node, above: str) -> list[Row]:
    path = f"{above}/{node.territory.pk}" if above else str(node.territory.pk)
    return [Row(node, path), *(row for child in node.children for row in _rows(child, path))]


@require_safe
def territory_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One territory: who sat there when, what it lay below, what changed and who said so."""
    strict_query(request)
    territory: Territory = seen(Territory.objects.all(), reach(), pk)
    seats = list(seats_of_territory(pk))
    places = list(places_of_territory(pk))
    context = {
        "territory": territory,
        "today": today(),
        "seats": seats,
        "places": places,
        "place": next((place for place in places if _holds(place, today())), None),
        "holders": [seat for seat in seats if seat.holds_on(today())],
        "recorded": recorded_of_territory(pk),
        "history": history_of(territory, ["name", "code"]),
        "may_change": reach().allows("territory", "update"),
    }
    return render(request, "territories/territory_detail.html", context)


def _holds(row: Any, day: date) -> bool:
    return bool(row.starts_on <= day and (row.stops_on is None or day < row.stops_on))


@FORM
@may("territory", "update")
def territory_create(request: HttpRequest) -> HttpResponse:
    form = TerritoryForm(sent(request), day=today(), initial={"starts_on": today()})
    if territory := perform(form, services.create_territory, by=person_id(request)):
        messages.success(request, _("%(name)s is in the tree.") % {"name": territory.name})
        return redirect("territory_detail", territory.pk)
    return form_page(request, "territories/territory_create.html", form)


@FORM
@may("territory", "update")
def territory_edit(request: HttpRequest, pk: int) -> HttpResponse:
    territory: Territory = seen(Territory.objects.all(), reach(), pk)
    form = TerritoryEditForm(sent(request), initial=_values(territory))
    perform(form, services.edit_territory, by=person_id(request), territory_id=pk)
    if form.is_bound and not form.errors:
        messages.success(request, _("Saved."))
        return redirect("territory_detail", pk)
    conflict = conflict_of(form, lambda: TerritoryEditForm(initial=_values(territory)), territory)
    return form_page(request, "territories/territory_edit.html", form, territory=territory, conflict=conflict)


def _values(territory: Territory) -> dict[str, Any]:
    return {"name": territory.name, "code": territory.code, "version": territory.version}


@FORM
@may("edge", "update")
def territory_move(request: HttpRequest, pk: int) -> HttpResponse:
    territory: Territory = seen(Territory.objects.all(), reach(), pk)
    place = place_on(pk, today())
    initial = {"on": today() + timedelta(days=1), "parent_id": place.parent_id if place else None}
    form = MoveForm(sent(request), day=today(), initial=initial)
    if edge := perform(form, services.move_territory, by=person_id(request), territory_id=pk):
        words = {"name": territory.name, "day": format_date(edge.starts_on)}
        messages.success(request, _("%(name)s moves on %(day)s.") % words)
        return redirect("territory_detail", pk)
    return form_page(request, "territories/territory_move.html", form, territory=territory)
