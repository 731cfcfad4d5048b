"""The territory tree on any day, and one territory with its history."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from common.access import seen
from common.calendars import Span
from common.editing import Edit
from common.http import FORM, a_day, back_from, form_page, may, perform, person_id, sent, strict_query, whole
from common.locale import format_date, format_number
from common.selectors import policy, today
from common.transaction import reach
from territories import selectors, services
from territories.forms import MoveForm, RenameForm, TerritoryEditForm, TerritoryForm
from territories.models import Edge, Territory

ASKED = require_http_methods(["GET", "HEAD", "POST"])
"""A page with a form that takes filters; `?back=`: where it was opened."""
MOST_GAPS = 50


@require_safe
def territory_tree(request: HttpRequest) -> HttpResponse:
    """Who sits where on a day, what nobody holds in the days ahead, and who holds two; `?below=`: one branch of it."""
    query = strict_query(request, "on", "below")
    day, below = a_day(query, "on") or today(), whole(query, "below")
    nodes = selectors.branch_of(selectors.nodes_on(day), below)
    window = Span(day, day + timedelta(days=policy("gaps_ahead_days")))
    gaps = selectors.gaps_within(nodes, window)
    context = {
        "day": day,
        "today": today(),
        "branch": nodes[0].territory if below and nodes else None,
        "nodes": selectors.seated(selectors.upper_levels(nodes), day),
        "count": len(nodes),
        "window": window,
        "gaps": gaps[:MOST_GAPS],
        "more_gaps": len(gaps[MOST_GAPS:]),
        "doubled": selectors.doubled_within(window),
        "overloaded": selectors.overloaded_within(window),
        "has_workbench": bool(reach().relations("territory", "list")),
        "may_report": bool(reach().relations("seat", "list")),
        "may_change": reach().allows("territory", "update"),
    }
    return render(request, "territories/territory_tree.html", context)


@require_safe
def territory_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One territory: who sat there when, what it lay below, what changed and who said so."""
    strict_query(request)
    territory: Territory = seen(Territory.objects.all(), reach(), pk)
    every, day = list(selectors.seats_of_territory(pk)), today()
    seats, places = [seat for seat in every if seat.superseded_at is None], selectors.days_in_tree(pk)
    context = {
        "territory": territory,
        "today": day,
        "seats": seats,
        "plans": selectors.plans_of_territory(pk, day),
        "places": places[::-1],
        "place": next((place for place in places if place.holds_on(day)), None),
        "standing": selectors.standing_of(places, day),
        "holders": [seat for seat in seats if seat.holds_on(day)],
        "history": selectors.book_of_territory(territory, every),
        "sees_figures": reach().allows("territory", "list", {"id": pk}),
        "may_report": bool(reach().relations("seat", "list")),
        "may_change": reach().allows("territory", "update"),
    }
    return render(request, "territories/territory_detail.html", context)


@ASKED
@may("territory", "update")
def territory_create(request: HttpRequest) -> HttpResponse:
    """A new territory; `?parent=` says below what, and with that proposes a type, `?on=` from which day on."""
    query = strict_query(request, "parent", "on")
    initial = {"starts_on": a_day(query, "on") or today(), **_placed_below(whole(query, "parent"))}
    form = TerritoryForm(sent(request), initial=initial)
    if territory := perform(form, services.create_territory, by=person_id()):
        words = {"name": territory.name, "kind": territory.get_kind_display()}
        messages.success(request, _("%(name)s, of type %(kind)s, is in the tree.") % words)
        return redirect("territory_detail", territory.pk)
    return form_page(request, "territories/territory_create.html", form)


def _placed_below(parent_id: int | None) -> dict[str, Any]:
    """The parent that the address names, and the type that comes next; nothing where it names none."""
    parent = Territory.objects.filter(pk=parent_id or 0, is_unassigned=False).first()
    return {"parent_id": parent.pk, "kind": selectors.kind_below(parent)} if parent else {}


@FORM
@may("territory", "update")
def territory_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct a territory's name, code or type."""
    territory: Territory = seen(Territory.objects.all(), reach(), pk)
    edit = Edit(request, TerritoryEditForm, territory, services.edit_territory, territory_id=pk)
    if edit.is_saved:
        return redirect("territory_detail", pk)
    return edit.page("territories/territory_edit.html", territory=territory)


@ASKED
@may("naming", "update")
def territory_rename(request: HttpRequest, pk: int) -> HttpResponse:
    """Another name from a day on; `?on=` fills in the day."""
    day = a_day(strict_query(request, "on", "back"), "on") or today()
    territory: Territory = seen(Territory.objects.all(), reach(), pk)
    form = RenameForm(sent(request), initial={"name": territory.name, "starts_on": day})
    if naming := perform(form, services.rename_territory, by=person_id(), territory_id=pk):
        words = {"before": territory.name, "name": naming.name, "day": format_date(naming.starts_on)}
        messages.success(request, _("%(before)s is called %(name)s from %(day)s on.") % words)
        return redirect(back_from(request, "territory_detail", pk))
    back = back_from(request, "territory_detail", pk)
    return form_page(request, "territories/territory_rename.html", form, territory=territory, back=back)


@ASKED
@may("edge", "update")
def territory_move(request: HttpRequest, pk: int) -> HttpResponse:
    """Another place from a day on; `?parent=` and `?on=` fill the form."""
    query = strict_query(request, "parent", "on", "back")
    territory: Territory = seen(Territory.objects.all(), reach(), pk)
    place = Edge.objects.on(a_day(query, "on") or today()).filter(child=territory).first()
    form = MoveForm(sent(request), initial=_move_to(place, query), territory_id=pk)
    if edge := perform(form, services.move_territory, by=person_id(), territory_id=pk):
        messages.success(request, _moved(territory, edge))
        return redirect(back_from(request, "territory_detail", pk))
    back = back_from(request, "territory_detail", pk)
    context = {"territory": territory, "place": place, "back": back}
    return form_page(request, "territories/territory_move.html", form, **context)


def _moved(territory: Territory, edge: Edge) -> str:
    """What moves when, with how much below it, and what does not."""
    below = len(selectors.territories_below(territory.pk, edge.starts_on))
    words = {"name": territory.name, "day": format_date(edge.starts_on), "number": format_number(below)}
    message = ngettext(
        "%(name)s moves on %(day)s, with the %(number)s territory below it.",
        "%(name)s moves on %(day)s, with the %(number)s territories below it.",
        below,
    )
    alone = _("%(name)s moves on %(day)s.")
    stays = _("What was booked stays; quotas that were assigned above it stay as they are.")
    return f"{(message if below else alone) % words} {stays}"


def _move_to(place: Edge | None, query: dict[str, str]) -> dict[str, Any]:
    """What the form starts with: where it lies, and tomorrow, unless the address says otherwise."""
    parent_id = whole(query, "parent") or (place.parent_id if place else None)
    return {"parent_id": parent_id, "on": a_day(query, "on") or today() + timedelta(days=1)}
