"""Attainment as it was known at an instant: out of the ledger and of the versions of tree, seats and quotas."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Value, When

from common.calendars import Span
from common.dated import Dated, DatedQuerySet
from common.models import Period
from common.transaction import widened
from orders.models import Basis, Credit
from orders.selectors.known import AsOf
from quotas.models import Quota
from quotas.rules import RolledUp, roll_up_quotas
from quotas.selectors.awaited import Hung
from quotas.selectors.intake import summed
from quotas.selectors.organised import TableNow
from quotas.selectors.plan import asked_by, hung_quotas, last_places
from quotas.selectors.table import Days, LeafSums, NodeSums, Table
from territories.models import Edge, Seat
from territories.selectors import subtree_within, unassigned
from territories.selectors.tree import KNOWN, STANDING

# By territory one after the other: so the index by place and day is used, however many the planner expects. What hangs
# below several of the nodes is read once.
NODE_SUMS = """
WITH RECURSIVE subtree(top, above, node, starts_on, stops_on) AS (
    SELECT e.child_id, e.parent_id, e.child_id, greatest(e.starts_on, %(start)s::date),
           least(coalesce(e.stops_on, 'infinity'::date), %(stop)s::date)
    FROM territories_edge e
    WHERE e.child_id = ANY(%(nodes)s::bigint[]) AND {standing}
      AND e.starts_on < %(stop)s::date AND coalesce(e.stops_on, 'infinity'::date) > %(start)s::date
    UNION ALL
    SELECT s.top, s.above, e.child_id, greatest(e.starts_on, s.starts_on),
           least(coalesce(e.stops_on, 'infinity'::date), s.stops_on)
    FROM subtree s JOIN territories_edge e ON e.parent_id = s.node AND {standing}
        AND e.starts_on < s.stops_on AND coalesce(e.stops_on, 'infinity'::date) > s.starts_on
), sold AS MATERIALIZED (
    SELECT part.*, counted.*
    FROM (SELECT DISTINCT node, starts_on, stops_on FROM subtree) part CROSS JOIN LATERAL (
        SELECT width_bucket(c.booked_on, %(stops)s::date[]) AS place, sum(c.plan_minor) AS minor
        FROM orders_credit c
        WHERE c.{basis}_id = part.node AND c.booked_on >= part.starts_on AND c.booked_on < part.stops_on
          AND c.booked_on <= %(valid)s::date AND c.ledger_seq <= %(seq)s AND c.kind <> 'overlay'
          AND (%(family)s::bigint IS NULL OR c.family_id = %(family)s::bigint)
        GROUP BY 1
    ) counted
)
SELECT s.top, s.above, sold.place, sum(sold.minor)::bigint
FROM subtree s JOIN sold USING (node, starts_on, stops_on)
GROUP BY 1, 2, 3
"""


def node_sums(
    nodes: Collection[int],
    quarters: Sequence[Period],
    as_of: AsOf,
    basis: str,
    family_id: int | None,
    beyond: Sequence[str] = (),
) -> NodeSums:
    """What these nodes and all below them sold, as sold: by the node above on those days, and by quarter.

    Of what is in reach and, for nodes that the reader leads, of what is `beyond` it: what was sold before a territory
    left them, too.
    """
    asked: dict[str, Any] = {
        "nodes": list(nodes),
        "start": quarters[0].starts_on,
        "stop": quarters[-1].stops_on,
        "stops": [quarter.stops_on for quarter in quarters],
        "valid": as_of.valid_on or date.max,
        "seq": as_of.last_seq,
        "known": as_of.known_at,
        "family": family_id,
    }
    found: NodeSums = defaultdict(list)
    query = NODE_SUMS.format(standing=KNOWN if as_of.known else STANDING, basis=Basis(basis).value)
    with widened(*beyond), connection.cursor() as cursor:
        cursor.execute(query, asked)
        for top, above, place, minor in cursor.fetchall():
            found[top].append((above, place, minor))
    return found


class PlanBook:
    """The versions of tree, seats and quotas that say something of some quarters, as known at any instant from `since`
    on: of all territories, or of `nodes`, with whoever sits there.
    """

    def __init__(
        self, quarters: Sequence[Period], since: datetime | None, nodes: Collection[int] | None = None
    ) -> None:
        self.quarters, self.since = quarters, since
        start, stop = quarters[0].starts_on, quarters[-1].stops_on
        edges = self._from(Edge.objects.touching(start, stop))
        seats = self._from(Seat.objects.touching(start, stop))
        quotas = self._from(Quota.objects.filter(period__in=quarters, measure=Credit.Measure.ORDER_INTAKE))
        if nodes is not None:
            people = set(seats.filter(territory__in=nodes).values_list("user_id", flat=True))
            seats = seats.filter(user__in=people)
            edges = edges.filter(Q(child__in=nodes) | Exists(seats.filter(territory=OuterRef("child"))))
            quotas = quotas.filter(Q(person__in=people) | Q(territory__in=nodes))
        self.edges, self.seats = list(edges), list(seats)
        # Of everybody below: the sum is the leader's to know, who of them is asked what is not told here.
        with widened("quota"):
            self.quotas = list(quotas)

    def _from(self, rows: DatedQuerySet) -> DatedQuerySet:
        """The versions that stood at the instant `since` or were recorded later."""
        return (
            rows.filter(Q(superseded_at=None) | Q(superseded_at__gt=self.since))
            if self.since
            else rows.current()
        )

    def rolled(self, quarter: Period, family_id: int | None, at: datetime | None) -> dict[int, RolledUp]:
        """What each node is asked for in a quarter, as known at that instant, or now."""
        asked = asked_by(row for row in self.quotas if row.period_id == quarter.pk and stood(row, at))
        if quarter.pk not in asked:
            return {}
        parents = self.parents(quarter.last_day, at)
        seats = (row for row in self.seats if row.territory_id in parents and stood(row, at))
        nodes = hung_quotas(parents, asked[quarter.pk], last_places(quarter, seats), family_id)
        return roll_up_quotas(nodes)

    def parents(self, day: date, at: datetime | None) -> dict[int, int | None]:
        """The tree of a day, as known at that instant."""
        return {row.child_id: row.parent_id for row in self.edges if row.holds_on(day) and stood(row, at)}


def stood(row: Dated, at: datetime | None) -> bool:
    """Whether that was known at the instant; None: now."""
    if at is None:
        return row.superseded_at is None
    return row.recorded_at <= at and (row.superseded_at is None or row.superseded_at > at)


def below_tops(
    tops: Collection[int], quarters: Sequence[Period], *instants: datetime | None
) -> set[int] | None:
    """What lies below these nodes at the ends of the quarters, as known at any of the instants; None for a company,
    whose *Unassigned* has what belongs to nobody.
    """
    days = [Span(quarter.last_day, quarter.stops_on) for quarter in quarters]
    nodes = {
        node
        for top in tops
        for day in days
        for at in {*instants}
        for _span, below in subtree_within(top, day, at)
        for node in below
    }
    return None if unassigned().pk in nodes else nodes


def counting(span: Span, as_of: AsOf, family_id: int | None = None) -> QuerySet[Any]:
    """The credits of these days that count as order intake."""
    rows = as_of.narrow(Credit.objects.intake()).filter(booked_on__gte=span.start, booked_on__lt=span.stop)
    return rows.filter(family_id=family_id) if family_id else rows


def people_known(people: Collection[int], span: Span, as_of: AsOf) -> dict[int, int]:
    """Several people's order intake of these days, as far as the reader may see it."""
    rows = counting(span, as_of).filter(person__in=people)
    return dict.fromkeys(people, 0) | dict(summed(rows, "plan_minor", "person_id"))


