"""Deals by filter: lists, counts that stop counting, and one deal."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Case, DecimalField, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from accounts.models import Account
from common.access import Reach, found
from common.locale import exponent
from common.models import Rate
from common.selectors import the_organisation
from pipeline.models import Opportunity, OpportunityQuerySet, Stage
from territories.models import Seat, User

DEALS_SHOWN = 25
# What deals are worth is worked out for each of them, so no more of them than this are sorted by it.
MOST_SORTED = 20_000
MOST_OFFERED = 100
SORTS = ("close", "-close", "amount", "-amount", "name", "-name")
ATTENTION = ("overdue", "no_next_step", "stalled")
STATES = (*Stage.Kind.values, "all")


@dataclass(frozen=True)
class Filters:
    """Which deals are asked for; `start` and `stop` bound the close date."""

    state: str = Stage.Kind.OPEN
    stage_id: int | None = None
    category: str = ""
    owner_id: int | None = None
    start: date | None = None
    stop: date | None = None
    attention: str = ""
    text: str = ""


def opportunities(mine: Reach, filters: Filters, today: date) -> OpportunityQuerySet:
    """The deals in reach that pass the filters."""
    rows: OpportunityQuerySet = Opportunity.objects.visible_to(mine)
    exact = {"stage_id": filters.stage_id, "category": filters.category, "owner_id": filters.owner_id}
    rows = rows.filter(**{name: value for name, value in exact.items() if value not in (None, "")})
    if filters.state != "all":
        rows = rows.filter(state=filters.state)
    if filters.start:
        rows = rows.filter(close_on__gte=filters.start)
    if filters.stop:
        rows = rows.filter(close_on__lt=filters.stop)
    if filters.text:
        rows = rows.filter(_named(mine, filters.text))
    return needing(rows, filters.attention, today)


def needing(rows: OpportunityQuerySet, attention: str, today: date) -> OpportunityQuerySet:
    """The open deals that ask for attention in that way; all rows where none is named."""
    if attention == "overdue":
        return rows.overdue(today)
    if attention == "no_next_step":
        return rows.without_next_step()
    if attention == "stalled":
        return rows.in_stage_since_before(stalled_before(today))
    return rows


def stalled_before(today: date) -> date:
    """A deal that entered its stage before this day is stalled."""
    return today - timedelta(days=settings.STALLED_AFTER_DAYS)


def _named(mine: Reach, text: str) -> Q:
    accounts = Account.objects.visible_to(mine).filter(name_key__contains=text.lower()).order_by()
    people = User.objects.filter(name__icontains=text).order_by()
    return (
        Q(name_key__contains=text.lower())
        | Q(account_id__in=accounts.values("pk"))
        | Q(owner_id__in=people.values("pk"))
    )


def sorted_by(rows: OpportunityQuerySet, sort: str, today: date) -> tuple[QuerySet[Any], Sequence[str]]:
    """The rows with what they are sorted by, and the names of those columns for keyset pages."""
    sign, key = ("-", sort[1:]) if sort.startswith("-") else ("", sort)
    if key == "name":
        return rows, (f"{sign}name_key", f"{sign}id")
    if key == "amount":
        return rows.annotate(sort_value=_value(today)), (f"{sign}sort_value", f"{sign}id")
    return rows, (f"{sign}close_on", f"{sign}id")


def too_many_to_sort(rows: QuerySet[Any]) -> bool:
    """Whether the rows are too many to be sorted by their amount."""
    return rows.order_by()[: MOST_SORTED + 1].count() > MOST_SORTED


def _value(today: date) -> Coalesce:
    """The amount in whole units of the reporting currency at today's rate; without amount or rate it sorts lowest."""
    number = DecimalField(max_digits=40, decimal_places=10)
    rates = dict(Rate.objects.on(today).filter(kind=Rate.Kind.BOOKED).values_list("currency", "value"))
    rates[the_organisation().reporting_currency] = Decimal(1)
    cases = [
        When(currency=currency, then=F("amount_minor") * Value(rate.scaleb(-exponent(currency)), number))
        for currency, rate in rates.items()
    ]
    return Coalesce(Case(*cases, output_field=number), Value(Decimal(-1), number))


def opportunity(mine: Reach, pk: int) -> Opportunity:
    """One deal in reach with what its page names. Raises NotInReach."""
    rows = Opportunity.objects.visible_to(mine).select_related("account", "owner", "stage", "territory")
    deal: Opportunity = found(rows.filter(pk=pk).first())
    return deal


def account_of(mine: Reach, pk: int | None) -> dict[str, Any]:
    """What a quick entry that starts from an account is filled with. Raises NotInReach."""
    if pk is None:
        return {}
    account = found(Account.objects.visible_to(mine).filter(pk=pk).first())
    return {"account": account.pk, "account_name": account.name}


def account_deals(mine: Reach, account_id: int) -> list[Opportunity]:
    """The deals in reach of an account: open ones by close date, then the latest closed."""
    rows = Opportunity.objects.visible_to(mine).filter(account_id=account_id).select_related("stage", "owner")
    closed = rows.exclude(state=Stage.Kind.OPEN).order_by("-close_on", "-id")[:DEALS_SHOWN]
    return [*rows.open().order_by("close_on", "id")[:DEALS_SHOWN], *closed]


def stages() -> list[Stage]:
    """All stages in their order."""
    return list(Stage.objects.all())


def owners(mine: Reach) -> QuerySet[User]:
    """The people whose deals the reader may lead: themselves and those below them, or everybody."""
    everybody = User.objects.filter(is_active=True)
    if "org" in mine.relations("opportunity"):
        return everybody.filter(Exists(Seat.objects.filter(user=OuterRef("pk"))))
    return everybody.filter(pk__in=[*mine.people, *mine.ids("own")])


def offered_owners(mine: Reach, chosen: int | None) -> list[User]:
    """The owners to choose between; where they are too many for a list, the chosen one: the search finds the others."""
    people = list(owners(mine)[: MOST_OFFERED + 1])
    if len(people) <= MOST_OFFERED:
        return people
    return list(owners(mine).filter(pk=chosen)) if chosen else []
