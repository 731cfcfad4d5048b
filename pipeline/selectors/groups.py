"""Deals of a list in groups, each with what it comes to."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import accumulate
from typing import Any

from django.db.models import Case, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When, Window
from django.db.models.functions import Coalesce, RowNumber, TruncMonth
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from common.calendars import month_of
from common.locale import UNDEFINED, format_month
from common.models import Period, Rate
from common.selectors import months_by_table
from pipeline.models import Category, Opportunity
from pipeline.selectors import opportunities as deals
from pipeline.selectors.totals import Totals, summed, totals_of

MOST_SHOWN = 50
"""So many deals of a group are shown below it; the rest in a list of their own."""
MOST_OPEN = 200
"""Where all deals are so few, every group stands open."""
MOST_UNFOLDED = 1_000
"""So many deals are shown where all groups are unfolded at once."""
ALL = "all"
"""In the place of the keys of the groups that stand open."""


@dataclass(frozen=True)
class Grouping:
    """A way of putting deals into groups: the column by which, those that name and order them, the filter of each."""

    label: StrOrPromise
    key: str
    name: str
    order: tuple[str, ...]
    filter: str


GROUPINGS = {
    "stage": Grouping(
        _("Stage"),
        "stage_id",
        "stage__name",
        ("stage__sales_model_id", "stage__position", "stage_id"),
        "stage",
    ),
    "owner": Grouping(_("Owner"), "owner_id", "owner__name", ("owner__name", "owner_id"), "owner"),
    "category": Grouping(_("Category"), "category", "category", ("category",), "category"),
    "month": Grouping(_("Month of the close date"), "month", "month", ("month",), "from"),
    "account": Grouping(
        _("Account"), "account_id", "account__name", ("account__name_key", "account_id"), "account"
    ),
    "territory": Grouping(
        _("Territory"), "territory_id", "territory__name", ("territory__name", "territory_id"), "territory"
    ),
}


@dataclass
class Group:
    """Some deals of a list: what they share, what they come to, the filters that show them alone, the first of them.

    `url`: the list of them alone; `rows_url`: what answers with its rows.
    """

    key: str
    name: str
    totals: Totals
    filters: dict[str, Any]
    rows: list[Opportunity] = field(default_factory=list)
    is_open: bool = False
    url: str = ""
    rows_url: str = ""

    @property
    def path(self) -> str:
        """By what its rows know it on the page."""
        return f"g-{self.key}"

    @property
    def more(self) -> int:
        """How many deals an open group does not show."""
        return self.totals.deals - len(self.rows)


def groups(rows: QuerySet[Any], by: str, day: date) -> list[Group]:
    """The groups of all rows in their order, without their deals; their sums are those of the rows."""
    way, rates = GROUPINGS[by], deals.factors(Rate.Kind.CURRENT, day)
    named = dict.fromkeys([way.key, way.name, *way.order])
    sums = keyed(rows, by).order_by().values(*named, "currency").annotate(**summed(rates))
    found: dict[Any, list[dict[str, Any]]] = {}
    for row in sums.order_by(*(F(name).asc(nulls_last=True) for name in way.order), "currency"):
        found.setdefault(row[way.key], []).append(row)
    made = [_group(way, key, parts, rates) for key, parts in found.items()]
    weight = list(Category.values)
    return sorted(made, key=lambda group: -weight.index(group.key)) if by == "category" else made


def keyed(rows: QuerySet[Any], by: str) -> QuerySet[Any]:
    """The rows with the column by which they are put into groups."""
    return rows.annotate(month=_month()) if by == "month" else rows


def _month() -> Any:
    """The first day of the month of the close date: of the fiscal one where months are made of weeks."""
    month = TruncMonth("close_on")
    if not months_by_table():
        return month
    day = OuterRef("close_on")
    held = Period.objects.months().filter(starts_on__lte=day, stops_on__gt=day)
    return Coalesce(Subquery(held.values("starts_on")[:1]), month)


def _group(
    way: Grouping, key: Any, parts: Sequence[Mapping[str, Any]], rates: Mapping[str, Decimal]
) -> Group:
    sums = ((one["currency"], one["deals"], one["minor"], one["worth_minor"]) for one in parts)
    filters: dict[str, Any] = {way.filter: key}
    if isinstance(key, date):
        last = months_by_table().get(key, month_of(key)).last_day
        filters = {"from": key.isoformat(), "to": last.isoformat(), "period": None}
    name = _name(way, key, parts[0][way.name])
    return Group(str(key or "none"), name, totals_of(sums, rates), filters)


def with_deals(
    found: Sequence[Group], rows: QuerySet[Any], by: str, order: Sequence[str], opened: Collection[str]
) -> None:
    """Put the first deals into the groups that stand open: those that were opened, or all where they are few."""
    way = GROUPINGS[by]
    is_small = sum(group.totals.deals for group in found) <= MOST_OPEN
    shown = {group.key: group for group in found if (is_small and not opened) or group.key in opened}
    if not shown:
        return
    place = Window(RowNumber(), partition_by=F(way.key), order_by=list(order))
    chosen = keyed(rows, by).annotate(place=place).filter(place__lte=MOST_SHOWN)
    if not is_small or opened:
        chosen = chosen.filter(_among(way, shown))
    for deal in chosen.order_by(*order):
        group = shown[str(getattr(deal, way.key) or "none")]
        group.rows.append(deal)
    for group in shown.values():
        group.is_open = True


def unfolded(found: Sequence[Group]) -> list[str]:
    """The keys of all groups, or of the first ones where their deals are too many to be shown at once."""
    shown = accumulate(min(group.totals.deals, MOST_SHOWN) for group in found)
    return [group.key for group, so_far in zip(found, shown, strict=True) if so_far <= MOST_UNFOLDED]


def _among(way: Grouping, keys: Collection[str]) -> Q:
    """The rows of these groups."""
    named: list[Any] = [key for key in keys if key != "none"]
    if way.key == "month":
        named = [date.fromisoformat(key) for key in named]
    found = Q(**{f"{way.key}__in": named})
    return found | Q(**{way.key: None}) if "none" in keys else found


def in_groups(rows: QuerySet[Any], by: str, order: Sequence[str]) -> QuerySet[Any]:
    """The rows group by group, in the order in which the groups are shown."""
    way = GROUPINGS[by]
    named: QuerySet[Any] = keyed(rows, by).annotate(group_name=F(way.name))
    place: Sequence[Any] = [F(name).asc(nulls_last=True) for name in way.order]
    if by == "category":
        weights = [When(category=value, then=Value(-weight)) for weight, value in enumerate(Category.values)]
        place = [Case(*weights, output_field=IntegerField())]
    return named.order_by(*place, *order)


def name_of(row: Any, by: str) -> str:
    """What the group of a row of `in_groups` is called."""
    return _name(GROUPINGS[by], getattr(row, GROUPINGS[by].key), row.group_name)


def _name(way: Grouping, key: Any, name: Any) -> str:
    if isinstance(key, date):
        month = months_by_table().get(key)
        return month.code if month and not month.is_calendar_month else format_month(key)
    return str(Category(key).label if way.key == "category" else name or UNDEFINED)
