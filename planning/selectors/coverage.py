"""Gaps and overlaps by day: what nobody holds, what two hold, and what that means for accounts."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from accounts.models import Account, AccountTerritory
from common.access import Reach
from common.calendars import Span
from common.locale import UNDEFINED, format_date, format_number, format_percent
from common.money import WHOLE_SHARE
from common.selectors import day_ends_at, today
from common.written import Cell
from territories import rules
from territories.models import Edge, Naming
from territories.selectors import (
    Gap,
    Node,
    doubled_within,
    gaps_within,
    overloaded_within,
    tree_on,
    unassigned,
)


@dataclass(frozen=True)
class Line:
    """A row of a report as it is exported; the page shows the same cells in the reader's style."""

    cells: Sequence[Cell]
    url: str = ""

    @property
    def texts(self) -> list[str]:
        return [_shown(cell) for cell in self.cells]


def _shown(cell: Cell) -> str:
    if isinstance(cell, date):
        return format_date(cell)
    return (cell or UNDEFINED) if isinstance(cell, str) else format_number(cell)


def _led(mine: Reach) -> frozenset[int] | None:
    """The territories that a reader is told about: those that they lead; None for all of them."""
    return None if "org" in mine.relations("account") else mine.territories


def vacancies(mine: Reach, window: Span) -> list[Gap]:
    """Where nobody sits in the window, on the days on which the territory is in the tree; for leads what they lead."""
    theirs = _led(mine)
    nodes = [node for node in _nodes_within(window) if theirs is None or node.territory.pk in theirs]
    away = _absent(window)
    return [
        replace(gap, span=span)
        for gap in gaps_within(nodes, window)
        for span in rules.gaps(away[gap.territory.pk], gap.span)
    ]


def _nodes_within(window: Span) -> list[Node]:
    """The tree of the first day of the window, and what joins it later, as it stands on its first day there."""
    nodes = tree_on(window.start)
    edges = Edge.objects.overlapping(window.start, window.stop)
    later = edges.exclude(child_id__in=[node.territory.pk for node in nodes]).select_related("child")
    first = {edge.child_id: edge for edge in later.order_by("-starts_on")}
    below: dict[int, list[Node]] = defaultdict(list)
    for edge in edges.filter(parent_id__in=first).select_related("child"):
        if edge.holds_on(first[edge.parent_id].starts_on):
            below[edge.parent_id].append(Node(edge.child))
    for name in Naming.objects.overlapping(window.start, window.stop).filter(territory_id__in=first):
        if name.holds_on(first[name.territory_id].starts_on):
            first[name.territory_id].child.name = name.name
    joining = sorted(
        first.values(), key=lambda edge: (edge.starts_on, edge.child.name.lower(), edge.child_id)
    )
    return [*nodes, *(Node(edge.child, children=below[edge.child_id]) for edge in joining)]


def _absent(window: Span) -> dict[int, list[Span]]:
    """The days of the window on which each territory is not part of the tree."""
    placed: dict[int, list[Span]] = defaultdict(list)
    for edge in Edge.objects.overlapping(window.start, window.stop):
        placed[edge.child_id].append(edge.span)
    absent = {pk: rules.gaps(spans, window) for pk, spans in placed.items()}
    return defaultdict(list, absent)


def vacancy_lines(gaps: Iterable[Gap]) -> list[Line]:
    """One line for each gap: where, which seat, which days, what is planned, who covers."""
    return [
        Line(
            [
                gap.territory.name,
                _("no lead") if gap.kind == "lead" else _("no owner"),
                gap.span.start,
                gap.span.last_day,
                _planned(gap),
                ", ".join(seat.user.name for seat in gap.covers),
            ],
            reverse("territory_detail", args=[gap.territory.pk]),
        )
        for gap in gaps
    ]


def _planned(gap: Gap) -> str:
    """When somebody is to come, as far as that is planned."""
    if gap.plan is None:
        return ""
    if gap.plan.stops_on is None:
        return _("no start planned")
    return _("starts on %(day)s") % {"day": format_date(gap.plan.stops_on)}


def unowned(mine: Reach, gaps: Sequence[Gap], window: Span) -> QuerySet[AccountTerritory]:
    """Where accounts in reach are in the window while nobody sits there, by the accounts' names."""
    lacking = Q(territory_id__in=[gap.territory.pk for gap in gaps if gap.span == window])
    for gap in gaps:
        if gap.span != window:
            before = Q(territory_id=gap.territory.pk, starts_on__lt=gap.span.stop)
            lacking |= before & (Q(stops_on=None) | Q(stops_on__gt=gap.span.start))
    rows = AccountTerritory.in_field().overlapping(window.start, window.stop).filter(lacking)
    seen: QuerySet[AccountTerritory] = (
        rows.filter(mine.q(AccountTerritory), account__merged_into=None)
        .select_related("account", "territory")
        .annotate(name_key=F("account__name_key"))
    )
    return seen


