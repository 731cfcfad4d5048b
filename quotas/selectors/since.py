"""What explains the difference of a figure as it was known and as it is known now: event by event, to the cent."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from django.db.models import Max, Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.dated import Dated
from common.locale import format_date, format_money
from common.models import Period
from common.selectors import the_organisation
from common.transaction import widened
from orders.models import BookingEvent, Credit
from orders.selectors.credits import CreditFilter, accounts_now
from orders.selectors.known import AsOf, Known
from quotas.models import Quota
from quotas.selectors.subjects import Subject, minor_of, valid_now
from territories.models import Edge, Seat, Territory, User

MOST_SHOWN = 50
MOST_CHANGES = 30
"""So many changes of the plan are told one by one, the newest; those before them as one."""


@dataclass(frozen=True)
class Step:
    """Something that was recorded since, and what it did to order intake and to the quota."""

    at: datetime | None
    what: str
    intake_minor: int = 0
    quota_minor: int = 0
    who: str = ""
    why: str = ""
    order_id: int | None = None

    @property
    def url(self) -> str:
        """The page of the order that it happened to."""
        return reverse("order_detail", args=[self.order_id]) if self.order_id else ""


@dataclass(frozen=True)
class Since:
    """A figure then and now, and the steps from the one to the other, oldest first.

    `rest_*`: what they leave unexplained: nothing.
    """

    then_intake: int
    now_intake: int
    then_quota: int | None
    now_quota: int | None
    steps: list[Step]
    has_quota: bool = True

    def of_intake(self) -> "Since":
        """The same of order intake alone, for a page that knows no quota."""
        steps = [replace(step, quota_minor=0) for step in self.steps if step.intake_minor]
        return replace(self, then_quota=None, now_quota=None, steps=steps, has_quota=False)

    @property
    def intake_minor(self) -> int:
        return self.now_intake - self.then_intake

    @property
    def quota_minor(self) -> int:
        return (self.now_quota or 0) - (self.then_quota or 0)

    @property
    def rest_intake(self) -> int:
        return self.intake_minor - sum(step.intake_minor for step in self.steps)

    @property
    def rest_quota(self) -> int:
        return self.quota_minor - sum(step.quota_minor for step in self.steps)


def since(subject: Subject, most: int = MOST_SHOWN) -> Since:
    """The figure as known then and now, and the way from the one to the other: of the ledger the newest `most` events.

    What the ledger says more counts under today's tree; what changes of the plan did, each beside the one before:
    where nodes hung then and hang now, and who is asked for how much.
    """
    then = subject.question.as_of
    steps = [*_plan_steps(subject), *_ledger_steps(subject, most)]
    steps.sort(key=lambda step: step.at or subject.known.at)
    return Since(
        subject.intake(then),
        subject.intake(valid_now(subject.question)),
        subject.quota(then.known_at),
        subject.quota(None),
        steps,
    )


# ---- The ledger ----


def _ledger_steps(subject: Subject, most: int) -> list[Step]:
    """The newest events since, those in reach; what the others come to as one."""
    found: list[tuple[int, int, datetime]] = []
    whole = 0
    for chosen in subject.credits():
        with accounts_now(chosen, subject.mine):
            rows = chosen.narrow(Credit.objects.visible_to(subject.mine))
            sums = rows.filter(ledger_seq__gt=subject.known.seq).order_by().values("event_id")
            sums = sums.annotate(minor=Sum("plan_minor"), at=Max("recorded_at"), last=Max("ledger_seq"))
            found += sums.order_by("-last").values_list("event_id", "minor", "at")[:most]
        whole += _whole(subject, chosen)
    named = BookingEvent.objects.select_related("order", "by").in_bulk({event for event, *_rest in found})
    steps = [_ledger_step(named.get(event), minor, at) for event, minor, at in found]
    beyond = whole - sum(minor for _event, minor, _at in found)
    words = _("Entries of the ledger that are not listed: older ones, or outside of your reach")
    return [*steps, *([Step(None, words, beyond)] if beyond else [])]


def _whole(subject: Subject, chosen: CreditFilter) -> int:
    """What all entries since come to: also those that who is told all of it does not see one by one."""
    rows = chosen.narrow(Credit.objects.all()).filter(ledger_seq__gt=subject.known.seq)
    if not subject.is_told_whole:
        return minor_of(rows)
    with widened("credit", "booking_event", "order", "account"):
        return minor_of(rows)


def _ledger_step(event: BookingEvent | None, minor: int, at: datetime) -> Step:
    if event is None:
        return Step(at, _("An order outside of your reach"), minor)
    words = {"what": event.get_kind_display(), "day": format_date(event.booked_on)}
    said = _("%(what)s of %(day)s") % words
    if event.order:
        said = _("%(order)s: %(what)s of %(day)s") % {**words, "order": event.order.number}
    who = event.by.name if event.by else ""
    return Step(at, said, minor, 0, who, event.reason or event.source, event.order_id)


# ---- The plan ----


class Change(NamedTuple):
    """What one transaction recorded and ended of the plan, and its last instant."""

    at: datetime
    rows: list[Dated]


def _plan_steps(subject: Subject) -> list[Step]:
    """What each change of the plan did, beside the state before it; those that did nothing are left out."""
    changes = grouped(subject.changes(), subject.known.at)
    merged, single = changes[:-MOST_CHANGES], changes[-MOST_CHANGES:]
    if merged:
        single = [Change(merged[-1].at, [row for one in merged for row in one.rows]), *single]
    seq, valid = subject.known.seq, subject.question.as_of.valid_on
    intake, quota = subject.intake(subject.question.as_of), subject.quota(subject.known.at)
    found: list[tuple[Change, int, int]] = []
    for one in single:
        moved = any(isinstance(row, subject.MOVING) for row in one.rows)
        intake_then = subject.intake(AsOf(valid, Known(one.at, seq))) if moved else intake
        quota_then = subject.quota(one.at)
        found.append((one, intake_then - intake, (quota_then or 0) - (quota or 0)))
        intake, quota = intake_then, quota_then
    told = [effect for effect in found if effect[1] or effect[2]]
    teller = Teller(subject, [row for one, *_rest in told for row in one.rows])
    return [teller.step(one, more, asked) for one, more, asked in told]


def grouped(rows: Iterable[Dated], since: datetime) -> list[Change]:
    """Rows by the transaction that recorded or ended them after that instant, in the order of their last instants."""
    requests, ends = {}, []
    for row in rows:
        if row.recorded_at > since:
            requests[row.recorded_at] = row.request_id or row.recorded_at
            ends.append((row.recorded_at, row))
        if row.superseded_at and row.superseded_at > since:
            ends.append((row.superseded_at, row))
    found: dict[object, list[tuple[datetime, Dated]]] = {}
    for at, row in ends:
        found.setdefault(requests.get(at, at), []).append((at, row))
    changes = (Change(max(at for at, _row in some), [row for _at, row in some]) for some in found.values())
    return sorted(changes, key=lambda change: change.at)


class Teller:
    """Says in words what was changed: names are read once, and of a quota only what the reader may read."""

    ORDER: Sequence[type[Dated]] = (Quota, Seat, Edge)

    def __init__(self, subject: Subject, rows: Sequence[Dated]) -> None:
        self.since = subject.known.at
        people: set[int | None] = set()
        places: set[int | None] = set()
        for row in rows:
            people |= {row.superseded_by_id, getattr(row, "recorded_by_id", None)}
            people |= {getattr(row, name, None) for name in ("person_id", "user_id")}
            places |= {getattr(row, name, None) for name in ("territory_id", "child_id", "parent_id")}
        self.people = dict(User.objects.filter(pk__in=filter(None, people)).values_list("pk", "name"))
        self.places = dict(Territory.objects.filter(pk__in=filter(None, places)).values_list("pk", "name"))
        self.periods = dict(Period.objects.quarters().values_list("pk", "code"))
        quotas = {row.pk for row in rows if isinstance(row, Quota)}
        seen = Quota.objects.visible_to(subject.mine).filter(pk__in=quotas)
        self.quotas = set(seen.values_list("pk", flat=True))
        self.currency = the_organisation().reporting_currency

    def step(self, change: Change, intake: int, quota: int) -> Step:
        """The change by what it recorded first; what it only ended stands for it where it recorded nothing."""
        begun = [row for row in change.rows if row.recorded_at > self.since]
        rows = sorted(begun or change.rows, key=lambda row: (self.ORDER.index(type(row)), row.pk))
        first, more = rows[0], len({row.pk for row in rows}) - 1
        said = self._said(first)
        if not begun:
            said = _("%(what)s: ended") % {"what": said}
        if more:
            words = ngettext(
                "%(what)s and %(count)d more change", "%(what)s and %(count)d more changes", more
            )
            said = words % {"what": said, "count": more}
        is_told = not isinstance(first, Quota) or first.pk in self.quotas
        by = getattr(first, "recorded_by_id", None) if begun else first.superseded_by_id
        why = getattr(first, "reason", "") if begun else first.superseded_why
        return Step(change.at, said, intake, quota, self.people.get(by, ""), why if is_told else "")

    def _said(self, row: Dated) -> str:
        if isinstance(row, Quota):
            return self._quota(row)
        days = {"start": format_date(row.starts_on), "last": format_date(row.span.last_day)}
        when = (_("from %(start)s to %(last)s") if row.stops_on else _("from %(start)s on")) % days
        if isinstance(row, Seat):
            seat = {"person": self.people[row.user_id], "place": self.places[row.territory_id], "when": when}
            words = _("%(person)s as %(kind)s of %(place)s, %(when)s")
            return words % {**seat, "kind": row.get_kind_display()}
        edge = row if isinstance(row, Edge) else Edge()
        names = {"node": self.places.get(edge.child_id, ""), "when": when}
        above = self.places.get(edge.parent_id or 0)
        if above is None:
            return _("%(node)s at the top, %(when)s") % names
        return _("%(node)s below %(above)s, %(when)s") % {**names, "above": above}

    def _quota(self, row: Quota) -> str:
        if row.pk not in self.quotas:
            return _("A quota outside of your reach")
        name = self.people.get(row.person_id or 0) or self.places.get(row.territory_id or 0, "")
        words = {"name": name, "period": self.periods[row.period_id]}
        amount = format_money(row.amount_minor, self.currency)
        return _("Quota of %(name)s for %(period)s: %(amount)s") % {**words, "amount": amount}
