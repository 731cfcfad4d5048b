"""The territories and people that fields offer to choose from."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from common.calendars import Span
from common.locale import format_date
from common.offers import Choices, Offer, Option
from common.selectors import today
from common.transaction import reach
from territories import rules
from territories.models import Edge, Naming, Territory, User
from territories.selectors.tree import named_on, subtree_within

ABOVE = " › "
CLIMB = """
WITH RECURSIVE up(leaf, node, parent, level) AS (
    SELECT e.child_id, e.child_id, e.parent_id, 0 FROM territories_edge e
    WHERE e.child_id = ANY(%(nodes)s) AND e.superseded_at IS NULL
      AND e.starts_on <= %(day)s AND coalesce(e.stops_on, 'infinity'::date) > %(day)s
    UNION ALL
    SELECT up.leaf, e.child_id, e.parent_id, level + 1
    FROM up JOIN territories_edge e ON e.child_id = up.parent AND e.superseded_at IS NULL
      AND e.starts_on <= %(day)s AND coalesce(e.stops_on, 'infinity'::date) > %(day)s
)
SELECT up.leaf, array_agg(coalesce(n.name, t.name) ORDER BY up.level DESC)
FROM up JOIN territories_territory t ON t.id = up.node
LEFT JOIN territories_naming n ON n.territory_id = t.id AND n.superseded_at IS NULL
  AND n.starts_on <= %(day)s AND coalesce(n.stops_on, 'infinity'::date) > %(day)s
GROUP BY up.leaf
"""


def paths_to(nodes: Collection[int], day: date) -> dict[int, list[str]]:
    """The names from the root down to each of these territories in the tree of that day, as known now.

    A territory that hangs nowhere on that day has none.
    """
    with connection.cursor() as cursor:
        cursor.execute(CLIMB, {"nodes": list(nodes), "day": day})
        return dict(cursor.fetchall())


@dataclass(frozen=True)
class Territories(Offer):
    """The territories in today's tree, and those that join it later, each with the names of those above it; with a day
    (`on`) those of the tree of that day.

    They are found by name, code and a name that they once had.
    """

    page = "territory_suggest"
    name = "called"
    kind: ClassVar[str] = ""
    on: date | None = None

    @property
    def asks(self) -> Mapping[str, Any]:
        return {"as": self.kind, "on": self.on.isoformat() if self.on else ""}

    @property
    def day(self) -> date:
        """The day of whose tree they are."""
        return self.on or today()

    def rows(self) -> QuerySet[Any]:
        rows, places = self.taken(), Edge.objects.current().filter(child=OuterRef("pk"))
        if self.lasts:
            rows = rows.filter(Exists(places.filter(stops_on=None)))
        return rows.filter(Exists(Edge.objects.on(self.on).filter(child=OuterRef("pk")))) if self.on else rows

    @property
    def lasts(self) -> bool:
        """Whether what is put there stays: one that is to leave the tree is then not offered."""
        return False

    def taken(self) -> QuerySet[Any]:
        return self.dated(named_on(self.day).filter(Exists(self.coming())))

    def coming(self) -> QuerySet[Edge]:
        """Where a territory lies on the day, and will."""
        rows: QuerySet[Edge] = Edge.objects.overlapping(self.day, None).filter(child=OuterRef("pk"))
        return rows

    def dated(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Territories with the day from which on they are in the tree (`begins`)."""
        first = self.coming().order_by("starts_on").values("starts_on")
        dated: QuerySet[Any] = rows.annotate(begins=Subquery(first[:1]))
        return dated

    def matching(self, text: str) -> Q:
        former = Naming.objects.current().filter(starts_on__lte=self.day, name__icontains=text)
        return Q(called__icontains=text) | Q(code__icontains=text) | Q(pk__in=former.values("territory_id"))

    def called(self, text: str) -> Q:
        return Q(called__iexact=text) | Q(code__iexact=text)

    def options(self, rows: Iterable[Any], text: str = "") -> list[Option]:
        rows = list(rows)
        paths = paths_to([row.pk for row in rows], self.day) if rows else {}
        return [Option(str(row.pk), row.called, _about(row, paths), _note(row, text)) for row in rows]

    def listed(self, rows: Sequence[Any]) -> Choices:
        """In the order of the tree, each as far in as it lies deep; what joins later stands last."""
        paths = paths_to([row.pk for row in rows], self.day) if rows else {}
        placed = sorted((row for row in rows if row.pk in paths), key=lambda row: _place(paths[row.pk]))
        later = sorted((row for row in rows if row.pk not in paths), key=lambda row: (row.begins, row.called))
        label = _("%(name)s, %(begins)s")
        return [
            *((str(row.pk), "\u2003" * (len(paths[row.pk]) - 1) + row.called) for row in placed),
            *((str(row.pk), label % {"name": row.called, "begins": _about(row, paths)}) for row in later),
        ]


