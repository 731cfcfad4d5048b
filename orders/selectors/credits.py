"""The ledger as a reader may see it: which credits make a figure, what they sum to, and why each of them is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import reduce
from operator import or_

from django.db.models import Count, F, Q, Sum
from django.utils.translation import gettext as _

from common import locale
from common.access import Reach
from common.calendars import Span
from common.models import Period
from common.transaction import widened
from orders.models import BookingEvent, Credit, CreditQuerySet, OrderLine, SplitShare
from territories.selectors import subtree_within

BASES = ("seat", "territory")
KINDS = ("intake", *Credit.Kind.values)


@dataclass(frozen=True)
class CreditFilter:
    """Which credits: those of some spans of booking dates, narrowed to a person, a node as sold, a family, a kind.

    A node stands for all below it on each booking date, or alone for itself. `is_out`: out of territory alone.
    """

    spans: tuple[Span, ...]
    person_id: int | None = None
    node_id: int | None = None
    basis: str = "seat"
    family_id: int | None = None
    kind: str = "intake"
    is_alone: bool = False
    is_out: bool = False

    def narrow(self, rows: CreditQuerySet) -> CreditQuerySet:
        rows = rows.filter(reduce(or_, map(_within, self.spans)))
        rows = rows.intake() if self.kind == "intake" else rows.filter(kind=self.kind)
        if self.person_id:
            rows = rows.filter(person_id=self.person_id)
        if self.family_id:
            rows = rows.filter(family_id=self.family_id)
        if self.is_out:
            rows = rows.exclude(seat_id=F("territory_id"))
        return rows.filter(self._under()) if self.node_id else rows

    def _under(self) -> Q:
        """Credits whose territory of the basis lay at or below the node on their own booking date, or is the node."""
        if self.is_alone:
            return Q(**{f"{self.basis}_id": self.node_id})
        found = Q(pk__in=[])
        for days in self.spans:
            for span, nodes in subtree_within(self.node_id or 0, days):
                found |= _within(span) & Q(**{f"{self.basis}_id__in": nodes})
        return found


def _within(span: Span) -> Q:
    return Q(booked_on__gte=span.start, booked_on__lt=span.stop)


def days_text(spans: Iterable[Span]) -> str:
    """The days of a filter as the credit list's address names them: 2026-04-01..2026-04-19,2026-05-10..2026-06-30."""
    return ",".join(f"{span.start.isoformat()}..{span.last_day.isoformat()}" for span in spans)


@dataclass(frozen=True)
class CreditTotal:
    """What the credits in reach sum to in plan money, and what the figure holds beyond them."""

    plan_minor: int
    count: int
    beyond_minor: int
    beyond_count: int

    @property
    def figure_minor(self) -> int:
        return self.plan_minor + self.beyond_minor


def credits_of(chosen: CreditFilter, mine: Reach) -> CreditQuerySet:
    """The credits of the filter that the reader may see, newest booking date first."""
    rows = chosen.narrow(Credit.objects.visible_to(mine))
    return rows.select_related("family", "person", "seat", "territory", "plan_rate")


def credit_total(chosen: CreditFilter, mine: Reach) -> CreditTotal:
    """The exact sum over all the rows in reach, and what a node's own figure holds beyond them.

    A node that a reader leads today may have held territories that have moved elsewhere since: its figure of then
    stays as it was sold, while the rows of those territories now belong to somebody else. That is told of whole
    months of the node and of nothing narrower, which would name the person and the day of such a row.
    """
    seen = _sum(chosen.narrow(Credit.objects.visible_to(mine)))
    if chosen.node_id not in mine.territories or chosen.person_id or chosen.is_out or not _are_months(chosen):
        return CreditTotal(*seen, 0, 0)
    with widened("credit"):
        whole = _sum(chosen.narrow(Credit.objects.all()))
    return CreditTotal(*seen, whole[0] - seen[0], whole[1] - seen[1])


def _are_months(chosen: CreditFilter) -> bool:
    """Whether the spans begin and end with fiscal months."""
    starts, stops = {span.start for span in chosen.spans}, {span.stop for span in chosen.spans}
    months = Period.objects.months()
    begun, ended = months.filter(starts_on__in=starts), months.filter(stops_on__in=stops)
    return (begun.count(), ended.count()) == (len(starts), len(stops))


