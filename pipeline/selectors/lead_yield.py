"""What leads come to, per source, tactic and owner: touched, converted, won; and what events sourced."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.access import Reach
from common.models import Rate
from common.money import round_half_away
from pipeline.models import Lead, Opportunity, SalesEvent
from pipeline.selectors.opportunities import factors
from territories.models import User

BY = {
    "source": gettext_lazy("By source"),
    "tactic": gettext_lazy("By tactic"),
    "owner": gettext_lazy("By owner"),
}
COLUMNS = {"source": "source", "tactic": "tactic", "owner": "owner_id"}


@dataclass(frozen=True)
class Line:
    """What the leads of one source, tactic or owner came to. `won_minor` is in the reporting currency."""

    key: Any
    label: str
    leads: int
    touched: int
    converted: int
    disqualified: int
    deals: int
    won: int
    won_minor: int

    @property
    def conversion(self) -> Fraction | None:
        """The share that was converted; None without a lead."""
        return Fraction(self.converted, self.leads) if self.leads else None


@dataclass(frozen=True)
class Yield:
    """The cohort told apart by source, by tactic and by owner, each with the same sum."""

    total: Line
    tables: Mapping[str, list[Line]] = field(default_factory=dict)


def lead_yield(mine: Reach, start: date, last: date, today: date) -> Yield:
    """What the leads in reach that came on these days have come to by now; deals as far as the reader sees them."""
    rows = Lead.objects.visible_to(mine).filter(created_on__gte=start, created_on__lte=last).order_by()
    tables = {by: _lines(rows, mine, by, today) for by in COLUMNS}
    sums = {
        name: sum(getattr(line, name) for line in tables["owner"])
        for name in ("leads", "touched", "converted", "disqualified", "deals", "won", "won_minor")
    }
    return Yield(Line("", _("All leads"), **sums), tables)


def _lines(rows: QuerySet[Lead], mine: Reach, by: str, today: date) -> list[Line]:
    column = COLUMNS[by]
    found = list(
        rows.annotate(key=F(column))
        .values("key")
        .annotate(
            leads=Count("pk"),
            touched=Count("pk", filter=Q(touched_at__isnull=False)),
            converted=Count("pk", filter=Q(state=Lead.State.CONVERTED)),
            disqualified=Count("pk", filter=Q(state=Lead.State.DISQUALIFIED)),
        )
    )
    deals = _deals(rows, mine, column, today)
    names: dict[Any, str] = dict(User.objects.values_list("pk", "name")) if by == "owner" else {}
    lines = [
        Line(label=names.get(row["key"], row["key"]) or _("not said"), **row, **deals.get(row["key"], NONE))
        for row in found
    ]
    return sorted(lines, key=lambda line: (-line.leads, line.label))


NONE = {"deals": 0, "won": 0, "won_minor": 0}


def _deals(rows: QuerySet[Lead], mine: Reach, column: str, today: date) -> dict[Any, dict[str, int]]:
    """The deals that the leads became and the reader sees; one that was merged counts as the one that stays."""
    became = rows.filter(opportunity__isnull=False).values_list(
        column, Coalesce("opportunity__merged_into", "opportunity")
    )
    of_deal: dict[int, set[Any]] = {}
    for key, deal in became:
        of_deal.setdefault(deal, set()).add(key)
    found: dict[Any, dict[str, Any]] = {}
    for pk, state, minor in _valued(Opportunity.objects.visible_to(mine).filter(pk__in=of_deal), today):
        for key in of_deal[pk]:
            sums = found.setdefault(key, dict(NONE))
            sums["deals"] += 1
            if state == Opportunity.State.WON:
                sums["won"] += 1
                sums["won_minor"] += minor
    return found


def _valued(deals: QuerySet[Opportunity], today: date) -> list[tuple[int, str, int]]:
    """Each deal with its state and what it is worth today in the reporting currency; without amount or rate nothing."""
    by_currency = factors(Rate.Kind.CURRENT, today)
    rows = deals.values_list("pk", "state", "currency", "amount_minor")
    return [
        (pk, state, round_half_away((minor or 0) * by_currency.get(currency, Decimal(0))))
        for pk, state, currency, minor in rows
    ]


@dataclass(frozen=True)
class Sourced:
    """An event, how many leads in reach came from it, and the deals that they became: what is open and what is won."""

    event: SalesEvent
    leads: int = 0
    deals: int = 0
    open_minor: int = 0
    won_minor: int = 0


def sourced(mine: Reach, events: list[SalesEvent], today: date) -> list[Sourced]:
    """What came of these events, in the reporting currency, as far as the reader sees it."""
    rows = Lead.objects.visible_to(mine).filter(event__in=events).order_by()
    counts = dict(rows.values_list("event_id").annotate(Count("pk")))
    became = rows.filter(opportunity__isnull=False).values_list(
        "event_id", Coalesce("opportunity__merged_into", "opportunity")
    )
    of_event: dict[int, set[int]] = {}
    for event, deal in became:
        of_event.setdefault(event, set()).add(deal)
    ids = {pk for deals in of_event.values() for pk in deals}
    deals = Opportunity.objects.visible_to(mine).filter(pk__in=ids)
    valued = {pk: (state, minor) for pk, state, minor in _valued(deals, today)}
    return [
        _sourced(event, counts.get(event.pk, 0), of_event.get(event.pk, set()), valued) for event in events
    ]


def _sourced(
    event: SalesEvent, leads: int, deals: set[int], valued: Mapping[int, tuple[str, int]]
) -> Sourced:
    theirs = [valued[pk] for pk in deals if pk in valued]
    of_state = {
        state: sum(minor for one, minor in theirs if one == state)
        for state in (Opportunity.State.OPEN, Opportunity.State.WON)
    }
    return Sourced(
        event, leads, len(theirs), of_state[Opportunity.State.OPEN], of_state[Opportunity.State.WON]
    )
