"""What was booked in every measure and at every rate, by the nodes below one and the people on it, out of the ledger.

By seat, as sold or as organised now, by both clocks. The cells of attainment know order intake alone, which every page
needs; the other measures are summed when somebody asks for them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db import connection

from common.access import Reach
from common.calendars import Span
from common.errors import NotInReach
from common.models import Rate
from common.money import round_half_away
from common.transaction import widened
from orders.rules import YEAR
from orders.selectors.credits import CreditFilter
from orders.selectors.organised import credit_tree_now
from pipeline.selectors.opportunities import factors
from quotas.selectors.measures_now import customers_of, sums_now
from quotas.selectors.question import Question
from quotas.selectors.since import Since
from quotas.selectors.team import node_since, team_since
from territories.models import Edge, Territory, User
from territories.selectors.tree import KNOWN, STANDING

# By territory one after the other: so the index by seat and day is used. `branch`: the node whose row it is, none for
# what was sold on the shown node itself.
SUBTREE = """
WITH RECURSIVE subtree(branch, node, starts_on, stops_on) AS (
    SELECT CASE WHEN %(is_open)s THEN NULL ELSE node END, node,
           greatest(e.starts_on, %(start)s::date), least(e.stops_on, %(stop)s::date)
    FROM unnest(%(nodes)s::bigint[]) node
    LEFT JOIN territories_edge e
        ON %(is_root)s AND e.child_id = node AND e.parent_id IS NULL AND {standing}
    UNION ALL
    SELECT coalesce(s.branch, e.child_id), e.child_id, greatest(e.starts_on, s.starts_on),
           least(coalesce(e.stops_on, 'infinity'::date), s.stops_on)
    FROM subtree s JOIN territories_edge e ON e.parent_id = s.node AND {standing}
        AND e.starts_on < s.stops_on AND coalesce(e.stops_on, 'infinity'::date) > s.starts_on
)
"""
SUMS = """{subtree}, rate AS (
    SELECT * FROM unnest(%(currencies)s::text[], %(factors)s::numeric[]) rate(currency, factor)
)
SELECT s.branch, sold.person_id, sold.currency, sum(intake)::bigint, sum(tcv)::bigint, sum(acv)::bigint,
       sum(arr)::bigint, sum(units)::bigint, sum(new)::bigint, sum(booked)::bigint, sum(today)::bigint
