"""Quotas of people who sit on several territories: each counts whole in one of them, and all of them say so."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from django.utils.translation import gettext as _

from accounts.selectors.placing import some_of
from common.models import Period
from common.transaction import widened
from quotas.selectors.plan import last_places, quotas_of
from territories.models import Seat, Territory, User


class Doubled(NamedTuple):
    """A person whose quota counts on `node`, and the other territories where they sit as well and as long.

    `owns`: they own all of these.
    """

    person: int
    node: int
    others: list[int]
    owns: bool


def quota_notes(
    quarter: Period, nodes: Collection[int], family_id: int | None = None
) -> dict[int, list[str]]:
    """By territory, of the given ones, whose quota stands there that is for others too, or whose stands elsewhere.

    A quota belongs to its person: it is not cut into parts for their territories. No amount is named.
    """
    doubled = _doubled(quarter, nodes)
    if not doubled:
        return {}
    with widened("quota"):
        asked = quotas_of([quarter], {one.person for one in doubled})[quarter.pk]
    known = {pk for (_what, pk), one in asked.items() if one.amount(family_id, "assigned", "own") is not None}
    told = [one for one in doubled if one.person in known]
    people = dict(User.objects.filter(pk__in=known).values_list("pk", "name"))
    called = {pk for one in told for pk in (one.node, *one.others)}
    names = dict(Territory.objects.filter(pk__in=called).values_list("pk", "name"))
    return _by_node(told, people, names)


def _doubled(quarter: Period, nodes: Collection[int]) -> list[Doubled]:
    """Those of who sits on these territories in the quarter that sit on others as well."""
    seats = Seat.objects.overlapping(quarter.starts_on, quarter.stops_on)
    rows = list(seats.filter(user__in=seats.filter(territory__in=nodes).values("user")))
    theirs: dict[int, list[Seat]] = defaultdict(list)
    for seat in rows:
        theirs[seat.user_id].append(seat)
    found = []
    for person, place in last_places(quarter, rows).items():
        here = [seat for seat in theirs[person] if (seat.territory_id, seat.kind) == (place.node, place.kind)]
        as_here = _standings(quarter, here)
        others = [seat for seat in theirs[person] if _standings(quarter, [seat]) & as_here]
        ids = sorted({seat.territory_id for seat in others} - {place.node})
        if ids:
            owns = all(seat.kind == Seat.Kind.OWNER for seat in others if seat.territory_id in ids)
            found.append(Doubled(person, place.node, ids, owns))
    return found


def _standings(quarter: Period, seats: Iterable[Seat]) -> set[tuple[bool, object]]:
    """As what and until when in the quarter: seats that are alike in this could each have the quota."""
    return {
        (seat.kind in Seat.LASTING, min(seat.span.stop, quarter.stops_on))
        for seat in seats
        if seat.kind != Seat.Kind.COVER
    }


def _by_node(
    told: Iterable[Doubled], people: Mapping[int, str], names: Mapping[int, str]
) -> dict[int, list[str]]:
    notes: dict[int, list[str]] = defaultdict(list)
    for one in sorted(told, key=lambda one: people[one.person]):
        words = {"person": people[one.person], "places": some_of(names[pk] for pk in one.others)}
        whose = _("quota of %(person)s, who also owns %(places)s")
        if not one.owns:
            whose = _("quota of %(person)s, who also sits on %(places)s")
        notes[one.node].append(whose % words)
        there = _("the quota of %(person)s counts in %(place)s")
        for other in one.others:
            notes[other].append(there % {"person": people[one.person], "place": names[one.node]})
    return dict(notes)
