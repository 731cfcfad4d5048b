"""What was given to the customer of a deal, why, and what was got in return."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from common.checks import line_of, note_of, refuse_unknown
from common.selectors import today
from common.transaction import act
from pipeline.models import Concession
from pipeline.services.around import change_row, make_row, row_of
from pipeline.services.checks import check_amount, check_choice, check_day, hold_deal

CONCESSION_FIELDS = ("kind", "text", "reason", "in_return", "worth_minor", "given_on")
MOST_WORDS = 300


@act
def add_concession(
    *,
    by: int,
    opportunity_id: int,
    kind: str,
    text: str,
    reason: str,
    in_return: str = "",
    worth_minor: int | None = None,
    given_on: date | None = None,
) -> Concession:
    """Note what was given, on which day, today where none is said; `worth_minor` is in the deal's currency.

    Whoever may edit the deal, while it is open. Raises NotInReach, Forbidden, Conflict, Refused for what is missing.
    """
    deal = hold_deal(opportunity_id)
    words = {"kind": kind, "text": text, "reason": reason, "in_return": in_return}
    values = _checked({**words, "worth_minor": worth_minor, "given_on": given_on or today()})
    return make_row(Concession, deal, **values)


@act
def edit_concession(
    *, by: int, opportunity_id: int, concession_id: int, version: int, **changes: Any
) -> Concession:
    """Change fields of CONCESSION_FIELDS; whoever may edit the deal, while it is open. Raises Stale, Refused."""
    refuse_unknown(changes, CONCESSION_FIELDS)
    row = row_of(Concession, hold_deal(opportunity_id), concession_id)
    return change_row(row, version, _checked(changes))


@act
def remove_concession(*, by: int, opportunity_id: int, concession_id: int, version: int) -> Concession:
    """Take a concession off the deal; history keeps it. Whoever may edit the deal, while it is open. Raises Stale."""
    row = row_of(Concession, hold_deal(opportunity_id), concession_id)
    return change_row(row, version, {"is_removed": True})


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as they are kept. Raises Refused with the path of what is wrong."""
    kept = dict(values)
    if "kind" in kept:
        check_choice(kept["kind"], "kind", Concession.Kind.values)
    for name in ("text", "reason"):
        if name in kept:
            kept[name] = line_of(kept[name], name, MOST_WORDS)
    if "in_return" in kept:
        kept["in_return"] = note_of(kept["in_return"], "in_return", MOST_WORDS)
    if kept.get("worth_minor") is not None:
        check_amount(kept["worth_minor"], "worth_minor")
    if "given_on" in kept:
        check_day(kept["given_on"], "given_on")
    return kept
