"""What was recorded of territories, seats and people, as sentences."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from django.db.models import QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from common.history import MOST, Change, actor_of, history_of, people_of, recorded, with_reason
from common.locale import format_date
from territories.models import Edge, RoleGrant, Seat, User


def places_of_territory(territory_id: int) -> QuerySet[Edge]:
    """What a territory was ever said to lie below, newest first."""
    rows = Edge.objects.filter(child_id=territory_id)
    return rows.select_related("parent").order_by("-starts_on")


def book_of(rows: Sequence[Seat | Edge]) -> list[Change]:
    """The book of these seats and places, newest first."""
    return sorted(recorded(rows, in_words), key=lambda line: line.at, reverse=True)


def in_words(row: Any) -> str:
    """A seat or a place as the book says it, such as *Rita Rep as owner, from Jan 1, 2025 on*."""
    return with_reason(f"{_what(row)}, {_span(row)}", getattr(row, "reason", ""))


def book_of_person(person: User) -> list[Change]:
    """What was ever said of a person's roles and seats, of themself, and that they left or came back, newest first."""
    held = recorded([*person.role_grants.all(), *person.seats.select_related("territory")], _held_in_words)
    known = history_of(person, ["name", "email", "work_location", "locale", "time_zone"])
    return sorted([*held, *known, *_comings(person)], key=lambda line: line.at, reverse=True)


def _comings(person: User) -> list[Change]:
    """That somebody left, and came back, newest first."""
    events = list(person.history.order_by("-pgh_id")[: MOST + 1])  # type: ignore[attr-defined]
    people = people_of(events)
    return [
        Change(**actor_of(newer, people), text=_("Came back") if newer.is_active else _("Left"))
        for newer, older in pairwise(events)
        if newer.is_active != older.is_active
    ]


def _held_in_words(row: Any) -> str:
    """A role or a seat as a person's book says it, such as *owner of East 1, from Jan 1, 2025 on*."""
    if isinstance(row, RoleGrant):
        return f"{_('Role')} {row.get_role_display()}, {_span(row)}"
    what = _("%(kind)s of %(place)s") % {"kind": row.get_kind_display(), "place": row.territory.name}
    return with_reason(f"{capfirst(what)}, {_span(row)}", row.reason)


def _what(row: Any) -> str:
    if isinstance(row, Seat):
        return _("%(person)s as %(kind)s") % {"person": row.user.name, "kind": row.get_kind_display()}
    return _("below %(parent)s") % {"parent": row.parent.name} if row.parent else _("a root of the tree")


def _span(row: Any) -> str:
    values = {"start": format_date(row.starts_on), "stop": format_date(row.stops_on)}
    return (_("%(start)s until %(stop)s") if row.stops_on else _("from %(start)s on")) % values
