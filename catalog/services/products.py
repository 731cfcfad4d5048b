"""Acts on products and on what bundles are made of. Administrators do them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from babel.numbers import list_currencies
from django.utils.translation import gettext as _

from catalog.models import BundlePart, Family, Product
from catalog.selectors.products import bundles_with, parts_of
from common.access import found
from common.checks import refuse_unknown
from common.errors import Refused
from common.transaction import act, reach
from workspace.models import ListValue
from workspace.services.lists import listed

PRODUCT_FIELDS = tuple("name code family_id kind tier vendor list_price_minor currency retired_on".split())
MOST_PARTS = 30
MOST_OF_A_PART = 1000


@act
def create_product(*, by: int, name: str, code: str, family_id: int, currency: str, **more: Any) -> Product:
    """Add a product to a family, with its list price if there is one; administrators only.

    Raises Refused on an unknown family, currency, kind, tier or vendor, and where the code is taken.
    """
    reach().require("product", "update")
    refuse_unknown(more, PRODUCT_FIELDS)
    named = {"name": name, "code": code, "family_id": family_id, "currency": currency, "vendor": "", **more}
    product = Product(**named)
    _check(product, list(named))
    product.save(force_insert=True)
    return product


@act
def edit_product(*, by: int, product_id: int, version: int, **changes: Any) -> Product:
    """Change a product; deals and orders keep the prices they have. Administrators only. Raises Stale or Refused."""
    reach().require("product", "update")
    refuse_unknown(changes, PRODUCT_FIELDS)
    product: Product = found(Product.objects.filter(pk=product_id).first())
    changed = [name for name, value in changes.items() if getattr(product, name) != value]
    for name in changed:
        setattr(product, name, changes[name])
    _check(product, changed)
    Product.objects.change(product_id, version, **{name: getattr(product, name) for name in changed})
    product.refresh_from_db()
    return product


@dataclass(frozen=True)
class PartInput:
    """A product that a bundle is made of, and how many of it."""

    product_id: int
    quantity: int


@act
def set_parts(*, by: int, product_id: int, version: int, parts: Sequence[PartInput]) -> Product:
    """Say what a bundle is made of; without parts the product is no bundle any more. Administrators only.

    Deals keep the lines that they have. Raises Refused on parts that make no bundle, and Stale.
    """
    reach().require("product", "update")
    # Of two that would make a bundle of a bundle's part at once, the second waits and is told.
    named = Product.objects.filter(pk__in=[product_id, *(part.product_id for part in parts)])
    list(named.order_by("pk").select_for_update(no_key=True))
    bundle: Product = found(Product.objects.filter(pk=product_id).first())
    if parts:
        _check_parts(bundle, parts)
    Product.objects.change(product_id, version, is_bundle=bool(parts))
    standing = {part.product_id: part for part in bundle.parts.filter(is_removed=False)}
    for part in parts:
        row = standing.pop(part.product_id, None)
        if row is None:
            bundle.parts.create(product_id=part.product_id, quantity=part.quantity)
        elif row.quantity != part.quantity:
            BundlePart.objects.change(row.pk, row.version, quantity=part.quantity)
    for row in standing.values():
        BundlePart.objects.change(row.pk, row.version, is_removed=True)
    bundle.refresh_from_db()
    return bundle


def _check(product: Product, names: Sequence[str]) -> None:
    """Those fields name what there is. A vendor becomes as the list writes it."""
    if "family_id" in names and not Family.objects.filter(pk=product.family_id).exists():
        raise Refused(_("Choose a product family."), path="family_id", code="unknown_family")
    if "currency" in names and product.currency not in list_currencies():
        message = _("%(code)s is not a currency.") % {"code": product.currency}
        raise Refused(message, path="currency", code="unknown_currency")
    for name, known in (("kind", Product.Kind), ("tier", Product.Tier)):
        if name in names and getattr(product, name) not in known.values:
            message = _("One of: %(known)s.") % {"known": ", ".join(known.values)}
            raise Refused(message, path=name, code=f"unknown_{name}")
    if "vendor" in names and product.vendor:
        product.vendor = listed(ListValue.List.VENDOR, product.vendor, "vendor")
    if "kind" in names and product.pk:
        _check_bundles(product)


def _check_bundles(product: Product) -> None:
    """With its kind of now the product, and each bundle that holds it, still fits its parts."""
    holders = {part.bundle_id: part.bundle for part in bundles_with(product)}
    bundles = {**holders, product.pk: product} if product.is_bundle else holders
    for pk, parts in parts_of(list(bundles)).items():
        _check_recurs(
            bundles[pk], [product if part.product_id == product.pk else part.product for part in parts]
        )


def _check_parts(bundle: Product, parts: Sequence[PartInput]) -> None:
    """They are products, each named once, no bundles themselves, and together more than one."""
    if len(parts) > MOST_PARTS:
        message = _("A bundle has at most %(most)s parts.") % {"most": MOST_PARTS}
        raise Refused(message, path="parts", code="too_many_parts")
    products = Product.objects.in_bulk([part.product_id for part in parts])
    for index, part in enumerate(parts):
        _check_part(bundle, part, products.get(part.product_id), f"parts.{index}")
    if len(products) < len(parts):
        message = _("A product stands twice in the bundle. Give its quantity instead.")
        raise Refused(message, path="parts", code="part_twice")
    if sum(part.quantity for part in parts) < 2:
        message = _("A bundle has at least two parts, or several of one.")
        raise Refused(message, path="parts", code="too_few_parts")
    holders = BundlePart.objects.filter(product=bundle, is_removed=False, bundle__is_bundle=True)
    if holder := holders.select_related("bundle").first():
        message = _("%(name)s is a part of %(bundle)s. A bundle holds no bundles.")
        names = {"name": bundle.name, "bundle": holder.bundle.name}
        raise Refused(message % names, path="parts", code="bundle_in_bundle")
    _check_recurs(bundle, list(products.values()))


def _check_part(bundle: Product, part: PartInput, product: Product | None, path: str) -> None:
    if product is None:
        raise Refused(_("There is no such product."), path=f"{path}.product_id", code="unknown_product")
    if product.pk == bundle.pk:
        raise Refused(_("A bundle can't hold itself."), path=f"{path}.product_id", code="bundle_in_bundle")
    if product.is_bundle:
        message = _("%(name)s is a bundle itself. Name its parts instead.") % {"name": product.name}
        raise Refused(message, path=f"{path}.product_id", code="bundle_in_bundle")
    if not 1 <= part.quantity <= MOST_OF_A_PART:
        message = _("A quantity is between 1 and %(most)s.") % {"most": MOST_OF_A_PART}
        raise Refused(message, path=f"{path}.quantity", code="quantity_range")


def _check_recurs(bundle: Product, parts: Sequence[Product]) -> None:
    """A bundle with a price a month has a part that recurs, whose line on a deal keeps the term."""
    if bundle.kind == Product.Kind.RECURRING and Product.Kind.RECURRING not in {part.kind for part in parts}:
        message = _(
            "The price of %(name)s is that of a month, so at least one of its parts must be recurring."
        )
        raise Refused(message % {"name": bundle.name}, path="kind", code="nothing_recurs")
