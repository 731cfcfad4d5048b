"""What was recorded of territories, seats and people, as sentences."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Any

from django.db.models import Q
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from common.history import MOST, REQUEST, Change, actor_of, history_of, people_of, recorded, with_reason
from common.locale import format_date
from territories.models import Edge, Naming, RoleGrant, Seat, Succession, Territory, User


def book_of_territory(territory: Territory, seats: Sequence[Seat]) -> list[Change]:
    """What ever happened to a territory, newest first: its places, names and seats, what it passed on, and edits.

    `seats`: every version of every seat there. What an act withdrew for good says by whom.
    """
    places = list(Edge.objects.filter(child=territory).select_related("parent").order_by("pk"))
    names = list(Naming.objects.filter(territory=territory).order_by("pk"))
    passed = Succession.objects.filter(Q(territory=territory) | Q(heir=territory))
    said = {row: _succession_in_words(row, territory) for row in passed.select_related("territory", "heir")}
    lines = recorded(list(said), said.__getitem__, lambda row: "")
    lines += _lines([(places, _place_in_words), (names, _name_in_words), (seats, _seat_in_words)])
    lines += _edits(territory, {row.request_id for row in names})
    return sorted(lines, key=lambda line: line.at, reverse=True)


MOMENT = timedelta(seconds=30)
Versions = Sequence[Any]
"""All versions of dated rows of one kind, of one territory."""


def _lines(told: Iterable[tuple[Versions, Callable[[Any, Versions], str]]]) -> list[Change]:
    """Each version in words, by whom and when it was recorded; what was withdrawn for good says by whom."""
    gone: dict[Any, str] = {}
    said: dict[Any, str] = {}
    for rows, words in told:
        for row in rows:
            is_gone = row.superseded_at is not None and _next(row, rows) is None
            (gone if is_gone else said)[row] = words(row, rows)
    lines = recorded([row for row in gone if gone[row]], gone.__getitem__)
    return lines + recorded([row for row in said if said[row]], said.__getitem__, lambda row: "")


def _thing(row: Any) -> tuple[Any, ...]:
    """What a row says, apart from its end and from what it is like."""
    names: dict[type[Any], tuple[str, ...]] = {
        Seat: ("user_id", "territory_id", "kind"),
        RoleGrant: ("user_id", "role"),
        Edge: ("parent_id",),
    }
    return (*(getattr(row, name) for name in names.get(type(row), ())), row.starts_on)


def _is_for(old: Any, new: Any) -> bool:
    """Whether one row was withdrawn by the act that recorded the other one, right after it."""
    return bool(old.superseded_at) and timedelta(0) <= new.recorded_at - old.superseded_at < MOMENT


def _before(row: Any, rows: Versions) -> Any:
    """The version that this one took the place of: it says the same with another end, or likewise."""
    return next((old for old in rows if _is_for(old, row) and _thing(old) == _thing(row)), None)


def _next(row: Any, rows: Versions) -> Any:
    return next((new for new in rows if _is_for(row, new) and _thing(new) == _thing(row)), None)


def _left(row: Any, rows: Versions) -> Any:
    """What held until this row begins, or was to begin with it and was dropped for it."""
    earlier = [old for old in rows if old.pk < row.pk and old.stops_on == row.starts_on]
    dropped = [old for old in rows if _is_for(old, row) and old.starts_on == row.starts_on]
    return next(iter([*reversed(earlier), *dropped]), None)


def _place_in_words(row: Edge, rows: Versions) -> str:
    """*Moved below West from 1 May 2026 on (was below East): new region*; empty for what another line tells."""
    old = _before(row, rows)
    if old and row.stops_on and row.stops_on != old.stops_on:
        if any(new.request_id == row.request_id and new.starts_on == row.stops_on for new in rows):
            return ""
        text = _("Retired on %(day)s") % {"day": format_date(row.stops_on)}
        return with_reason(text, _typed(old.superseded_why))
    words = {"place": _place(row.parent), "day": format_date(row.starts_on)}
    left = _left(row, rows)
    if left and left.parent_id != row.parent_id:
        words["before"] = _place(left.parent)
        text = _("Moved from %(day)s on: %(place)s (was %(before)s)")
    elif any(old.starts_on < row.starts_on for old in rows):
        text = _("Back in the tree from %(day)s on: %(place)s")
    else:
        text = _("In the tree from %(day)s on: %(place)s")
    return with_reason(text % words, row.reason)


def _place(parent: Territory | None) -> str:
    return _("below %(parent)s") % {"parent": parent.name} if parent else _("a root of the tree")


def _typed(why: str) -> str:
    """A reason that somebody typed; no address of a request."""
    return "" if REQUEST.match(why) else why


def _name_in_words(row: Naming, rows: Versions) -> str:
    """*Renamed North Sea from 1 May 2026 on (was North)*; empty for what goes with another name, or corrects one."""
    left = _left(row, rows)
    if left is None or _before(row, rows):
        return ""
    words = {"name": row.name, "day": format_date(row.starts_on), "before": left.name}
    return with_reason(_("Renamed %(name)s from %(day)s on (was %(before)s)") % words, row.reason)


def _seat_in_words(row: Seat, rows: Versions) -> str:
    """*Rita Rep sits as owner, from 1 Jan 2026 on*, or how that seat changed."""
    words = {"person": row.user.name, "kind": row.get_kind_display(), "span": _span(row)}
    old = _before(row, rows)
    if old is None:
        return with_reason(_("%(person)s sits as %(kind)s, %(span)s") % words, row.reason)
    if row.stops_on and row.stops_on != old.stops_on:
        words["day"] = format_date(row.stops_on)
        text = _("%(person)s sits as %(kind)s until %(day)s") % words
        return with_reason(text, _typed(old.superseded_why))
    return with_reason(_("The seat of %(person)s as %(kind)s changed, %(span)s") % words, row.reason)


def _succession_in_words(row: Succession, territory: Territory) -> str:
    """What a merger or a split did, as the page of each of the two territories says it."""
    is_own = row.territory_id == territory.pk
    words = {"other": (row.heir if is_own else row.territory).name, "day": format_date(row.starts_on)}
    if row.is_whole:
        text = (
            _("Merged into %(other)s on %(day)s") if is_own else _("Has what %(other)s had from %(day)s on")
        )
    else:
        text = _("Split on %(day)s: %(other)s has a part of its accounts")
        text = text if is_own else _("Has a part of the accounts of %(other)s from %(day)s on")
    return with_reason(text % words, row.reason)


def _edits(territory: Territory, renamed: Collection[Any]) -> list[Change]:
    """What was corrected of a territory itself; a name that came with these requests is told as a renaming."""
    changes = history_of(territory, ["name", "code", "kind"])
    if not renamed:
        return changes
    told = territory.history.filter(pgh_context_id__in=renamed)  # type: ignore[attr-defined]
    at, name = (
        set(told.values_list("pgh_created_at", flat=True)),
        Territory._meta.get_field("name").verbose_name,
    )
    return [change for change in changes if change.at not in at or change.field != capfirst(str(name))]


def in_words(row: Seat) -> str:
    """A seat in a few words, such as *Rita Rep as owner, from Jan 1, 2025 on*."""
    words = {"person": row.user.name, "kind": row.get_kind_display()}
    return with_reason(f"{_('%(person)s as %(kind)s') % words}, {_span(row)}", row.reason)


def book_of_person(person: User) -> list[Change]:
    """What was ever said of a person's roles and seats, of themself, and that they left or came back, newest first.

    Whoever recorded the end of a seat or role is told in a line of its own, beside who recorded its beginning.
    """
    grants = list(person.role_grants.order_by("pk"))
    seats = list(person.seats.select_related("territory").order_by("pk"))
    held = _lines([(grants, _held_in_words), (seats, _held_in_words)])
    known = history_of(person, ["name", "email", "work_location", "work_calendar", "locale", "time_zone"])
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


def _held_in_words(row: Any, rows: Versions) -> str:
    """A role or a seat as a person's book says it, such as *Owner of East 1, from Jan 1, 2025 on*, or its end."""
    what = f"{_('Role')} {row.get_role_display()}" if isinstance(row, RoleGrant) else _seat_of(row)
    old = _before(row, rows)
    if old and row.stops_on and row.stops_on != old.stops_on:
        ended = _("%(what)s, ends on %(day)s") % {"what": what, "day": format_date(row.stops_on)}
        return with_reason(ended, _typed(old.superseded_why))
    return with_reason(f"{what}, {_span(row)}", getattr(row, "reason", ""))


def _seat_of(row: Seat) -> str:
    words = {"kind": row.get_kind_display(), "place": row.territory.name}
    return str(capfirst(_("%(kind)s of %(place)s") % words))


def _span(row: Any) -> str:
    values = {"start": format_date(row.starts_on), "stop": format_date(row.stops_on)}
    return (_("%(start)s until %(stop)s") if row.stops_on else _("from %(start)s on")) % values
