"""Quotas of people who sit on several territories, and of those who follow each other on one: whose stands where."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from django.utils.translation import gettext as _

from accounts.selectors.placing import some_of
from common.locale import format_date, format_money
from common.models import Period
from common.selectors import the_organisation
from common.transaction import widened
from quotas import rollup
from quotas.models import Publication
from quotas.selectors.plan import Place, last_places, quotas_of
from territories.models import Seat, Territory, User


class Doubled(NamedTuple):
    """A person whose quota counts on `node`, and the other territories where they sit as well and as long.

    `owns`: they own all of these. `since`: where they sit only from a day within the quarter on.
    """

    person: int
    node: int
    others: list[int]
    owns: bool
    since: Mapping[int, date]


def quota_notes(
    quarter: Period, nodes: Collection[int], family_id: int | None = None
) -> dict[int, list[str]]:
    """By territory, of the given ones, whose quota stands there that is for others too, or whose stands elsewhere.

    A quota belongs to its person: it is not cut into parts for their territories. Where a seat changes hands within the
    quarter the quotas of both stand there: they are named with their days and amounts, as is the day of a seat that
    begins within it. Nobody is named whose quota the reader does not read. While seats or quotas changed since the
    figures were rolled up, that is said with each.
    """
    seats = Seat.objects.overlapping(quarter.starts_on, quarter.stops_on)
    rows = list(seats.filter(user__in=seats.filter(territory__in=nodes).values("user")))
    placed = last_places(quarter, rows)
    doubled, following = _doubled(quarter, rows, placed), _following(quarter, rows, placed, nodes)
    if not doubled and not following:
        return {}
    whose = {one.person for one in doubled} | {seat.user_id for there in following.values() for seat in there}
    asked = quotas_of([quarter], whose)[quarter.pk]
    amounts = {pk: one.amount(family_id, "assigned", "own") for (_what, pk), one in asked.items()}
    known = {pk: amount for pk, amount in amounts.items() if amount is not None}
    told = [one for one in doubled if one.person in known]
    people = dict(User.objects.filter(pk__in=known).values_list("pk", "name"))
    called = {pk for one in told for pk in (one.node, *one.others)}
    names = dict(Territory.objects.filter(pk__in=called).values_list("pk", "name"))
    shares = {
        node: [
            _share(quarter, seat, people[seat.user_id], known[seat.user_id])
            for seat in there
            if seat.user_id in known
        ]
        for node, there in following.items()
    }
    notes = _by_node(told, people, names, {node: parts for node, parts in shares.items() if parts})
    if notes and _is_behind():
        return {node: [*some, _("counts from the next roll-up")] for node, some in notes.items()}
    return notes


def _is_behind() -> bool:
    """Whether tree, seats or quotas changed since the figures were rolled up."""
    standing = Publication.objects.first()
    with widened("quota"):
        return standing is None or rollup.plan_mark() != standing.plan_mark


def shared_places(quarter: Period) -> list[int]:
    """The territories without an attainment of their own: a quota there is for others too, or stands elsewhere."""
    rows = list(Seat.objects.overlapping(quarter.starts_on, quarter.stops_on))
    asked = quotas_of([quarter])[quarter.pk]
    doubled = _doubled(quarter, rows, last_places(quarter, rows))
    return sorted(
        {pk for one in doubled if ("person", one.person) in asked for pk in (one.node, *one.others)}
    )


def _following(
    quarter: Period, seats: Sequence[Seat], placed: Mapping[int, Place], nodes: Collection[int]
) -> dict[int, list[Seat]]:
    """By territory, of the given ones, whose quotas stand there where one follows another: their last seats, by day."""
    last: dict[int, dict[int, Seat]] = defaultdict(dict)
    for seat in sorted(seats, key=lambda seat: (seat.starts_on, seat.pk)):
        if placed[seat.user_id] == Place(seat.territory_id, seat.kind) and seat.territory_id in nodes:
            last[seat.territory_id][seat.user_id] = seat
    return {
        node: list(there.values())
        for node, there in last.items()
        if len(there) > 1 and any(seat.starts_on > quarter.starts_on for seat in there.values())
    }


def _share(quarter: Period, seat: Seat, name: str, amount: int) -> str:
    """Whose part of a territory's quota it is, and from or until when within the quarter they sit there."""
    words = {"person": name, "amount": format_money(amount, the_organisation().reporting_currency)}
    if seat.stops_on and seat.stops_on < quarter.stops_on:
        words["day"] = format_date(seat.stops_on)
        return _("%(amount)s of %(person)s, there until %(day)s") % words
    if seat.starts_on > quarter.starts_on:
        words["day"] = format_date(seat.starts_on)
        return _("%(amount)s of %(person)s, there from %(day)s on") % words
    return _("%(amount)s of %(person)s") % words