def period_codes(chosen: Period, day: date) -> list[str]:
    """The periods to choose from, newest first: those that have begun by that day, and the one that is chosen."""
    begun = Period.objects.filter(starts_on__lte=day).order_by("-starts_on", "kind")
    return list(dict.fromkeys([chosen.code, *begun.values_list("code", flat=True)]))


def _sum(rows: CreditQuerySet) -> tuple[int, int]:
    found = rows.order_by().aggregate(total=Sum("plan_minor"), rows=Count("pk"))
    return int(found["total"] or 0), int(found["rows"])


@dataclass(frozen=True)
class CreditRow:
    """A credit, the order it belongs to where the reader may see that, and the sentence that says why it is."""

    credit: Credit
    event: BookingEvent | None
    sentence: str


def explained(rows: Sequence[Credit], mine: Reach) -> list[CreditRow]:
    """Each credit with its reason. What lies outside the reader's reach is left out of the sentence."""
    events = BookingEvent.objects.select_related("order").in_bulk({row.event_id for row in rows})
    lines = _numbered({row.line_id for row in rows if row.line_id})
    booked_with = {line.event_id for line, _number in lines.values()}
    shares = SplitShare.objects.filter(
        event_id__in=booked_with, person_id__in={row.person_id for row in rows}
    )
    weights = {(share.event_id, share.person_id): share.weight for share in shares}
    found = []
    for row in rows:
        line, number = lines.get(row.line_id or 0, (None, 0))
        weight = weights.get((line.event_id, row.person_id)) if line else None
        sentence = _sentence(row, events.get(row.event_id), line, number, weight, mine)
        found.append(CreditRow(row, events.get(row.event_id), sentence))
    return found


def _numbered(line_ids: set[int]) -> dict[int, tuple[OrderLine, int]]:
    """Each line with its number among those it was booked with."""
    events = OrderLine.objects.filter(pk__in=line_ids).values("event_id")
    numbers: dict[int, int] = {}
    found = {}
    for line in OrderLine.objects.filter(event_id__in=events).order_by("id"):
        numbers[line.event_id] = numbers.get(line.event_id, 0) + 1
        found[line.pk] = (line, numbers[line.event_id])
    return found


def _sentence(
    row: Credit,
    event: BookingEvent | None,
    line: OrderLine | None,
    number: int,
    weight: int | None,
    mine: Reach,
) -> str:
    if row.kind == Credit.Kind.OPENING:
        what = _("Order intake from before the start, from %(source)s") % {"source": row.source}
    elif row.reverses_id:
        what = _taken_back(event, number)
    elif line is None or weight is None:
        what = _("A share of an order that is not in your reach")
    else:
        what = _share(row, line, number, weight, mine)
    return f"{what}, {_stamps(row)}."


def _share(row: Credit, line: OrderLine, number: int, weight: int, mine: Reach) -> str:
    values = {
        "percent": percent_text(weight),
        "amount": locale.format_money(line.amount_minor, row.currency),
        "line": number,
        "person": row.person.name,
    }
    if row.person_id == mine.user_id:
        return _("%(percent)s %% of %(amount)s: your share of line %(line)s") % values
    return _("%(percent)s %% of %(amount)s: the share of %(person)s in line %(line)s") % values


def _taken_back(event: BookingEvent | None, number: int) -> str:
    if event is None:
        return _("Taken back from an order that is not in your reach")
    values = {"line": number, "reason": event.reason}
    if event.kind == BookingEvent.Kind.CANCELLATION:
        return (
            _("Taken back from line %(line)s by a cancellation (%(reason)s), by the order's own split")
            % values
        )
    return _("Taken back from line %(line)s by a correction (%(reason)s)") % values


def _stamps(row: Credit) -> str:
    values = {
        "day": locale.format_date(row.booked_on),
        "seat": row.seat.name,
        "territory": row.territory.name,
    }
    parts = [_("booked %(day)s") % values, _("seat %(seat)s") % values]
    if row.seat_id != row.territory_id:
        parts.append(_("out of territory, for an account of %(territory)s") % values)
    if row.plan_rate:
        parts.append(_("plan rate %(rate)s") % {"rate": locale.format_exact(row.plan_rate.value, least=2)})
    return ", ".join(parts)


def percent_text(weight: int) -> str:
    """A share as the reader writes it, without idle zeros: 33333333 → 33.333333; 60000000 → 60."""
    return locale.format_exact(Decimal(weight).scaleb(-6))