FROM subtree s CROSS JOIN LATERAL (
    SELECT CASE WHEN s.branch IS NULL THEN c.person_id END AS person_id, c.currency, sum(c.plan_minor) AS intake,
           sum(c.tcv_minor) AS tcv, sum(c.acv_minor) AS acv, sum(c.arr_minor) AS arr, sum(c.units) AS units,
           coalesce(sum(c.plan_minor) FILTER (WHERE c.is_new_business), 0) AS new, sum(c.booked_minor) AS booked,
           sum(round(c.amount_minor * r.factor)) AS today
    FROM orders_credit c LEFT JOIN rate r ON r.currency = c.currency
    WHERE c.seat_id = s.node AND c.booked_on >= s.starts_on AND c.booked_on < s.stops_on AND c.kind <> 'overlay'
      AND c.booked_on <= %(valid)s::date AND c.ledger_seq <= %(seq)s
      AND (%(family)s::bigint IS NULL OR c.family_id = %(family)s::bigint)
    GROUP BY 1, 2
) sold
GROUP BY 1, 2, 3
"""
Places = dict[int, tuple[Span, ...]]
"""Nodes, each with its days there."""


@dataclass(frozen=True)
class Sums:
    """What was booked: amounts in plan money, but `booked` and `current`, which are at those rates; and units.

    `current` is without the currencies that lack a rate today, which are `unrated`.
    """

    intake: int = 0
    tcv: int = 0
    acv: int = 0
    arr: int = 0
    units: int = 0
    new: int = 0
    booked: int = 0
    current: int = 0
    unrated: frozenset[str] = frozenset()

    def __add__(self, other: "Sums") -> "Sums":
        names = [one.name for one in fields(self) if one.name != "unrated"]
        sums = {name: getattr(self, name) + getattr(other, name) for name in names}
        return Sums(**sums, unrated=self.unrated | other.unrated)

    @property
    def existing(self) -> int:
        """With existing customers."""
        return self.intake - self.new

    @property
    def mrr(self) -> int:
        return round_half_away(Fraction(self.arr, YEAR))

    @property
    def effect(self) -> int:
        """What exchange rates made of it on the booking dates."""
        return self.booked - self.intake


Found = dict[tuple[int | None, int | None], Sums]
"""Of the node below that has them, else of the person who sold on the shown node itself."""


@dataclass(frozen=True)
class MeasuredRow:
    """A node below the shown one, or a person on it, with what was booked there and the credits behind it.

    One without a name is what counts there of territories that the reader leads no more; as organised now, what people
    who sit there today sold outside of the reader's reach.
    """

    name: str
    sums: Sums
    credits: CreditFilter | None = None
    node_id: int | None = None
    person_id: int | None = None


@dataclass(frozen=True)
class Measured:
    """The rows of one node, or of the top of what the reader leads (`node` None), and what they come to.

    `credits` make the total; None where several teams make it. `customers`: how many new ones ordered, and existing.
    """

    node: Territory | None
    rows: list[MeasuredRow]
    total: Sums
    credits: CreditFilter | None
    customers: tuple[int, int]
    above: list[Territory] = field(default_factory=list)


def measured(mine: Reach, question: Question, node_id: int | None = None) -> Measured:
    """What was booked below and on one node. Raises NotInReach for one that the reader does not lead."""
    reads_all = "org" in mine.relations("node_cell")
    if node_id and not (reads_all or node_id in mine.territories):
        raise NotInReach()
    tops: Places = {node_id: (question.span,)} if node_id else _tops(mine, question, reads_all=reads_all)
    if len(tops) == 1:
        [node_id] = tops
    node = Territory.objects.filter(pk=node_id or 0).first()
    if node_id and node is None:
        raise NotInReach()
    below = _below(node_id, question) if node_id else tops
    below = {pk: days for pk, days in below.items() if reads_all or pk in mine.territories}
    whole = replace(question.credits, node_id=node_id)
    behind = [whole] if node_id or reads_all else [replace(whole, node_id=top) for top in tops]
    rates = factors(Rate.Kind.CURRENT, question.rated_on, question.as_of.known_at)
    if question.is_now:
        found = _added(sums_now(mine, question, behind, below, rates), rates)
    else:
        asked = _asked(sorted(tops), question, is_open=node is not None, is_root=reads_all)
        found = _sums(asked, rates, question.beyond)
    rows = [*_nodes(below, found, question), *_people(node_id, found, question), *_moved(below, found)]
    return Measured(
        node,
        rows,
        sum((row.sums for row in rows), Sums()),
        whole if node_id or reads_all else None,
        customers_of(behind, question.beyond),
        _above(mine, node_id, question.on, reads_all=reads_all) if node_id else [],
    )


def measured_since(mine: Reach, question: Question, shown: Measured) -> Since | None:
    """What explains the difference of its total and today's; None where it is of what is known now."""
    if shown.node:
        return node_since(mine, question, shown.node.pk)
    return team_since(mine, question, [row.node_id for row in shown.rows if row.node_id])


def _tops(mine: Reach, question: Question, *, reads_all: bool) -> Places:
    """Who reads everything begins at the roots, others at what they lead today."""
    if reads_all:
        return _below(None, question)
    led = mine.territories
    below = Edge.objects.on(question.on).filter(child__in=led, parent__in=led)
    tops = led.difference(below.values_list("child_id", flat=True))
    return dict.fromkeys(sorted(tops), (question.span,))


