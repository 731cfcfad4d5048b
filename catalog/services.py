"""Acts on the catalogue: product families and products. Administrators do them."""

from collections.abc import Sequence
from typing import Any

from babel.numbers import list_currencies
from django.utils.translation import gettext as _

from catalog.models import Family, Product
from common.access import found
from common.checks import refuse_unknown
from common.errors import Refused
from common.importing import Names, Outcome, Row, as_columns, resolved
from common.staging import Value, ids_for, merge
from common.transaction import act, reach
from common.undoing import Made, put_back, take_out

FAMILY_FIELDS = ("name", "code")
PRODUCT_FIELDS = (*FAMILY_FIELDS, "family_id", "list_price_minor", "currency", "is_sold")


@act
def create_family(*, by: int, name: str, code: str) -> Family:
    """Add a product family; administrators only. Raises Refused where the code is taken."""
    reach().require("family", "update")
    return Family.objects.create(name=name, code=code)


@act
def edit_family(*, by: int, family_id: int, version: int, **changes: Any) -> None:
    """Change a family's name or code; administrators only. Raises Stale where it changed meanwhile."""
    reach().require("family", "update")
    refuse_unknown(changes, FAMILY_FIELDS)
    Family.objects.change(family_id, version, **changes)


@act
def create_product(*, by: int, name: str, code: str, family_id: int, currency: str, **more: Any) -> Product:
    """Add a product to a family, with its list price if there is one; administrators only."""
    reach().require("product", "update")
    refuse_unknown(more, PRODUCT_FIELDS)
    _check(family_id, currency)
    return Product.objects.create(name=name, code=code, family_id=family_id, currency=currency, **more)


@act
def edit_product(*, by: int, product_id: int, version: int, **changes: Any) -> None:
    """Change a product; deals and orders keep the prices they have. Administrators only. Raises Stale."""
    reach().require("product", "update")
    refuse_unknown(changes, PRODUCT_FIELDS)
    product = found(Product.objects.filter(pk=product_id).first())
    _check(changes.get("family_id", product.family_id), changes.get("currency", product.currency))
    Product.objects.change(product_id, version, **changes)


def _check(family_id: int, currency: str) -> None:
    if not Family.objects.filter(pk=family_id).exists():
        raise Refused(_("Choose a product family."), path="family_id")
    if currency not in list_currencies():
        raise Refused(_("%(code)s is not a currency.") % {"code": currency}, path="currency")


IMPORTED = {name.removesuffix("_minor").removesuffix("_id"): name for name in PRODUCT_FIELDS}


@act
def apply_import(*, by: int | None, entity: str, rows: Sequence[Row]) -> Outcome:
    """Bring in families (`family`) or products (`product`) by their code; administrators, and the organisation's jobs.

    A row that is there already and differs is changed; a row that names no known family is rejected.
    """
    reach().require(entity, "update")
    outcome = Outcome()
    model: type[Family | Product] = Family
    once: dict[str, Value] = {}
    if entity == "product":
        # A new product is sold; one that is there stays as it is.
        model, once = Product, {"is_sold": True}
        families = Names(_("product family"), Family.objects.values_list("pk", "code", "name"))
        rows = resolved(rows, outcome, {"family": families})
    table, standing = model._meta.db_table, dict(model.objects.values_list("code", "pk"))
    ids = ids_for(table, [row.values["code"] for row in rows], standing)
    named, values = as_columns(rows, IMPORTED)
    staged = ([pk, *row, *once.values()] for pk, row in zip(ids, values, strict=True))
    created, changed = merge(table, ["id", *named, *once], staged, once=list(once))
    outcome.add(created, len(changed), len(rows) - created - len(changed))
    return outcome


@act
def undo_import(*, by: int | None, entity: str, made: Made) -> None:
    """Take back the families (`family`) or products (`product`) of an import. Who may: as for `apply_import`.

    Raises InUse where something refers to them or they were changed since.
    """
    reach().require(entity, "update")
    model = Product if entity == "product" else Family
    put_back(made, model)
    take_out(made, model)
