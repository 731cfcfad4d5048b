"""The ledger as a reader may see it: which credits make a figure, what they sum to, and why each of them is."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property, reduce
from itertools import count
from operator import or_
from typing import Self
from urllib.parse import urlencode

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, F, OuterRef, Q, Sum
from django.utils.translation import gettext as _

from accounts.models import Account
from common.access import AnyOf, Reach
from common.calendars import Span, iso_day
from common.http import BadQuery, Page, chosen, page_by_key, whole
from common.models import Period
from common.policies import BY_OWNER
from common.selectors import policy, today
from common.transaction import widened
from orders.models import Basis, BookingEvent, Credit, CreditQuerySet, Dispute, OrderLine, SplitShare
from orders.selectors.disputes import disputes_of, may_dispute
from orders.selectors.known import CLOCKS, CURRENT, AsOf, in_months
from orders.selectors.organised import credit_tree_now
from orders.selectors.reasons import Found, Reason, reasons
from orders.selectors.why import Why, why_of, why_owned
from territories.selectors import owners_on, subtree_within
from territories.selectors.owners import owned_by, owned_on

KINDS = ("intake", "new", "existing", *Credit.Kind.values)
"""All order intake, that of new customers, that of existing ones; or one kind of entry."""
NOBODY = 0
"""Who owned a territory on a day on which nobody did, in an address as here."""
TREES = SOLD, NOW = "sold", "now"
"""In an address: each credit under the tree of its booking date, or all of them under today's."""


@dataclass(frozen=True)
class CreditFilter:
    """Which credits: those of a period or of some of its days, narrowed to a person, a node, a family, a kind.

    A node stands for all below it, or alone for itself: as sold on each booking date, or as organised now (`is_now`).
    `owner_id`: of territories on the days on which this person owned them, whoever sold there; `NOBODY`: on the days on
    which nobody did; as organised now, of what belongs in the territories that they own today. `is_out`: out of
    territory alone. `as_of`: up to which booking date, and as known when.
    """

    period: Period
    days: tuple[Span, ...] = ()
    person_id: int | None = None
    owner_id: int | None = None
    node_id: int | None = None
    basis: str = Basis.SEAT
    family_id: int | None = None
    kind: str = "intake"
    is_alone: bool = False
    is_out: bool = False
    is_now: bool = False
    as_of: AsOf = CURRENT

    NAMES = (
        "period", "days", "person", "owner", "node", "basis", "family", "kind", "alone", "place", "tree", *CLOCKS
    )  # fmt: skip

    @classmethod
    def of(cls, query: dict[str, str], period: Period, *, is_exact: bool = False) -> Self:
        """What the address of the credit list asks for in that period. Raises BadQuery; Refused for the future."""
        return cls(
            period=period,
            days=_days(query.get("days"), period),
            person_id=whole(query, "person"),
            owner_id=whole(query, "owner"),
            node_id=whole(query, "node"),
            basis=chosen(query, "basis", Basis.values, Basis.SEAT),
            family_id=whole(query, "family"),
            kind=chosen(query, "kind", KINDS, "intake"),
            is_alone=chosen(query, "alone", ("", "1"), "") == "1",
            is_out=chosen(query, "place", ("", "out"), "") == "out",
            is_now=chosen(query, "tree", TREES, SOLD) == NOW,
            as_of=AsOf.of(query, is_exact=is_exact),
        )

    @property
    def query(self) -> str:
        """The address of the credit list that asks for this; `of` reads it."""
        days = [] if self.spans == (self.period.span,) else self.days
        asked = {
            "period": self.period.code,
            "days": ",".join(f"{span.start}..{span.last_day}" for span in days),
            "person": self.person_id,
            "owner": "" if self.owner_id is None else str(self.owner_id),
            "node": self.node_id,
            "basis": self.basis if self.node_id else "",
            "family": self.family_id,
            "kind": self.kind if self.kind != "intake" else "",
            "alone": "1" if self.is_alone else "",
            "place": "out" if self.is_out else "",
            "tree": NOW if self.is_now else "",
            **self.as_of.query,
        }
        return urlencode({name: value for name, value in asked.items() if value}, safe=",")

    @property
    def spans(self) -> tuple[Span, ...]:
        return self.days or (self.period.span,)

    @property
    def is_months(self) -> bool:
        return in_months(self.spans, self.as_of)

    def narrow(self, rows: CreditQuerySet) -> CreditQuerySet:
        rows = self.as_of.narrow(rows.filter(reduce(or_, map(_within, self.spans))))
        rows = rows.filter(kind=self.kind) if self.kind in Credit.Kind.values else rows.intake()
        if self.kind in ("new", "existing"):
            rows = rows.filter(is_new_business=self.kind == "new")
        if self.person_id:
            rows = rows.filter(person_id=self.person_id)
        if self.owner_id is not None:
            rows = rows.filter(self._owned)
        if self.family_id:
            rows = rows.filter(family_id=self.family_id)
        if self.is_out:
            rows = rows.exclude(seat_id=F("territory_id"))
        return rows.filter(self._under) if self.node_id else rows

    @cached_property
    def _under(self) -> Q:
        """Credits of what lay at or below the node on their own booking date, or of the node itself; or now."""
        if self.is_now:
            return self._under_now
        if self.is_alone:
            return Q(**{f"{self.basis}_id": self.node_id})
        found = Q(pk__in=[])
        for days in self.spans:
            for span, nodes in subtree_within(self.node_id or 0, days, self.as_of.known_at):
                found |= _within(span) & Q(**{f"{self.basis}_id__in": nodes})
        return found

    @property
    def _owned(self) -> Q:
        """Credits of territories that the person owned on their booking date, or that nobody owned then; or now."""
        if self.is_now:
            tree = credit_tree_now()
            owners = owners_on(tree.parents, today())
            theirs = {node for node in tree.parents if owners.get(node, NOBODY) == self.owner_id}
            return tree.belonging(Basis.TERRITORY, theirs)
        if self.owner_id == NOBODY:
            return ~Q(Exists(owned_on(OuterRef("territory_id"), OuterRef("booked_on"), self.as_of.known_at)))
        found = Q(pk__in=[])
        for days in self.spans:
            for territory, span in owned_by([self.owner_id or 0], days, self.as_of.known_at).stretches():
                found |= _within(span) & Q(territory_id=territory)
        return found

    @property
    def _under_now(self) -> Q:
        tree, node = credit_tree_now(), self.node_id or 0
        return tree.belonging(self.basis, {node} if self.is_alone else set(tree.below(node)))