def monthly_known(person_id: int, months: Sequence[Period], as_of: AsOf) -> dict[date, int]:
    """A person's order intake in each of these months, earliest first, by their first days."""
    days = [month.starts_on for month in months]
    within = [
        When(booked_on__gte=month.starts_on, booked_on__lt=month.stops_on, then=Value(month.starts_on))
        for month in months
    ]
    rows = counting(Span(days[0], months[-1].stops_on), as_of).filter(person_id=person_id)
    parted = rows.annotate(month=Case(*within)).exclude(month=None)
    return dict.fromkeys(days, 0) | dict(summed(parted, "plan_minor", "month"))


class AsKnown(Table):
    """What both tables have in common where they are not of now: no cell says it, and what is not kept is not shown."""

    def _hang_waiting(self) -> list[Hung]:
        return []

    def _rolled(self) -> dict[tuple[int, int], RolledUp]:
        known = self.known_at
        nodes = None if self.reads_all else below_tops(self.tops, self.quarters, known)
        book, family = PlanBook(self.quarters, known, nodes), self.question.family_id
        return {
            (node, quarter.pk): rolled
            for quarter in self.quarters
            for node, rolled in book.rolled(quarter, family, known).items()
            if node in self.listed
        }

    def _quota_notes(self) -> Mapping[int, Sequence[str]]:
        return {}

    def _counting(self) -> QuerySet[Any]:
        return counting(self.span, self.question.as_of, self.question.family_id)


class TableKnown(AsKnown):
    """As sold, under the tree of each booking date as it was known."""

    def _load_intake(self) -> None:
        asked, basis = self.question, self.question.basis
        self.node_sums = node_sums(
            self.inner, self.quarters, asked.as_of, basis, asked.family_id, asked.beyond
        )
        self.leaf_sums = self._leaves()

    def _leaves(self) -> LeafSums:
        basis = self.question.basis
        found: LeafSums = defaultdict(list)
        rows = self._counting().filter(**{f"{basis}__in": self.listed})
        parted = rows.annotate(part=_step(self._cuts), column=self._column)
        for node, person, *rest in summed(parted, "plan_minor", f"{basis}_id", "person_id", "part", "column"):
            found[node].append((person, *rest))
        return found

    @cached_property
    def _cuts(self) -> list[date]:
        """The first days of the stretches within which no listed node changes its place."""
        placed = [days for below in (self.tops, *self.children.values()) for days in below.values()]
        ends = {day for days in placed for span in days for day in (span.start, span.stop)}
        return sorted({self.span.start, *(day for day in ends if day in self.span)})

    @property
    def _column(self) -> Case:
        """The place of a credit's quarter."""
        ended = enumerate(quarter.stops_on for quarter in self.quarters)
        return Case(*(When(booked_on__lt=day, then=Value(column)) for column, day in ended))

    def _of_days(self, node: int, days: Days) -> tuple[int, ...]:
        found: list[tuple[int, int]] = []
        for stretch in days:
            for span, nodes in subtree_within(node, stretch, self.known_at):
                rows = self._counting().filter(**{f"{self.question.basis}__in": nodes})
                rows = rows.filter(booked_on__gte=span.start, booked_on__lt=span.stop)
                found += summed(rows.annotate(column=self._column), "plan_minor", "column")
        return self._by_quarter(found)


class TableNowKnown(AsKnown, TableNow):
    """What was known of the ledger, under today's tree."""

    def _by_seat(self) -> list[tuple[Any, ...]]:
        with widened(*self.question.beyond):
            return list(self._summed(self._counting(), "booked_on", "plan_minor", "seat_id"))


def _step(days: Sequence[date]) -> Case:
    """The last of these days up to a credit's booking date."""
    return Case(*(When(booked_on__gte=day, then=Value(day)) for day in reversed(days)))
