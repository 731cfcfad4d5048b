"""Families and products out of files, and taking them back."""

from collections.abc import Sequence
from dataclasses import replace

from django.utils.translation import gettext as _

from catalog.models import Family, Product
from catalog.rules import family_and_below
from catalog.services.families import FAMILY_FIELDS
from catalog.services.products import PRODUCT_FIELDS
from common.importing import Names, Outcome, Row, as_columns, resolved
from common.staging import ids_for, merge
from common.transaction import act, reach
from common.undoing import Made, put_back, take_out
from workspace.models import ListValue
from workspace.services.lists import as_listed, unlisted

IMPORTED = {
    name.removesuffix("_minor").removesuffix("_id"): name for name in (*FAMILY_FIELDS, *PRODUCT_FIELDS)
}


@act
def apply_import(*, by: int | None, entity: str, rows: Sequence[Row]) -> Outcome:
    """Bring in families (`family`) or products (`product`) by their code; administrators, and the organisation's jobs.

    One that is there already and differs is changed; a row that names no known family, or a family that would lie
    below itself, is rejected. A family's parent may stand in the same rows.
    """
    reach().require(entity, "update")
    outcome = Outcome()
    model: type[Family | Product] = Product if entity == "product" else Family
    standing: dict[str, int] = dict(model.objects.values_list("code", "pk"))
    rows = _products(rows, outcome) if entity == "product" else _families(rows, standing, outcome)
    table = model._meta.db_table
    ids = ids_for(table, [row.values["code"] for row in rows], standing)
    named, values = as_columns(rows, IMPORTED)
    staged = ([pk, *row] for pk, row in zip(ids, values, strict=True))
    created, changed = merge(table, ["id", *named], staged)
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


def _products(rows: Sequence[Row], outcome: Outcome) -> list[Row]:
    """The rows with their families, and with the usual word where kind or tier are empty."""
    families = Names(_("product family"), Family.objects.values_list("pk", "code", "name"))
    as_written, fault = as_listed(ListValue.List.VENDOR), unlisted(ListValue.List.VENDOR)
    kept = []
    for row in resolved(rows, outcome, {"family": families}):
        given = {name: row.values[name] for name in ("kind", "tier", "vendor") if name in row.values}
        if wrong := fault(given.get("vendor") or ""):
            outcome.rejects.append(row.reject("vendor", *wrong))
            continue
        empty = {"kind": Product.Kind.SOFTWARE, "tier": Product.Tier.PRIMARY, "vendor": ""}
        words = {name: value or empty[name] for name, value in given.items()}
        if "vendor" in words:
            words["vendor"] = as_written(words["vendor"])
        kept.append(replace(row, values={**row.values, **words}))
    return kept


def _families(rows: Sequence[Row], ids: dict[str, int], outcome: Outcome) -> list[Row]:
    """The rows with their parents, each of them here or one of the rows; `ids` gets those of the new families."""
    if not rows or "parent" not in rows[0].values:
        return list(rows)
    known = Names(_("product family"), Family.objects.values_list("pk", "code", "name"))
    codes = [row.values["code"] for row in rows]
    for row, pk in zip(rows, ids_for(Family._meta.db_table, codes, ids), strict=True):
        if ids.setdefault(row.values["code"], pk) == pk and row.values["code"] not in known:
            known.add(pk, row.values["code"], row.values["name"])
    kept, here = (
        resolved(rows, outcome, {"parent": known}),
        dict(Family.objects.values_list("pk", "parent_id")),
    )
    while True:
        parents = here | {ids[row.values["code"]]: row.values["parent"] or None for row in kept}
        wrong = [
            row for row in kept if not _has_place(ids[row.values["code"]], row.values["parent"], parents)
        ]
        if not wrong:
            return [
                replace(row, values={**row.values, "parent": row.values["parent"] or None}) for row in kept
            ]
        problem, remedy = (
            _("The family would lie below itself, or its parent is refused."),
            _("Correct the row."),
        )
        outcome.rejects += [row.reject("parent", problem, remedy) for row in wrong]
        kept = [row for row in kept if row not in wrong]


def _has_place(family: int, parent: int | None, parents: dict[int, int | None]) -> bool:
    """Whether a family may lie below that parent: one that there is, and that is not the family or below it."""
    return not parent or (parent in parents and parent not in family_and_below(family, parents))