def _days(text: str | None, period: Period) -> tuple[Span, ...]:
    """The days that an address names: `days=2026-04-01..2026-04-19,2026-05-10..2026-06-30`."""
    pieces = text.split(",") if text else []
    return tuple(_piece(*piece.partition(".."), period) for piece in pieces)


def _piece(first: str, _dots: str, last: str, period: Period) -> Span:
    try:
        start, stop = iso_day(first), iso_day(last) + timedelta(days=1)
    except ValueError:
        raise BadQuery(_("Write the days as 2026-04-01..2026-04-19."), path="days") from None
    days = Span(start, stop).shared(period.span) if start < stop else None
    if days is None:
        raise BadQuery(_("The days lie outside of the period."), path="days")
    return days


def _within(span: Span) -> Q:
    return Q(booked_on__gte=span.start, booked_on__lt=span.stop)


@dataclass(frozen=True)
class CreditTotal:
    """What the credits in reach sum to in plan money, and what the figure holds beyond them.

    `measures`: what all of it comes to in the other measures, and `beyond`: what of that lies beyond; where asked for.
    """

    plan_minor: int
    count: int
    beyond_minor: int = 0
    beyond_count: int = 0
    measures: Sequence[int] = ()
    beyond: Sequence[int] = ()

    @property
    def figure_minor(self) -> int:
        return self.plan_minor + self.beyond_minor

    @property
    def figure_count(self) -> int:
        return self.count + self.beyond_count


def credits_of(chosen: CreditFilter, mine: Reach) -> CreditQuerySet:
    """The credits of the filter that the reader is shown, with what a row of them names; to be read in `reading`."""
    return chosen.narrow(_shown(chosen, mine)).named()


def _shown(chosen: CreditFilter, mine: Reach) -> CreditQuerySet:
    return Credit.objects.all() if is_own(chosen, mine) else Credit.objects.visible_to(mine)


def credit_page(chosen: CreditFilter, mine: Reach, after: str | None) -> Page[Credit]:
    """A page of them, newest first, from the key `after` on. Raises BadQuery for a key that was not made here."""
    with reading(chosen, mine):
        return page_by_key(credits_of(chosen, mine), ["-booked_on", "-ledger_seq"], after)