def _below(node_id: int | None, question: Question) -> Places:
    """The nodes that were directly below one, or at the top, each with its days there; or that are today."""
    span, found = question.span, Places()
    if question.is_now:
        return dict.fromkeys(credit_tree_now().children.get(node_id, ()), (span,))
    edges = Edge.objects.known(question.as_of.known_at).touching(span.start, span.stop)
    for edge in edges.filter(parent=node_id).order_by("child_id", "starts_on"):
        shared = edge.span.shared(span)
        found[edge.child_id] = (*found.get(edge.child_id, ()), *filter(None, [shared]))
    return found


def _asked(nodes: Sequence[int], question: Question, *, is_open: bool, is_root: bool) -> dict[str, Any]:
    """What the statement asks: below which nodes, when and of what, as known when."""
    as_of = question.as_of
    return {
        "nodes": list(nodes),
        "is_open": is_open,
        "is_root": is_root and not is_open,
        "start": question.span.start,
        "stop": question.span.stop,
        "valid": as_of.valid_on or date.max,
        "seq": as_of.last_seq,
        "known": as_of.known_at,
        "family": question.family_id,
    }


def _sums(asked: dict[str, Any], rates: Mapping[str, Decimal], beyond: Sequence[str]) -> Found:
    """What was booked as sold, by the node below or by the person on the shown node itself."""
    subtree = SUBTREE.format(standing=KNOWN if asked["known"] else STANDING)
    values: dict[str, Any] = {"currencies": list(rates), "factors": list(rates.values())}
    # Of the nodes that they lead readers have all that was sold there, also by who has left it since.
    with widened(*beyond), connection.cursor() as cursor:
        cursor.execute(SUMS.format(subtree=subtree), {**asked, **values})
        return _added(cursor.fetchall(), rates)


def _added(rows: Iterable[Sequence[Any]], rates: Mapping[str, Decimal]) -> Found:
    """Rows of branch, person, currency and the sums in their order, added up over the currencies."""
    found: Found = defaultdict(Sums)
    for branch, person, currency, *sums in rows:
        unrated = frozenset[str]() if currency in rates else frozenset({currency})
        known: list[Any] = [*(int(one or 0) for one in sums), unrated]
        found[branch, person] += Sums(*known)
    return found


def _nodes(places: Places, found: Found, question: Question) -> list[MeasuredRow]:
    """A row for each node that was there, also where nothing was booked."""
    names = dict(Territory.objects.filter(pk__in=places).values_list("pk", "name"))
    rows = [
        MeasuredRow(
            names[pk],
            found.get((pk, None), Sums()),
            replace(question.credits, node_id=pk, days=days),
            node_id=pk,
        )
        for pk, days in places.items()
    ]
    return sorted(rows, key=_order)


def _people(node_id: int | None, found: Found, question: Question) -> list[MeasuredRow]:
    """A row for each person who sold on the shown node itself."""
    sums = {person: one for (branch, person), one in found.items() if branch is None and person}
    names = dict(User.objects.filter(pk__in=sums).values_list("pk", "name"))
    whole = replace(question.credits, node_id=node_id, is_alone=True)
    rows = [
        MeasuredRow(names[person], one, replace(whole, person_id=person), person_id=person)
        for person, one in sums.items()
    ]
    return sorted(rows, key=_order)


def _moved(places: Places, found: Found) -> list[MeasuredRow]:
    """What was sold below the shown node in none of these places, without the name of where."""
    rest = [one for (branch, _person), one in found.items() if branch and branch not in places]
    total = sum(rest, Sums())
    return [MeasuredRow("", total)] if total != Sums() else []


def _order(row: MeasuredRow) -> tuple[int, str]:
    return -row.sums.intake, row.name.casefold()


def _above(mine: Reach, node_id: int, on: date, *, reads_all: bool) -> list[Territory]:
    """The nodes above one today that the reader may open, the highest first."""
    found: list[Territory] = []
    below: int | None = node_id
    while below:
        edge = Edge.objects.on(on).filter(child=below).select_related("parent").first()
        above = edge.parent if edge else None
        below = None
        if above and (reads_all or above.pk in mine.territories):
            found.insert(0, above)
            below = above.pk
    return found
