"""What the acts on what is known around a deal have in common: the row, its words, its versions."""

from collections.abc import Mapping
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from common.access import found
from common.errors import Refused, Stale
from pipeline.models import Competitor, Concession, Opportunity, Requirement, Stakeholder

MOST_ROWS = 200
Row = TypeVar("Row", Competitor, Concession, Requirement, Stakeholder)


def row_of(model: type[Row], deal: Opportunity, pk: int) -> Row:
    """The row on the deal. Raises NotInReach for one of another deal, and for one that was removed."""
    row: Row | None = model.objects.filter(opportunity=deal, is_removed=False, pk=pk).first()
    return found(row)


def make_row(model: type[Row], deal: Opportunity, **values: Any) -> Row:
    """One more row on the deal. Raises Refused where there are too many."""
    if model.objects.filter(opportunity=deal, is_removed=False).count() >= MOST_ROWS:
        message = _("An opportunity has at most %(most)s of these.") % {"most": MOST_ROWS}
        raise Refused(message, code="too_many_rows")
    row: Row = model.objects.create(opportunity=deal, **values)
    return row


def change_row(row: Row, version: int, values: Mapping[str, Any]) -> Row:
    """Write what differs into a row that was read at `version`. Raises Stale."""
    if row.version != version:
        raise Stale()
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    if changed:
        type(row).objects.change(row.pk, version, **changed)
        row.refresh_from_db()
    return row
