"""Currencies in which deals are open or orders await booking, and for which a rate is missing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Max

from common.access import Reach
from common.models import Rate
from common.selectors import the_organisation, today
from orders.models import OrderRequest
from orders.selectors.awaiting import requests_in
from pipeline.models import Opportunity

NAMED = 5
NEEDED = (Rate.Kind.PLAN, Rate.Kind.BOOKED)
"""Of these each currency needs one; without a current rate the booked one values the pipeline."""


@dataclass(frozen=True)
class NoRate:
    """A kind of rate that is missing: since which day, None where there never was one before."""

    kind: Rate.Kind
    since: date | None


@dataclass
class Unrated:
    """A currency without a rate of some kind, and what of the reader's is therefore in no sum, or can't be booked."""

    currency: str
    lacks: list[NoRate] = field(default_factory=list)
    deals: list[Opportunity] = field(default_factory=list)
    more: int = 0
    waiting: list[OrderRequest] = field(default_factory=list)


def unrated(mine: Reach) -> list[Unrated]:
    """The currencies that lack a rate: today for open deals with an amount, on its booking date for what waits."""
    day, reporting = today(), the_organisation().reporting_currency
    deals = Opportunity.objects.visible_to(mine).open().filter(amount_minor__isnull=False)
    used = set(deals.exclude(currency=reporting).order_by().values_list("currency", flat=True).distinct())
    waiting = list(requests_in(mine).exclude(currency=reporting))
    found: dict[str, Unrated] = {}
    for lack_of, lack in _lacks(used, day):
        found.setdefault(lack_of, Unrated(lack_of)).lacks.append(lack)
    for one in found.values():
        rows = deals.filter(currency=one.currency)
        one.deals = list(rows.order_by("close_on", "pk")[:NAMED])
        one.more = rows.count() - len(one.deals)
    for row in _unbookable(waiting):
        currency = row.currency
        found.setdefault(currency, Unrated(currency)).waiting.append(row)
    return [found[currency] for currency in sorted(found)]


def _lacks(currencies: set[str], day: date) -> Iterator[tuple[str, NoRate]]:
    if not currencies:
        return
    held = set(Rate.objects.on(day).filter(currency__in=currencies).values_list("currency", "kind"))
    past = Rate.objects.current().filter(currency__in=currencies, stops_on__lte=day).order_by()
    ended = {
        (code, kind): stop
        for code, kind, stop in past.values_list("currency", "kind").annotate(Max("stops_on"))
    }
    for currency in sorted(currencies):
        for kind in NEEDED:
            if (currency, kind) not in held:
                yield currency, NoRate(kind, ended.get((currency, kind)))


def _unbookable(waiting: Sequence[OrderRequest]) -> list[OrderRequest]:
    """Those whose currency lacks a plan or a booked rate on their booking date."""
    if not waiting:
        return []
    first, last = min(row.booked_on for row in waiting), max(row.booked_on for row in waiting)
    codes = {row.currency for row in waiting}
    rates = list(Rate.objects.filter(currency__in=codes).overlapping(first, None).filter(starts_on__lte=last))
    held = {
        (rate.currency, rate.kind, row.pk)
        for rate in rates
        for row in waiting
        if rate.holds_on(row.booked_on)
    }
    return [row for row in waiting if any((row.currency, kind, row.pk) not in held for kind in NEEDED)]
