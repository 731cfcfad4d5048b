"""Deals by filter: lists, counts that stop counting, and one deal."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    DateField,
    DecimalField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from common.access import Reach, seen
from common.models import Rate
from common.money import exponent
from common.selectors import policy, the_organisation, today
from pipeline.models import Opportunity, OpportunityQuerySet, Stage, StageVisit
from territories.models import Seat, User
from workspace.selectors.own import Asked, narrowed

DEALS_SHOWN = 25
# What deals are worth is worked out for each of them, so no more of them than this are sorted by it.
MOST_SORTED = 20_000
NUMBER = DecimalField(max_digits=40, decimal_places=10)
AMOUNT = F("amount_minor")
SORTS = ("close", "-close", "amount", "-amount", "name", "-name")
ATTENTION = {
    "overdue": _("overdue close date"),
    "no_next_step": _("no next step"),
    "stalled": _("stalled"),
    "step_due": _("next step due"),
}
STATES = {**dict(Stage.Kind.choices), "all": _("all")}
SAID: dict[str, tuple[str, ...]] = {
    "account": ("name",),
    "owner": ("name",),
    "territory": ("name",),
    "partner": ("name",),
    "stage": ("name", "probability"),
}
"""What pages say of what deals belong to."""


@dataclass(frozen=True)
class Filters:
    """Which deals are asked for: what their columns hold, in which way they ask for attention, and a text of theirs;
    `seated`: by where their owners sit; `recorded`: by when they were opened or won, on the clock.
    """

    columns: Mapping[str, Any]
    attention: str
    text: str
    own: Sequence[Asked] = ()
    seated: Q = field(default_factory=Q)
    recorded: Q = field(default_factory=Q)


def opportunities(mine: Reach, filters: Filters, today: date) -> OpportunityQuerySet:
    """The deals in reach that pass the filters."""
    rows: OpportunityQuerySet = Opportunity.objects.visible_to(mine).standing()
    rows = rows.filter(filters.seated, filters.recorded, **filters.columns)
    rows = narrowed(rows, filters.own)
    if filters.attention:
        rows = rows.open().filter(needing(filters.attention, today))
    return rows.filter(named(mine, filters.text)) if filters.text else rows


def opened_since(moment: datetime) -> QuerySet[StageVisit]:
    """The first visits of the deals that were recorded after an instant, whatever day they are dated on."""
    earlier = StageVisit.objects.filter(opportunity=OuterRef("opportunity"), pk__lt=OuterRef("pk"))
    return StageVisit.objects.filter(~Exists(earlier), recorded_at__gt=moment)


def won_since(moment: datetime) -> QuerySet[StageVisit]:
    """The visits by which deals were won, and still are, that were recorded after an instant."""
    return StageVisit.objects.filter(
        stage__kind=Stage.Kind.WON, opportunity__state=Opportunity.State.WON, recorded_at__gt=moment
    )


def recorded(opened: datetime | None, won: datetime | None) -> Q:
    """What makes a deal one that was opened, or won, since an instant."""
    found = Q() if opened is None else Q(pk__in=opened_since(opened).order_by().values("opportunity"))
    return found if won is None else found & Q(pk__in=won_since(won).order_by().values("opportunity"))


def needing(attention: str, today: date) -> Q:
    """What makes an open deal ask for attention in one of those ways."""
    return {
        "overdue": Q(close_on__lt=today),
        "no_next_step": Q(next_step=""),
        "stalled": stalled(today, policy("stalled_after_days")),
        "step_due": Q(next_step_on__lte=today) & ~Q(next_step=""),
    }[attention]


def stalled(today: date, days: int) -> Q:
    """What makes an open deal stalled: more days in its stage than that allows, or than these where it says nothing."""
    allowed = Coalesce(F("stage__stalled_after_days"), Value(days))
    return Q(stage_since_on__lt=ExpressionWrapper(Value(today, DateField()) - allowed, DateField()))


def marked(rows: OpportunityQuerySet, today: date) -> OpportunityQuerySet:
    """The deals, each with whether it is stalled, as marks show it."""
    is_stalled = Q(state=Opportunity.State.OPEN) & needing("stalled", today)
    found: OpportunityQuerySet = rows.annotate(is_stalled=ExpressionWrapper(is_stalled, BooleanField()))
    return found


def with_names(
    rows: OpportunityQuerySet, relations: Collection[str], own: Collection[str] = ()
) -> OpportunityQuerySet:
    """The deals with what pages say of what they belong to, and nothing else of it.

    `own`: the columns of the deal itself, where not all of them are needed.
    """
    columns = own or [column.name for column in Opportunity._meta.concrete_fields]
    found: OpportunityQuerySet = rows.select_related(*relations)
    return found.only(*columns, *(f"{name}__{column}" for name in relations for column in SAID[name]))


def named(mine: Reach, text: str, deal: str = "") -> Q:
    """What makes a deal, its account in reach or its owner be called like that; `deal`: the path to it from a row."""
    accounts = Account.objects.visible_to(mine).filter(name_key__contains=text.lower()).order_by()
    people = User.objects.filter(name__icontains=text).order_by()
    return (
        Q(**{f"{deal}name_key__contains": text.lower()})
        | Q(**{f"{deal}account_id__in": accounts.values("pk")})
        | Q(owner_id__in=people.values("pk"))
    )


def sorted_by(rows: QuerySet[Any], sort: str, today: date) -> tuple[QuerySet[Any], Sequence[str]]:
    """The rows with what they are sorted by, and the names of those columns for keyset pages.

    Amounts are sorted by what they are worth today; those without amount or rate are the lowest.
    """
    sign, key = ("-", sort[1:]) if sort.startswith("-") else ("", sort)
    column = {"name": "name_key", "amount": "sort_value", "close": "close_on"}[key]
    if key == "amount":
        lowest = Value(Decimal(-1), NUMBER)
        rows = rows.annotate(sort_value=Coalesce(worth(factors(Rate.Kind.CURRENT, today)), lowest))
    return rows, (sign + column, f"{sign}id")


def too_many_to_sort(rows: QuerySet[Any]) -> bool:
    """Whether the rows are too many to be sorted by their amount."""
    return rows.order_by()[: MOST_SORTED + 1].count() > MOST_SORTED


def factors(kind: str, day: date, known_at: datetime | None = None) -> dict[str, Decimal]:
    """What a minor unit of each currency is worth in the reporting currency's on that day, as known at that instant or
    now; no rate, no entry.

    A currency without a current rate on the day is valued at its booked one.
    """
    reporting = the_organisation().reporting_currency
    kinds = [Rate.Kind.BOOKED, Rate.Kind.CURRENT] if kind == Rate.Kind.CURRENT else [kind]
    # "current" comes after "booked" and takes its place.
    found = Rate.objects.known(known_at).holding(day).filter(kind__in=kinds).order_by("kind")
    rates = dict(found.values_list("currency", "value"))
    places = exponent(reporting)
    held = {currency: rate.scaleb(places - exponent(currency)) for currency, rate in rates.items()}
    return {**held, reporting: Decimal(1)}


def worth(by_currency: Mapping[str, Decimal], amount: Combinable = AMOUNT) -> Combinable:
    """A deal's amount, or a part of it, by these factors, exact and not rounded yet; null without one or a factor."""
    cases = [When(currency=currency, then=Value(factor, NUMBER)) for currency, factor in by_currency.items()]
    return amount * Case(*cases, output_field=NUMBER)