def unowned_lines(rows: Iterable[AccountTerritory], gaps: Sequence[Gap]) -> list[Line]:
    """One line for each account and each of its spans without anybody."""
    by_territory: dict[int, list[Gap]] = defaultdict(list)
    for gap in gaps:
        by_territory[gap.territory.pk].append(gap)
    return [
        Line(
            [
                row.account.name,
                row.account.number,
                row.territory.name,
                both.start,
                both.last_day,
                ", ".join(seat.user.name for seat in gap.covers),
            ],
            reverse("account_detail", args=[row.account_id]),
        )
        for row in rows
        for gap in by_territory[row.territory_id]
        if (both := gap.span.shared(row.span))
    ]


def in_unassigned(mine: Reach, day: date) -> QuerySet[Account]:
    """The accounts in reach that belong to nobody on that day, by name: in *Unassigned*, or in no territory."""
    rows = Account.objects.visible_to(mine).filter(merged_into=None)
    if day == today():
        return rows.filter(territory=unassigned())
    own = AccountTerritory.in_field().filter(account_id=OuterRef("pk"))
    is_known = Q(created_at__lt=day_ends_at(day)) | Exists(own.current().filter(starts_on__lte=day))
    return rows.filter(is_known, ~Exists(own.on(day).exclude(territory=unassigned())))


@dataclass(frozen=True)
class Kind:
    """How many accounts of one country and segment belong to nobody."""

    country: str
    segment: str
    count: int


def kinds_of(rows: QuerySet[Account]) -> list[Kind]:
    """These accounts by country and segment, the most first; they add up to all of them."""
    counted = rows.order_by().values_list("country", "segment").annotate(count=Count("pk"))
    return [Kind(*row) for row in counted.order_by("-count", "country", "segment")]


def unassigned_lines(rows: Iterable[Account]) -> list[Line]:
    """One line for each account that belongs to nobody."""
    return [
        Line(
            [row.name, row.number, row.country, row.segment, row.town, row.industry],
            reverse("account_detail", args=[row.pk]),
        )
        for row in rows
    ]


def people_lines(mine: Reach, window: Span) -> list[Line]:
    """Who owns two territories on one day, and whose seats take more than all of their time; for leads of their own."""
    theirs = _led(mine)

    def told(*territory_ids: int) -> bool:
        return theirs is None or bool(theirs & set(territory_ids))

    doubled = [
        Line(
            [
                pair.person.name,
                _("owns both"),
                f"{pair.first.name}, {pair.second.name}",
                both.start,
                both.last_day,
            ]
        )
        for pair in doubled_within(window)
        if told(pair.first.pk, pair.second.pk)
        and (both := Span(pair.starts_on, pair.stops_on or date.max).shared(window))
    ]
    loaded = [
        Line(
            [
                one.person.name,
                format_percent(one.share / WHOLE_SHARE, 0),
                ", ".join(dict.fromkeys(place.name for place in one.territories)),
                one.span.start,
                one.span.last_day,
            ]
        )
        for one in overloaded_within(window)
        if told(*(place.pk for place in one.territories))
    ]
    return [*doubled, *loaded]


@dataclass(frozen=True)
class Sheet:
    """One table of the report: its heads, its rows as they are read, and the lines that they make."""

    heads: Sequence[StrOrPromise]
    rows: Sequence[Any] | QuerySet[Any]
    told: Callable[[Iterable[Any]], list[Line]]
    kinds: Sequence[Kind] = ()

    def all_lines(self) -> list[Line]:
        return self.told(self.rows)

    def as_rows(self) -> list[Sequence[Cell]]:
        """The table as a file holds it: its heads, then every line."""
        return [[str(head) for head in self.heads], *(line.cells for line in self.all_lines())]


SEATS, UNASSIGNED, UNOWNED, PEOPLE = VIEWS = ("seats", "unassigned", "unowned", "people")
FROM, TO, COVERED = gettext_lazy("From"), gettext_lazy("To"), gettext_lazy("Covered by")
TERRITORY, NUMBER = gettext_lazy("Territory"), gettext_lazy("Number")


def sheets_of(mine: Reach, window: Span, country: str | None, segment: str | None) -> dict[str, Sheet]:
    """The tables of the report by their names; accounts that belong to nobody only of that country and segment.

    These are of the first day of the window, the others of all its days.
    """
    gaps = vacancies(mine, window)
    nobody = in_unassigned(mine, window.start)
    asked = {"country": country, "segment": segment}
    of_kind = nobody.filter(**{name: value for name, value in asked.items() if value is not None})
    name = _("Name")
    return {
        SEATS: Sheet([TERRITORY, _("What is missing"), FROM, TO, _("Planned"), COVERED], gaps, vacancy_lines),
        UNASSIGNED: Sheet(
            [name, NUMBER, _("Country"), _("Segment"), _("Town"), _("Industry")],
            of_kind,
            unassigned_lines,
            kinds_of(nobody),
        ),
        UNOWNED: Sheet(
            [name, NUMBER, TERRITORY, FROM, TO, COVERED],
            unowned(mine, gaps, window),
            lambda rows: unowned_lines(rows, gaps),
        ),
        PEOPLE: Sheet([_("Person"), _("What"), _("Territories"), FROM, TO], people_lines(mine, window), list),
    }
