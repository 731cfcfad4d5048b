"""Who else wants a deal, and what is done about it."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from common.checks import line_of, note_of, refuse_unknown
from common.errors import Refused
from common.transaction import act
from pipeline.models import Competitor, Opportunity
from pipeline.services.around import change_row, make_row, row_of
from pipeline.services.checks import hold_deal
from workspace.models import ListValue
from workspace.services import listed

COMPETITOR_FIELDS = ("name", "strategy", "is_incumbent")
MOST_NAME, MOST_STRATEGY = 80, 1_000


@act
def add_competitor(
    *, by: int, opportunity_id: int, name: str, strategy: str = "", is_incumbent: bool = False
) -> Competitor:
    """Note a competitor: one of the list, or any where the list offers none.

    Whoever may edit the deal, while it is open. Raises NotInReach, Forbidden, Conflict, Refused for one who is on the
    deal already, and for a second incumbent.
    """
    deal = hold_deal(opportunity_id)
    values = _checked(deal, {"name": name, "strategy": strategy, "is_incumbent": is_incumbent})
    return make_row(Competitor, deal, **values)


@act
def edit_competitor(
    *, by: int, opportunity_id: int, competitor_id: int, version: int, **changes: Any
) -> Competitor:
    """Change fields of COMPETITOR_FIELDS; whoever may edit the deal, while it is open. Raises Stale, Refused."""
    refuse_unknown(changes, COMPETITOR_FIELDS)
    deal = hold_deal(opportunity_id)
    row = row_of(Competitor, deal, competitor_id)
    return change_row(row, version, _checked(deal, changes, row))


@act
def remove_competitor(*, by: int, opportunity_id: int, competitor_id: int, version: int) -> Competitor:
    """Take a competitor off the deal; history keeps it. Whoever may edit the deal, while it is open. Raises Stale."""
    row = row_of(Competitor, hold_deal(opportunity_id), competitor_id)
    return change_row(row, version, {"is_removed": True})


def _checked(deal: Opportunity, values: Mapping[str, Any], row: Competitor | None = None) -> dict[str, Any]:
    """The values as they are kept, told apart from the deal's other competitors. Raises Refused."""
    kept = dict(values)
    others = deal.competitors.filter(is_removed=False).exclude(pk=row.pk if row else None)
    if "name" in kept and (row is None or kept["name"] != row.name):
        kept["name"] = listed(ListValue.List.COMPETITOR, line_of(kept["name"], "name", MOST_NAME), "name")
        if others.filter(name__iexact=kept["name"]).exists():
            message = _("This competitor is on the deal already.")
            raise Refused(message, path="name", code="competitor_once")
    if "strategy" in kept:
        kept["strategy"] = note_of(kept["strategy"], "strategy", MOST_STRATEGY, is_long=True)
    incumbent = others.filter(is_incumbent=True).first() if kept.get("is_incumbent") else None
    if incumbent:
        message = _("%(name)s is the incumbent already. An opportunity has one.") % {"name": incumbent.name}
        raise Refused(message, path="is_incumbent", code="competitor_one_incumbent")
    return kept
