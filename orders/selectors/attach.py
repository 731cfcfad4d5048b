"""How often something ancillary is sold with what is primary, and how much of order intake comes in bundles."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Round
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from catalog.models import Product
from common.access import Reach
from common.models import Rate
from common.transaction import widened
from orders.models import BookingEvent, Order, OrderLine, OrderQuerySet
from pipeline.models import OpportunityLine
from pipeline.rules.rates import ratio
from pipeline.selectors.insight import Asked, labels
from pipeline.selectors.opportunities import factors, worth

BY = {"owner": _("By owner"), "territory": _("By territory"), "product": _("By product")}
SHOWS = {"primary": Q(has_primary=True), "attached": Q(has_primary=True, has_ancillary=True)}
NOTHING = Value(Decimal(0))
OF_DEALS = ("opportunity", "opportunity_line")
"""What is read beyond the reach: whether a line came with a bundle, one figure for all who read the order."""


@dataclass(frozen=True)
class Attached:
    """The orders of one owner, territory or product: how many have something primary, and ancillary beside it.

    `bundled_minor` of `minor`: what of their lines came with bundles, in the reporting currency at today's booked
    rates. Of a product both are of its own lines. `unvalued`: how many orders are in neither, without a rate for their
    currency.
    """

    key: Any
    label: str
    primary: int = 0
    attached: int = 0
    bundled_minor: int = 0
    minor: int = 0
    unvalued: int = 0

    @property
    def rate(self) -> Fraction | None:
        return ratio(self.attached, self.primary)

    @property
    def bundle_share(self) -> Fraction | None:
        return ratio(self.bundled_minor, self.minor)


def orders_of(mine: Reach, asked: Asked) -> OrderQuerySet:
    """The standing orders in reach of these days, each with whether it has a primary product, and an ancillary one."""
    rows = Order.objects.visible_to(mine).standing().filter(**asked.columns)
    tiers = {
        f"has_{tier}": Exists(standing_lines().filter(order=OuterRef("pk"), product__tier=tier))
        for tier in Product.Tier.values
    }
    found: OrderQuerySet = rows.filter(asked.within("booked_on")).annotate(**tiers)
    return found


def standing_lines() -> QuerySet[OrderLine]:
    """The lines that orders have now: those of their last booking or correction."""
    last = (
        BookingEvent.objects.filter(order=OuterRef("order"), kind__in=BookingEvent.TERMS)
        .order_by("-id")
        .values("pk")[:1]
    )
    rows: QuerySet[OrderLine] = OrderLine.objects.filter(event=Subquery(last))
    return rows


def attach_rates(mine: Reach, asked: Asked, by: str, today: date) -> list[Attached]:
    """Attach rate and bundle share told apart, the lowest attach rate first; by nothing, one line."""
    rows = orders_of(mine, asked)
    if by == "product":
        return _by_product(rows, today)
    key: Any = F(f"{by}_id") if by else Value("")
    counts = {name: Count("pk", filter=which) for name, which in SHOWS.items()}
    found = {row["key"]: row for row in rows.order_by().annotate(key=key).values("key").annotate(**counts)}
    of_order: Any = F(f"order__{by}_id") if by else Value("")
    money = _money(rows, of_order, today)
    lines = [
        Attached(row["key"], "", row["primary"], row["attached"], **money.get(row["key"], {}))
        for row in found.values()
    ]
    return _named(lines, by) if by else lines or [Attached("", "")]


def _by_product(rows: QuerySet[Any], today: date) -> list[Attached]:
    """Of each primary product the orders that have it, and those of them with something ancillary."""
    lines = standing_lines().filter(
        order__in=rows.order_by().values("pk"), product__tier=Product.Tier.PRIMARY
    )
    ancillary = standing_lines().filter(order=OuterRef("order"), product__tier=Product.Tier.ANCILLARY)
    found: QuerySet[Any, Any] = (
        lines.order_by().annotate(has_ancillary=Exists(ancillary)).values("product_id")
    )
    counts = {
        "primary": Count("order", distinct=True),
        "attached": Count("order", distinct=True, filter=Q(has_ancillary=True)),
    }
    money = _money(rows, F("product_id"), today)
    return _named(
        [
            Attached(
                row["product_id"], "", row["primary"], row["attached"], **money.get(row["product_id"], {})
            )
            for row in found.annotate(**counts)
        ],
        "product",
    )


def _named(lines: Sequence[Attached], by: str) -> list[Attached]:
    names = labels(by, [line.key for line in lines])
    named = [replace(line, label=names[line.key]) for line in lines]
    return sorted(named, key=lambda line: (line.rate is None, line.rate or 0, -line.primary, line.label))


def _money(rows: QuerySet[Any], key: Any, today: date) -> dict[Any, dict[str, int]]:
    """What the lines of these orders come to, and those of them that came with bundles."""
    lines = standing_lines().filter(order__in=rows.order_by().values("pk"))
    of_deal = OpportunityLine.objects.filter(
        opportunity=OuterRef("order__opportunity"), product=OuterRef("product"), is_removed=False
    )
    rates = factors(Rate.Kind.CURRENT, today)
    found = lines.annotate(
        key=key,
        currency=F("order__currency"),
        is_bundled=Exists(of_deal.filter(bundle__isnull=False)) & ~Exists(of_deal.filter(bundle=None)),
    ).annotate(in_reporting=Round(worth(rates)))
    sums = {
        "minor": Coalesce(Sum("in_reporting"), NOTHING),
        "bundled_minor": Coalesce(Sum("in_reporting", filter=Q(is_bundled=True)), NOTHING),
        "unvalued": Count("order", distinct=True, filter=Q(in_reporting=None)),
    }
    values: QuerySet[Any, Any] = found.order_by().values("key").annotate(**sums)
    with widened(*OF_DEALS):
        return {row["key"]: {name: int(row[name]) for name in sums} for row in values}


def attached_orders(mine: Reach, asked: Asked, by: str, key: int | None, show: str) -> QuerySet[Any]:
    """The orders behind a figure: those with something primary, or with ancillary beside it, each with its value."""
    rows = orders_of(mine, asked).filter(SHOWS[show])
    if key is not None and by == "product":
        rows = rows.filter(Exists(standing_lines().filter(order=OuterRef("pk"), product=key)))
    elif key is not None:
        rows = rows.filter(**{f"{by}_id": key})
    name = Account.objects.visible_to(mine).filter(pk=OuterRef("account_id")).values("name")
    found: QuerySet[Any] = rows.valued().select_related("owner").annotate(account_name=Subquery(name))
    return found
