"""One run beside another: which inputs changed, and the events and changes behind it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.db.models import Min, Q, Sum
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from common.access import Reach, seen
from common.models import Period, Run
from common.selectors import the_organisation
from orders.models import BookingEvent, Credit, CreditQuerySet
from quotas.selectors.changes import Changes, changes_between
from territories.models import User

EVENTS_SHOWN = 100
RUNS_OFFERED = 30
INPUTS: dict[str, StrOrPromise] = {
    "ledger": gettext_lazy("Ledger"),
    "tree": gettext_lazy("Tree"),
    "seats": gettext_lazy("Seats"),
    "quotas": gettext_lazy("Quotas"),
    "rates": gettext_lazy("Rates"),
    "calendar": gettext_lazy("Calendar"),
    "code": gettext_lazy("Version of the roll-up"),
}
"""What a run is made of, as its page names it."""


@dataclass(frozen=True)
class Input:
    """An input of a run in its version, and whether the other run had another; None: that is not known."""

    label: StrOrPromise
    version: str
    is_other: bool | None


@dataclass(frozen=True)
class Posted:
    """An event of the ledger and what it came to, in plan money."""

    event: BookingEvent
    amount_minor: int


@dataclass(frozen=True)
class Quarter:
    """The company's figure of one quarter in both runs, and what the events between them came to in it."""

    code: str
    before_minor: int
    now_minor: int
    posted_minor: int

    @property
    def moved_minor(self) -> int:
        return self.now_minor - self.before_minor

    @property
    def is_explained(self) -> bool:
        return self.moved_minor == self.posted_minor


@dataclass(frozen=True)
class Difference:
    """What lies between an earlier run and this one."""

    run: Run
    before: Run

    @property
    def entries(self) -> CreditQuerySet:
        first, last = self.before.ledger_seq, self.run.ledger_seq
        if first is None or last is None:
            return Credit.objects.none()
        return Credit.objects.filter(ledger_seq__gt=first, ledger_seq__lte=last)

    @property
    def new_entries(self) -> int | None:
        first, last = self.before.ledger_seq, self.run.ledger_seq
        return None if first is None or last is None else last - first

    @cached_property
    def posted_minor(self) -> int:
        """What all events between the two came to, as order intake in plan money."""
        return int(self.entries.intake().aggregate(total=Sum("plan_minor", default=0))["total"])

    @cached_property
    def moved_minor(self) -> int:
        return sum(quarter.moved_minor for quarter in self.quarters)

    @cached_property
    def events(self) -> list[Posted]:
        """The first of the events between the two, in the order of the ledger."""
        amount = Sum("plan_minor", filter=~Q(kind=Credit.Kind.OVERLAY), default=0)
        posted = self.entries.order_by().values("event").annotate(amount=amount, first=Min("ledger_seq"))
        rows = {row["event"]: row["amount"] for row in posted.order_by("first")[:EVENTS_SHOWN]}
        events = BookingEvent.objects.select_related("order", "by").in_bulk(rows)
        return [Posted(events[pk], amount) for pk, amount in rows.items() if pk in events]

    @cached_property
    def more_events(self) -> int:
        return self.entries.values("event").distinct().count() - len(self.events)

    @property
    def event_count(self) -> int:
        return len(self.events) + self.more_events

    @cached_property
    def quarters(self) -> list[Quarter]:
        """The quarters in which the company's figure moved, or something was posted; none where it was not kept."""
        if not (self.run.inputs and self.before.inputs and self.run.output_hash and self.before.output_hash):
            return []
        before, now, posted = self.before.totals, self.run.totals, self._posted()
        codes = sorted(code for code in before.keys() | now.keys() | posted.keys())
        found = (Quarter(code, before.get(code, 0), now.get(code, 0), posted[code]) for code in codes)
        return [quarter for quarter in found if quarter.moved_minor or quarter.posted_minor]

    def _posted(self) -> Counter[str]:
        days = self.entries.intake().order_by().values_list("booked_on").annotate(total=Sum("plan_minor"))
        quarters, sums = list(Period.objects.quarters()), Counter[str]()
        for day, total in days:
            sums[_quarter(day, quarters)] += total
        return sums

    @cached_property
    def changes(self) -> list[Changes]:
        """What was planned anew between the two, of each input that changed."""
        return list(self._changes())

    def _changes(self) -> Iterator[Changes]:
        after, until = self.before.read_at, self.run.read_at
        for name in ("tree", "seats", "quotas", "rates", "calendar"):
            if is_other(name, self.run, self.before) and after and until:
                yield changes_between(name, INPUTS[name], after, until)


def _quarter(day: date, quarters: list[Period]) -> str:
    return next((quarter.code for quarter in quarters if day in quarter.span), "")


def is_other(name: str, run: Run, before: Run | None) -> bool | None:
    """Whether another version of that input went into the run than into the one before."""
    if before is None or name not in run.inputs or name not in before.inputs:
        return None
    return bool(run.inputs[name] != before.inputs[name])


@dataclass(frozen=True)
class RunPage:
    """A run beside an earlier published one of the same job, and who asked for it; None: the clock."""

    run: Run
    before: Run | None
    earlier: list[Run]
    asked_by: User | None

    @property
    def duration(self) -> float | None:
        return (self.run.finished_at - self.run.started_at).total_seconds() if self.run.finished_at else None

    @property
    def currency(self) -> str:
        return the_organisation().reporting_currency

    @property
    def inputs(self) -> list[Input]:
        kept = self.run.inputs
        shown = ((name, label) for name, label in INPUTS.items() if name in kept)
        return [
            Input(label, str(kept[name])[:12], is_other(name, self.run, self.before)) for name, label in shown
        ]

    @cached_property
    def difference(self) -> Difference | None:
        is_published = self.run.state == Run.State.PUBLISHED
        return Difference(self.run, self.before) if self.before and is_published else None

    @property
    def is_refreshed(self) -> bool:
        """Whether its figures are others than those of the run before, and stood already when it began."""
        run, before = self.run, self.before
        is_other = before and run.output_hash and before.output_hash and run.output_hash != before.output_hash
        return bool(is_other and run.changed_rows == 0)

    @property
    def is_mended(self) -> bool:
        """Whether the same inputs as before were summed anew to other cells than stood."""
        return bool(
            self.before
            and self.run.inputs
            and self.run.inputs == self.before.inputs
            and self.run.changed_rows
        )


def run_detail(mine: Reach, pk: int, other: int | None = None) -> RunPage:
    """One run beside the published one before it, or that earlier one. Raises NotInReach."""
    run = seen(Run.objects.all(), mine, pk)
    earlier = Run.objects.filter(job=run.job, state=Run.State.PUBLISHED, pk__lt=run.pk)
    before = earlier.first() if other is None else seen(earlier, mine, other)
    asked_by = User.objects.filter(pk=run.asked_by_id or 0).first()
    return RunPage(run, before, list(earlier[:RUNS_OFFERED]), asked_by)