def opportunity(mine: Reach, pk: int) -> Opportunity:
    """One deal in reach with what its page names. Raises NotInReach."""
    named = ("account", "owner", "stage__sales_model", "territory", "partner", "partner_rep")
    rows = Opportunity.objects.select_related(*named)
    deal: Opportunity = seen(marked(rows, today()), mine, pk)
    return deal


def has_products(deal: Opportunity) -> bool:
    """Whether products make the deal's amount."""
    return bool(deal.lines.filter(is_removed=False).exists())


def account_of(mine: Reach, pk: int | None) -> dict[str, Any]:
    """What a quick entry that starts from an account is filled with. Raises NotInReach."""
    if pk is None:
        return {}
    account = seen(Account.objects.all(), mine, pk)
    return {"account": account.pk, "account_name": account.name}


def account_deals(mine: Reach, account_id: int) -> list[Opportunity]:
    """The deals in reach of an account: open ones by close date, then the latest closed."""
    deals = Opportunity.objects.visible_to(mine).standing().filter(account_id=account_id)
    rows = marked(deals, today()).select_related("stage", "owner")
    closed = rows.exclude(state=Stage.Kind.OPEN).order_by("-close_on", "-id")[:DEALS_SHOWN]
    return [*rows.open().order_by("close_on", "id")[:DEALS_SHOWN], *closed]


def led_by(mine: Reach) -> list[int]:
    """The reader and all whom they lead."""
    return sorted({*mine.people, *mine.ids("own")})


def begun_with(mine: Reach) -> list[int]:
    """Whose work a page begins with: the reader's with that of all whom they lead; of who reads all only their own."""
    return sorted(mine.ids("own")) if "org" in mine.relations("opportunity") else led_by(mine)


def owners(mine: Reach) -> QuerySet[User]:
    """The people whose deals the reader may lead: themselves and those below them, or everybody."""
    everybody = User.objects.filter(is_active=True)
    if "org" in mine.relations("opportunity"):
        return everybody.filter(Exists(Seat.objects.filter(user=OuterRef("pk"))))
    return everybody.filter(pk__in=led_by(mine))