def credit_total(chosen: CreditFilter, mine: Reach, measures: Sequence[str] = ()) -> CreditTotal:
    """The exact sum over all the rows in reach, and what the figure of a node holds beyond them.

    As sold, a node that a reader leads today may have held territories that have moved elsewhere since: its figure
    of then stays as it was sold, while the rows of those territories now belong to somebody else. As organised now it
    is the other way round: a person or an account has come to the node that a reader leads, while the rows of what was
    sold before belong to whoever leads the place where that was.

    That is told of whole months of a node that the reader leads and of nothing narrower, which would name the person
    and the day of such a row: but of a person whom they lead today, and of who owns the node today, as organised now,
    it is told too. Who leads neither the place nor the person of today is told the rows that they may see, and what
    these come to. So is everybody of what a clock narrows (`in_months`): two such figures would tell a single row.
    """
    with reading(chosen, mine):
        minor, rows, *sums = _sum(chosen.narrow(_shown(chosen, mine)), measures)
        if not _tells_beyond(chosen, mine):
            return CreditTotal(minor, rows, measures=tuple(sums))
        with widened("credit"):
            whole_minor, whole_rows, *whole = _sum(chosen.narrow(Credit.objects.all()), measures)
    beyond = tuple(one - part for one, part in zip(whole, sums, strict=True))
    return CreditTotal(minor, rows, whole_minor - minor, whole_rows - rows, tuple(whole), beyond)


def _tells_beyond(chosen: CreditFilter, mine: Reach) -> bool:
    is_owners = chosen.is_now and chosen.basis == Basis.TERRITORY
    is_whole = chosen.person_id is None and (chosen.owner_id is None or is_owners)
    is_led = is_whole or (chosen.is_now and chosen.owner_id is None and chosen.person_id in mine.people)
    return chosen.node_id in mine.territories and is_led and not chosen.is_out and chosen.is_months


def is_own(chosen: CreditFilter, mine: Reach) -> bool:
    """Whether it is what the reader is credited with as owner: theirs to know in a year that credits owners.

    Asked for nothing that would tell who sold it.
    """
    is_theirs = chosen.owner_id is not None and chosen.owner_id == mine.user_id
    is_plain = chosen.person_id is None and not (chosen.is_out or chosen.is_now)
    is_placed = chosen.node_id is None or chosen.basis == Basis.TERRITORY
    return (
        is_theirs
        and is_plain
        and is_placed
        and chosen.kind != Credit.Kind.OVERLAY
        and bool(mine.relations("credit"))
        and policy("crediting_rule", chosen.period.starts_on) == BY_OWNER
    )


@contextmanager
def reading(chosen: CreditFilter, mine: Reach) -> Iterator[None]:
    """Let be read what the filter shows: also what others sold where the reader was the owner."""
    with accounts_now(chosen, mine), widened(*(["credit"] if is_own(chosen, mine) else [])):
        yield


@contextmanager
def accounts_now(chosen: CreditFilter, mine: Reach) -> Iterator[None]:
    """Let the accounts of orders be looked up that lie out of reach, and nothing of them be shown.

    Of a node that the reader leads alone: which credits belong there today is what they ask, and theirs to know. For
    anybody else a credit whose order is not in their reach belongs nowhere.
    """
    if chosen.is_now and chosen.basis == Basis.TERRITORY and chosen.node_id in mine.territories:
        with widened("booking_event", "order", "account"):
            yield
    else:
        yield


def _sum(rows: CreditQuerySet, measures: Sequence[str]) -> list[int]:
    """The order intake, how many they are, and the measures."""
    sums = {f"sum_{name}": Sum(name, default=0) for name in ("plan_minor", *measures)}
    found = rows.order_by().aggregate(rows=Count("pk"), **sums)
    return [found["sum_plan_minor"], found["rows"], *(found[f"sum_{name}"] for name in measures)]