def _doubled(quarter: Period, rows: Sequence[Seat], placed: Mapping[int, Place]) -> list[Doubled]:
    """Those of who sits somewhere in the quarter that sit on other territories as well."""
    theirs: dict[int, list[Seat]] = defaultdict(list)
    for seat in rows:
        theirs[seat.user_id].append(seat)
    found = []
    for person, place in placed.items():
        here = [seat for seat in theirs[person] if (seat.territory_id, seat.kind) == (place.node, place.kind)]
        as_here = _standings(quarter, here)
        others = [seat for seat in theirs[person] if _standings(quarter, [seat]) & as_here]
        ids = sorted({seat.territory_id for seat in others} - {place.node})
        if ids:
            owns = all(seat.kind == Seat.Kind.OWNER for seat in others if seat.territory_id in ids)
            found.append(Doubled(person, place.node, ids, owns, _since(quarter, theirs[person])))
    return found


def _since(quarter: Period, seats: Iterable[Seat]) -> dict[int, date]:
    """By territory the first day of these seats there, where it lies within the quarter."""
    first: dict[int, date] = {}
    for seat in seats:
        first[seat.territory_id] = min(seat.starts_on, first.get(seat.territory_id, seat.starts_on))
    return {node: day for node, day in first.items() if day > quarter.starts_on}


def _standings(quarter: Period, seats: Iterable[Seat]) -> set[tuple[bool, object]]:
    """As what and until when in the quarter: seats that are alike in this could each have the quota."""
    return {
        (seat.kind in Seat.LASTING, min(seat.span.stop, quarter.stops_on))
        for seat in seats
        if seat.kind != Seat.Kind.COVER
    }


def _by_node(
    told: Iterable[Doubled],
    people: Mapping[int, str],
    names: Mapping[int, str],
    shares: Mapping[int, list[str]],
) -> dict[int, list[str]]:
    notes: dict[int, list[str]] = defaultdict(list)
    together = _("counts at the end of the quarter: %(shares)s")
    for node, parts in shares.items():
        notes[node].append(together % {"shares": "; ".join(parts)})
    for one in sorted(told, key=lambda one: people[one.person]):
        words = {"person": people[one.person], "places": some_of(_place(one, pk, names) for pk in one.others)}
        whose = _("quota of %(person)s, who also owns %(places)s")
        if one.node in shares:
            whose = _("that of %(person)s is for %(places)s too")
        elif not one.owns:
            whose = _("quota of %(person)s, who also sits on %(places)s")
        notes[one.node].append(whose % words)
        for other in one.others:
            words = {"person": people[one.person], "place": names[one.node]}
            there = _("the quota of %(person)s counts in %(place)s")
            if begins := one.since.get(other):
                there = _("the quota of %(person)s, who is here from %(day)s on, counts in %(place)s")
            elif begins := one.since.get(one.node):
                there = _("the quota of %(person)s counts in %(place)s, where they are from %(day)s on")
            notes[other].append(there % {**words, "day": format_date(begins)})
    return dict(notes)


def _place(one: Doubled, node: int, names: Mapping[int, str]) -> str:
    """The name of a territory of theirs, with the day from which on they are there where the quarter began before."""
    if node not in one.since:
        return names[node]
    return _("%(place)s (from %(day)s on)") % {"place": names[node], "day": format_date(one.since[node])}
