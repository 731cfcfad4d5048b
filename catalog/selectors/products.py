"""Products, their families as a tree, and what bundles are made of."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Lower

from catalog.models import BundlePart, Family, Product
from catalog.rules import family_and_below, spread
from common.selectors import today

MOST_BUNDLES = 10


@dataclass(frozen=True)
class Filters:
    """What a list of products is narrowed by; None and empty do not narrow. A family stands for all below it."""

    text: str = ""
    family_id: int | None = None
    kind: str = ""
    tier: str = ""
    vendor: str = ""
    is_sold: bool | None = None


def products(filters: Filters) -> QuerySet[Product]:
    """Products with their families, by name; the text is part of a name or the beginning of a code."""
    is_sold = Q(retired_on=None) | Q(retired_on__gt=today())
    rows: QuerySet[Any] = Product.objects.select_related("family").annotate(
        name_key=Lower("name"), is_sold_today=is_sold
    )
    if filters.text:
        rows = rows.filter(Q(name__icontains=filters.text) | Q(code__istartswith=filters.text))
    if filters.family_id is not None:
        rows = rows.filter(family_id__in=family_with_below(filters.family_id))
    exact = {name: getattr(filters, name) for name in ("kind", "tier", "vendor")}
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    return rows if filters.is_sold is None else rows.filter(is_sold_today=filters.is_sold)


def family_with_below(family_id: int) -> set[int]:
    """The ids of a family and of all below it."""
    return family_and_below(family_id, dict(Family.objects.values_list("pk", "parent_id")))


@dataclass(frozen=True)
class Branch:
    """A family in the tree: how deep it lies, and how many products are sold in it and below it."""

    family: Family
    depth: int
    sold: int


def family_tree() -> list[Branch]:
    """Every family below its parent, those of one parent by name."""
    is_sold = Q(products__retired_on=None) | Q(products__retired_on__gt=today())
    below: dict[int | None, list[Family]] = defaultdict(list)
    for family in Family.objects.annotate(sold=Count("products", filter=is_sold)).order_by(
        Lower("name"), "id"
    ):
        below[family.parent_id].append(family)

    def branch(family: Family, depth: int) -> list[Branch]:
        inner = [one for child in below[family.pk] for one in branch(child, depth + 1)]
        deeper = sum(one.sold for one in inner if one.depth == depth + 1)
        return [Branch(family, depth, family.sold + deeper), *inner]  # type: ignore[attr-defined]  # annotated

    return [one for top in below[None] for one in branch(top, 0)]


def vendors() -> list[str]:
    """The vendors of products, by name."""
    return list(
        Product.objects.exclude(vendor="").order_by("vendor").values_list("vendor", flat=True).distinct()
    )


@dataclass(frozen=True)
class PartShown:
    """A part of a bundle: what it costs singly, and what of the bundle's price is its; in the bundle's currency."""

    part: BundlePart
    single_minor: int | None
    share_minor: int | None


@dataclass(frozen=True)
class BundleShown:
    """What a bundle is made of, what its parts cost singly where all have a list price, and what is saved with it."""

    parts: list[PartShown]
    singly_minor: int | None
    saved_minor: int | None


def parts_of(bundles: QuerySet[Product] | list[int]) -> dict[int, list[BundlePart]]:
    """What those bundles are made of."""
    found: dict[int, list[BundlePart]] = defaultdict(list)
    rows = BundlePart.objects.filter(bundle__in=bundles, is_removed=False).select_related("product")
    for part in rows.order_by("pk"):
        found[part.bundle_id].append(part)
    return found


def bundles_with(product: Product) -> QuerySet[BundlePart]:
    """The bundles that hold a product."""
    rows = BundlePart.objects.filter(product=product, is_removed=False).select_related("bundle")
    return rows.order_by(Lower("bundle__name"), "pk")


def bundles_sold(day: date) -> list[Product]:
    """Some of the bundles that are sold on that day."""
    return list(Product.objects.sold_on(day).filter(is_bundle=True)[:MOST_BUNDLES])


def listed_in(part: BundlePart, currency: str) -> int | None:
    """The list price of one of a part's product in that currency."""
    return part.product.list_price_minor if part.product.currency == currency else None


def bundle_shown(bundle: Product, parts: list[BundlePart]) -> BundleShown:
    """What a bundle is worth singly beside its own list price."""
    each = [(part.quantity, listed_in(part, bundle.currency)) for part in parts]
    singles = [None if price is None else quantity * price for quantity, price in each]
    price = bundle.list_price_minor
    shares: list[int] | list[None] = [None] * len(parts) if price is None else spread(price, each)
    rows = [PartShown(*row) for row in zip(parts, singles, shares, strict=True)]
    known = [single for single in singles if single is not None]
    singly = sum(known) if len(known) == len(parts) else None
    return BundleShown(rows, singly, None if singly is None or price is None else singly - price)


def sold_on(day: date, kept: set[int]) -> QuerySet[Product]:
    """What goes onto a deal that day, and the products `kept` that it has already."""
    return Product.objects.filter(Q(retired_on=None) | Q(retired_on__gt=day) | Q(pk__in=kept))
