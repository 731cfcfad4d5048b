"""Which deals the pages of insight are about, and what they come to by what tells them apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import (
    Aggregate,
    Count,
    DurationField,
    ExpressionWrapper,
    F,
    FilteredRelation,
    Q,
    QuerySet,
    Sum,
    Value,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Round
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from catalog.models import Product
from common.access import Reach
from common.http import Page, page_by_key
from common.models import Rate
from pipeline.models import Category, Channel, Motion, Opportunity, OpportunityQuerySet
from pipeline.rules.rates import ratio
from pipeline.selectors.opportunities import factors, worth
from territories.models import Territory, User

UNSAID = "—"
"""The key of what is not said: a deal without a source, an account without a segment."""
BY: dict[str, StrOrPromise] = {
    "owner": gettext_lazy("By owner"),
    "territory": gettext_lazy("By territory"),
    "segment": gettext_lazy("By segment"),
    "source": gettext_lazy("By source"),
    "channel": gettext_lazy("By channel"),
    "motion": gettext_lazy("By motion"),
    "competitor": gettext_lazy("By competitor"),
    "product": gettext_lazy("By product"),
}
COLUMNS = {
    "owner": "owner_id",
    "territory": "territory_id",
    "segment": "account__segment",
    "source": "source",
    "channel": "channel",
    "motion": "motion",
}
SEVERAL = ("competitor", "product")
"""Of what a deal may have several, and counts in each."""
BESIDE = ("opportunity", "opportunity_line", "competitor", "account")
"""What is read beyond the reach for what is usual in the company."""
OPEN, WON, LOST = Opportunity.State.OPEN, Opportunity.State.WON, Opportunity.State.LOST


class Median(Aggregate):
    """The value in the middle of those that there are."""

    function = "percentile_cont"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"


@dataclass(frozen=True)
class Asked:
    """Of which days a page tells, both included, and of which deals: what their columns hold."""

    first: date
    last: date
    columns: Mapping[str, Any]

    def within(self, column: str) -> Q:
        """What has its day in that column in these days."""
        return Q(**{f"{column}__gte": self.first, f"{column}__lte": self.last})


@dataclass(frozen=True)
class Tally:
    """How many deals of one kind were won and lost and are open, and what they are worth in the reporting currency.

    `unvalued`: without an amount or a rate; they count by number alone. `won_valued`: of how many won ones
    `won_minor` is.
    """

    key: Any
    label: str
    won: int = 0
    lost: int = 0
    open: int = 0
    won_minor: int = 0
    lost_minor: int = 0
    open_minor: int = 0
    won_valued: int = 0
    unvalued: int = 0

    @property
    def deals(self) -> int:
        return self.won + self.lost + self.open

    @property
    def minor(self) -> int:
        return self.won_minor + self.lost_minor + self.open_minor

    @property
    def by_count(self) -> Fraction | None:
        """The share that was won, of all of them."""
        return ratio(self.won, self.deals)

    @property
    def by_value(self) -> Fraction | None:
        """The share of their worth that was won."""
        return ratio(self.won_minor, self.minor)

    @property
    def shown_key(self) -> str:
        return key_in_address(self.key)


def key_in_address(key: Any) -> str:
    """A line's key as addresses and programs name it; that of what nobody said is a dash."""
    return UNSAID if key in (None, "") else str(key)


def deals(mine: Reach, asked: Asked) -> OpportunityQuerySet:
    """The deals in reach that are asked for, whatever became of them, without merged ones."""
    rows: OpportunityQuerySet = Opportunity.objects.visible_to(mine).standing().filter(**asked.columns)
    return rows


def pipeline(rows: OpportunityQuerySet) -> OpportunityQuerySet:
    """Those of them that are in the open pipeline."""
    return rows.open().exclude(category=Category.OMITTED)


def rates_now(day: date) -> dict[str, Decimal]:
    """What a minor unit of each currency is worth today in the reporting currency's."""
    return factors(Rate.Kind.CURRENT, day)


def keyed(rows: OpportunityQuerySet, by: str) -> QuerySet[Any]:
    """The deals, each with what it is told apart by as `key`; where it has several of these it is there with each."""
    there = {
        "competitor": FilteredRelation("competitors", condition=Q(competitors__is_removed=False)),
        "product": FilteredRelation("lines", condition=Q(lines__is_removed=False)),
    }
    found: QuerySet[Any]
    if by == "competitor":
        found = rows.annotate(named=there[by], key=F("named__name"))
    elif by == "product":
        found = rows.annotate(sold=there[by], key=F("sold__product_id"))
    else:
        found = rows.annotate(key=F(COLUMNS[by]) if by else Value(""))
    return found


