"""What the customer needs of a deal, and whether what is offered meets it."""

from collections.abc import Mapping
from typing import Any

from common.checks import line_of, refuse_unknown
from common.transaction import act
from pipeline.models import Requirement
from pipeline.services.around import change_row, make_row, row_of
from pipeline.services.checks import check_choice, hold_deal

REQUIREMENT_FIELDS = ("kind", "text", "state")
MOST_REQUIREMENT = 500


@act
def add_requirement(
    *,
    by: int,
    opportunity_id: int,
    text: str,
    kind: str = Requirement.Kind.BUSINESS,
    state: str = Requirement.State.OPEN,
) -> Requirement:
    """Note what the customer needs. Whoever may edit the deal, while it is open.

    Raises NotInReach, Forbidden, Conflict, Refused for what is missing or too long.
    """
    deal = hold_deal(opportunity_id)
    return make_row(Requirement, deal, **_checked({"kind": kind, "text": text, "state": state}))


@act
def edit_requirement(
    *, by: int, opportunity_id: int, requirement_id: int, version: int, **changes: Any
) -> Requirement:
    """Change fields of REQUIREMENT_FIELDS; whoever may edit the deal, while it is open. Raises Stale, Refused."""
    refuse_unknown(changes, REQUIREMENT_FIELDS)
    row = row_of(Requirement, hold_deal(opportunity_id), requirement_id)
    return change_row(row, version, _checked(changes))


@act
def remove_requirement(*, by: int, opportunity_id: int, requirement_id: int, version: int) -> Requirement:
    """Take a requirement off the deal; history keeps it. Whoever may edit the deal, while it is open. Raises Stale."""
    row = row_of(Requirement, hold_deal(opportunity_id), requirement_id)
    return change_row(row, version, {"is_removed": True})


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as they are kept. Raises Refused with the path of what is wrong."""
    kept = dict(values)
    if "kind" in kept:
        check_choice(kept["kind"], "kind", Requirement.Kind.values)
    if "state" in kept:
        check_choice(kept["state"], "state", Requirement.State.values)
    if "text" in kept:
        kept["text"] = line_of(kept["text"], "text", MOST_REQUIREMENT)
    return kept
