"""Which of the deals that a page shows its reader may edit where they lie."""

from collections.abc import Iterable

from common.transaction import reach
from pipeline.models import Opportunity


def mark_editable(rows: Iterable[Opportunity]) -> None:
    """Of each (`may_edit`) whether it is edited, moved or dated here: by who may edit it, while it is open."""
    mine = reach()
    for deal in rows:
        deal.may_edit = deal.is_open and mine.allows("opportunity", "update", deal)  # type: ignore[attr-defined]
