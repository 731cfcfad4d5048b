"""Acts on product families. Administrators do them."""

from typing import Any

from django.utils.translation import gettext as _

from catalog.models import Family
from catalog.rules import family_and_below
from common.access import found
from common.checks import refuse_unknown
from common.errors import Refused
from common.transaction import act, reach

FAMILY_FIELDS = ("name", "code", "parent_id")


@act
def create_family(*, by: int, name: str, code: str, parent_id: int | None = None) -> Family:
    """Add a product family, below another one or at the top; administrators only.

    Raises Refused where the code is taken.
    """
    reach().require("family", "update")
    _check_parent(parent_id)
    return Family.objects.create(name=name, code=code, parent_id=parent_id)


@act
def edit_family(*, by: int, family_id: int, version: int, **changes: Any) -> Family:
    """Change a family's name, code or place; administrators only. Orders and quotas keep the family that they have.

    Raises Stale where it changed meanwhile, and Refused on a place at or below itself.
    """
    reach().require("family", "update")
    refuse_unknown(changes, FAMILY_FIELDS)
    family: Family = found(Family.objects.filter(pk=family_id).first())
    if "parent_id" in changes:
        _check_parent(changes["parent_id"], family)
    Family.objects.change(family_id, version, **changes)
    family.refresh_from_db()
    return family


def _check_parent(parent_id: int | None, family: Family | None = None) -> None:
    """The parent is there, and not the family itself or one below it."""
    if parent_id is None:
        return
    parents = dict(Family.objects.values_list("pk", "parent_id"))
    if parent_id not in parents:
        raise Refused(_("Choose a product family."), path="parent_id", code="unknown_family")
    if family and parent_id in family_and_below(family.pk, parents):
        message = _("%(name)s can't lie below itself. Choose a family that is not below it.")
        raise Refused(message % {"name": family.name}, path="parent_id", code="family_cycle")