def _about(row: Any, paths: dict[int, list[str]]) -> str:
    """What a territory lies below; of one that lies nowhere yet, from when on it does; of one that is gone, that."""
    if path := paths.get(row.pk):
        return ABOVE.join(path[:-1])
    return _("from %(day)s on") % {"day": format_date(row.begins)} if row.begins else _("retired")


def _note(row: Any, text: str) -> str:
    """By what else than its name a territory was found."""
    if text.casefold() in row.called.casefold():
        return ""
    return str(row.code) if text.casefold() in row.code.casefold() else _("once called so")


def _place(path: list[str]) -> list[str]:
    return [name.casefold() for name in path]


@dataclass(frozen=True)
class Nodes(Territories):
    """The territories that were made, all but *Unassigned*; with one named (`under`), those below which it may be hung:
    of a type that comes before its own, and not what lies below it on that day or later.
    """

    kind = "node"
    under: int | None = None

    @property
    def asks(self) -> Mapping[str, Any]:
        return {**super().asks, "under": self.under}

    def rows(self) -> QuerySet[Any]:
        rows = super().rows().filter(is_unassigned=False)
        node = Territory.objects.filter(pk=self.under).first() if self.under else None
        if node is None:
            return rows
        parts = subtree_within(node.pk, Span(self.day, date.max))
        below = {pk for _span, nodes in parts for pk in nodes} | {node.pk}
        return rows.exclude(pk__in=below).filter(self.fitting(node))

    @property
    def lasts(self) -> bool:
        return self.under is not None

    def fitting(self, node: Territory) -> Q:
        """Of which type it has to be."""
        return Q(kind__in=rules.kinds_above(node.kind))


@dataclass(frozen=True)
class Heirs(Nodes):
    """The territories that may have from a day on what another one (`under`) has: overlays what overlays have."""

    kind = "heir"

    def fitting(self, node: Territory) -> Q:
        overlays = Q(kind=rules.OVERLAY)
        return overlays if node.kind == rules.OVERLAY else ~overlays


@dataclass(frozen=True)
class Led(Territories):
    """The territories that the reader leads, with all below them; all of them for who reads every opportunity."""

    kind = "led"

    def rows(self) -> QuerySet[Any]:
        mine = reach()
        is_everything = "org" in mine.relations("opportunity")
        return super().rows() if is_everything else super().rows().filter(pk__in=mine.territories)


OFFERED: dict[str, type[Territories]] = {one.kind: one for one in (Territories, Nodes, Heirs, Led)}
"""The offers of territories by the word with which their address asks for them."""


@dataclass(frozen=True)
class People(Offer):
    """The people who are here, and on demand those who left, but for one.

    Two of one name are told apart by their address.
    """

    page = "person_suggest"
    but: int | None = None
    with_left: bool = False

    @property
    def asks(self) -> Mapping[str, Any]:
        return {"but": self.but, "left": "1" if self.with_left else ""}

    def rows(self) -> QuerySet[Any]:
        rows = User.objects.all() if self.with_left else User.objects.filter(is_active=True)
        return self.told_apart(rows.exclude(pk=self.but) if self.but else rows)

    def told_apart(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """People with whether somebody else is called so, too (`has_namesake`)."""
        alike = User.objects.annotate(alike=Lower("name")).filter(alike=Lower(OuterRef("name")))
        told: QuerySet[Any] = rows.annotate(has_namesake=Exists(alike.exclude(pk=OuterRef("pk"))))
        return told

    def matching(self, text: str) -> Q:
        return Q(name__icontains=text) | Q(email__icontains=text)

    def called(self, text: str) -> Q:
        return Q(name__iexact=text) | Q(email__iexact=text)

    def options(self, rows: Iterable[Any], text: str = "") -> list[Option]:
        return [Option(str(row.pk), row.name, row.email if row.has_namesake else "") for row in rows]
