"""Who is on an event's list, as far as the reader sees them, and what the event brought."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from django.db.models import Count, Q, QuerySet

from accounts.models import Contact
from common.access import Reach, seen
from common.errors import NotInReach
from common.models import Rate
from common.money import round_half_away
from common.offers import Offer, Option
from common.transaction import reach, widened
from pipeline.models import Attendance, EventContact, EventLead, Lead, Opportunity, SalesEvent, Standing
from pipeline.selectors.opportunities import factors

MOST_SHOWN = 200
AMOUNT = ("amount_minor", "currency")
Guest = EventContact | EventLead


@dataclass(frozen=True)
class Guests:
    """Those on the list whom the reader sees, and how many of each state."""

    rows: list[Guest]
    counts: dict[str, int]

    @property
    def came(self) -> int:
        return self.counts.get(Attendance.State.CAME, 0)

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def guests_of(mine: Reach, event: SalesEvent) -> Guests:
    """The contacts and leads on the list of an event, in reach."""
    contacts = _listed(EventContact, mine, event).select_related("contact__account")
    leads = _listed(EventLead, mine, event).select_related("lead")
    counts: dict[str, int] = {}
    for rows in (contacts, leads):
        for state, number in rows.order_by().values_list("state").annotate(Count("pk")):
            counts[state] = counts.get(state, 0) + number
    return Guests([*contacts[:MOST_SHOWN], *leads[:MOST_SHOWN]], counts)


def guest_in(mine: Reach, event_id: int, who: str, pk: int) -> Guest:
    """Somebody on an event's list, in reach. Raises NotInReach."""
    model: Any = {"contact": EventContact, "lead": EventLead}.get(who)
    if model is None:
        raise NotInReach()
    rows = model.objects.filter(event_id=event_id, is_removed=False).select_related("event", who)
    guest: Guest = seen(rows, mine, pk)
    return guest


def _listed(model: Any, mine: Reach, event: SalesEvent) -> QuerySet[Any]:
    rows: QuerySet[Any] = model.objects.filter(mine.q(model), event=event, is_removed=False).order_by("pk")
    return rows


@dataclass(frozen=True)
class Brought:
    """What an event sourced, in the reporting currency: leads, deals, what these were worth when they were created,
    what they are worth now, what of them is open and won, and what a lead cost. None: nothing to divide by.

    `deals`: the newest of `total`. `unvalued`, `first_unvalued`: how many are without an amount or a rate now, and when
    they were created. `cost_unrated`: there is a cost, but no rate for its currency.
    """

    leads: int
    deals: list[Opportunity]
    total: int
    first_unvalued: int
    unvalued: int
    cost_unrated: bool
    created_minor: int
    now_minor: int
    open_minor: int
    won_minor: int
    cost_minor: int | None
    cost_per_lead_minor: int | None


def brought(mine: Reach, event: SalesEvent, today: date) -> Brought:
    """What came of an event, as far as the reader sees it. A deal that was merged counts as the one that stays.

    Created value is the deal's first amount, and all are valued at today's current rates; what has no rate or no amount
    counts nothing, and is counted. The cost is that of all leads of the event, so their number is divided by, whoever
    reads.
    """
    rows = Lead.objects.visible_to(mine).filter(event=event).order_by()
    became = {
        merged or deal
        for deal, merged in rows.filter(opportunity__isnull=False).values_list(
            "opportunity_id", "opportunity__merged_into_id"
        )
    }
    found = Opportunity.objects.visible_to(mine).filter(pk__in=became).order_by("-created_on", "-pk")
    worth = _worth(today)
    now = [(pk, state, worth(*amount)) for pk, state, *amount in found.values_list("pk", "state", *AMOUNT)]
    first = first_amounts([pk for pk, _state, _minor in now])
    created = [worth(*first[pk]) if pk in first else minor for pk, _state, minor in now]
    cost = worth(event.cost_minor, event.currency)
    with widened("lead"):
        all_leads = Lead.objects.filter(event=event).count()
    return Brought(
        leads=rows.count(),
        deals=list(found.select_related("owner", "stage")[:MOST_SHOWN]),
        total=len(now),
        first_unvalued=created.count(None),
        unvalued=[minor for _pk, _state, minor in now].count(None),
        cost_unrated=cost is None and event.cost_minor is not None,
        created_minor=sum(minor or 0 for minor in created),
        now_minor=sum(minor or 0 for _pk, _state, minor in now),
        open_minor=sum(minor or 0 for _pk, state, minor in now if state == Opportunity.State.OPEN),
        won_minor=sum(minor or 0 for _pk, state, minor in now if state == Opportunity.State.WON),
        cost_minor=cost,
        cost_per_lead_minor=round_half_away(Fraction(cost, all_leads))
        if cost is not None and all_leads
        else None,
    )


def _worth(today: date) -> Callable[[int | None, str], int | None]:
    """What an amount is worth today in the reporting currency, rounded once; None without one or a rate."""
    rates = factors(Rate.Kind.CURRENT, today)

    def worth(minor: int | None, currency: str) -> int | None:
        return None if minor is None or currency not in rates else round_half_away(minor * rates[currency])

    return worth


def first_amounts(deal_ids: Iterable[int]) -> dict[int, tuple[int | None, str]]:
    """What each deal was worth when it was created, and in which currency: its first standing."""
    rows = Standing.objects.filter(opportunity__in=list(deal_ids)).order_by("opportunity_id", "starts_on")
    first = rows.distinct("opportunity_id").values_list("opportunity_id", "amount_minor", "currency")
    return {deal: (minor, currency) for deal, minor, currency in first}


class GuestContacts(Offer):
    """The contacts in reach, each with their account."""

    page = "guest_contact_suggest"

    def rows(self) -> QuerySet[Any]:
        return Contact.objects.visible_to(reach()).select_related("account")

    def options(self, rows: Iterable[Any], text: str = "") -> list[Option]:
        return [Option(str(row.pk), row.name, str(row.account)) for row in rows]


class GuestLeads(Offer):
    """The leads in reach, each with their company."""

    page = "guest_lead_suggest"

    def rows(self) -> QuerySet[Any]:
        return Lead.objects.visible_to(reach())

    def matching(self, text: str) -> Q:
        return Q(name_key__contains=text.lower()) | Q(company_key__contains=text.lower())

    def options(self, rows: Iterable[Any], text: str = "") -> list[Option]:
        return [Option(str(row.pk), str(row), row.company if row.name else "") for row in rows]