@dataclass(frozen=True)
class CreditRow:
    """A credit with what the reader may see of its order: event, line, the line's number, the person's share.

    `why` says why it is what it is; `dispute` is the last one about it that the reader may read and nobody withdrew.
    `is_told`: whether the reader may read the credit itself; else it is one of somebody else that counts for them as
    owner, of which they are told the amount and the territory, and the `account` as far as it is in their reach.
    """

    credit: Credit
    event: BookingEvent | None
    line: OrderLine | None
    number: int
    weight: int | None
    is_own: bool
    reason: Reason
    dispute: Dispute | None
    may_dispute: bool
    is_told: bool = True
    account: Account | None = None

    @cached_property
    def why(self) -> Why:
        return why_of(self.reason) if self.is_told else why_owned(self.credit)


def explained(rows: Sequence[Credit], mine: Reach) -> list[CreditRow]:
    """Each credit with its reason, as far as the reader may see the order that it belongs to."""
    entries = {row.event_id for row in rows}
    named = OrderLine.objects.filter(pk__in={row.line_id for row in rows if row.line_id})
    of_them = Q(event__in=entries) | Q(AnyOf(F("event_id"), ArraySubquery(named.values("event_id"))))
    lines = list(OrderLine.objects.filter(of_them).select_related("event", "order", "product"))
    entries |= {line.event_id for line in lines}
    events = BookingEvent.objects.select_related("order").filter(pk__in=entries)
    return with_reasons(rows, mine, events, lines, SplitShare.objects.filter(event__in=entries))


def shown(chosen: CreditFilter, rows: Sequence[Credit], mine: Reach) -> list[CreditRow]:
    """Each credit of the filter with its reason; what others sold where the reader was the owner without it."""
    if not is_own(chosen, mine):
        return explained(rows, mine)
    told = [row for row in rows if mine.allows("credit", "read", row)]
    found = {row.credit.pk: row for row in explained(told, mine)}
    others = [row for row in rows if row.pk not in found]
    found |= {row.credit.pk: row for row in _of_others(others, mine)} if others else {}
    return [found[row.pk] for row in rows]


def newest_credits(chosen: CreditFilter, mine: Reach, most: int) -> list[CreditRow]:
    """The newest of them, each with its reason."""
    with reading(chosen, mine):
        rows = list(credits_of(chosen, mine).order_by("-booked_on", "-ledger_seq")[:most])
    return shown(chosen, rows, mine)


def _of_others(rows: Sequence[Credit], mine: Reach) -> Iterator[CreditRow]:
    """What others sold where the reader was the owner."""
    with widened("booking_event", "order"):
        events = BookingEvent.objects.filter(pk__in=[row.event_id for row in rows], order__isnull=False)
        places = dict(events.values_list("pk", "order__account_id"))
    accounts = Account.objects.visible_to(mine).in_bulk(set(places.values()))
    for row in rows:
        reason = Reason(row, None, None, 0, None, is_own=False, split=None, place=None, seat=None)
        account = accounts.get(places.get(row.event_id, 0))
        yield CreditRow(row, None, None, 0, None, False, reason, None, False, is_told=False, account=account)


def with_reasons(
    rows: Iterable[Credit],
    mine: Reach,
    events: Iterable[BookingEvent],
    lines: Iterable[OrderLine],
    shares: Iterable[SplitShare],
) -> list[CreditRow]:
    """Each credit with its reason, out of its event, and of all the lines and shares that it was booked with."""
    by_id, shares = {event.pk: event for event in events}, list(shares)
    numbers: dict[int, count[int]] = defaultdict(lambda: count(1))
    numbered = [(line, next(numbers[line.event_id])) for line in lines]
    places = {(line.event_id, line.root_id): (line, number) for line, number in numbered}
    booked = {line.pk: (line, number) for line, number in numbered}
    weights = {(share.event_id, share.line_id, share.kind, share.person_id): share.weight for share in shares}
    found: list[Found] = []
    for row in rows:
        root = row.line_id or 0
        line, number = places.get((row.event_id, root)) or booked.get(root) or (None, 0)
        named = [(line.event_id, pk, row.kind, row.person_id) for pk in (line.pk, None)] if line else []
        weight = next((weights[key] for key in named if key in weights), None)
        is_own = row.person_id == mine.user_id
        found.append((row, by_id.get(row.event_id), line, number, weight, is_own))
    disputes = disputes_of([row.pk for row, *_rest in found], mine)
    return [
        CreditRow(*row, reason, disputes.get(row[0].pk), may_dispute(mine, row[0], disputes.get(row[0].pk)))
        for row, reason in zip(found, reasons(found, by_id, shares), strict=True)
    ]