def minor_of(by: str, rates: Mapping[str, Decimal]) -> Combinable:
    """What a deal counts in the reporting currency, rounded once: by product the line, else the amount."""
    amount = Coalesce("sold__amount_minor", "amount_minor") if by == "product" else F("amount_minor")
    return Round(worth(rates, amount))


def valued(rows: QuerySet[Any], rates: Mapping[str, Decimal]) -> QuerySet[Any]:
    """The deals, each with what it counts as `minor`."""
    found: QuerySet[Any] = rows.annotate(minor=minor_of("", rates))
    return found


def tallies(rows: OpportunityQuerySet, by: str, rates: Mapping[str, Decimal]) -> list[Tally]:
    """What the deals come to, told apart by one of BY; by nothing, one line, also where there are none."""
    is_several = by in SEVERAL
    sums: dict[str, Any] = {}
    for name, state in (("won", WON), ("lost", LOST), ("open", OPEN)):
        sums[name] = Count("pk", distinct=is_several, filter=Q(state=state))
        sums[f"{name}_minor"] = Coalesce(Sum("minor", filter=Q(state=state)), Value(Decimal(0)))
    sums["won_valued"] = Count("pk", distinct=is_several, filter=Q(state=WON, minor__isnull=False))
    sums["unvalued"] = Count("pk", distinct=is_several, filter=Q(minor=None))
    found = keyed(rows, by).order_by().annotate(minor=minor_of(by, rates)).values("key").annotate(**sums)
    lines = [{**row, **{name: int(row[name]) for name in sums}} for row in found]
    words = labels(by, [row["key"] for row in lines])
    counted = [Tally(label=words.get(row["key"]) or _("not said"), **row) for row in lines]
    return counted if by else counted or [Tally("", "")]


def labels(by: str, keys: Sequence[Any]) -> dict[Any, str]:
    """What the keys are called."""
    if by == "owner":
        return dict(User.objects.filter(pk__in=keys).values_list("pk", "name"))
    if by == "territory":
        return dict(Territory.objects.filter(pk__in=keys).values_list("pk", "name"))
    if by == "product":
        return dict(Product.objects.filter(pk__in=filter(None, keys)).values_list("pk", "name"))
    named = {"channel": Channel, "motion": Motion}.get(by)
    return {key: str(named(key).label) if named else key for key in keys if key}


def members(rows: OpportunityQuerySet, by: str, key: str, rates: Mapping[str, Decimal]) -> QuerySet[Any]:
    """The deals behind one line of `tallies`, each with what it counts there as `minor`."""
    found = keyed(rows, by)
    if by and key:
        unsaid = Q(key=None) if by in SEVERAL or COLUMNS[by].endswith("_id") else Q(key=None) | Q(key="")
        found = found.filter(unsaid if key == UNSAID else Q(key=_typed(by, key)))
    counts = minor_of(by, rates)
    counted: QuerySet[Any] = found.annotate(minor=Sum(counts) if by == "product" else counts)
    return counted


def _typed(by: str, key: str) -> Any:
    """A key as its column has it; of ids what is no number names nothing."""
    if by == "product" or COLUMNS.get(by, "").endswith("_id"):
        return int(key) if key.isascii() and key.isdigit() and len(key) < 19 else 0
    return key


def come_to(rows: QuerySet[Any]) -> tuple[int, int]:
    """How many deals these are, and what they come to where each has what it counts as `minor`."""
    found = rows.order_by().aggregate(deals=Count("pk"), sum=Coalesce(Sum("minor"), Value(Decimal(0))))
    return found["deals"], int(found["sum"])


def took() -> Combinable:
    """From a deal's first day to its closing."""
    return ExpressionWrapper(F("closed_on") - F("created_on"), DurationField())


def cycle_days(rows: OpportunityQuerySet) -> Fraction | None:
    """The median of the days that these won deals took; None without any."""
    found = rows.order_by().aggregate(days=Median(took(), output_field=DurationField()))["days"]
    return None if found is None else Fraction(found // timedelta(hours=12), 2)


def newest_page(rows: QuerySet[Any], after: str | None) -> Page[Any]:
    """A page of the deals behind a figure, the newest first."""
    return page_by_key(rows.select_related("account", "owner", "stage"), ["-id"], after)
