"""Deals: opened, edited, opened to the people whom credit touches."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Account
from accounts.services import create_account
from common.access import seen
from common.checks import check_text, refuse_unknown
from common.errors import Refused
from common.selectors import today
from common.staging import new_ids
from common.transaction import act, reach
from pipeline.models import Motion, Opportunity, Participant, StageVisit
from pipeline.services.checks import open_deal
from pipeline.services.editing import Known, becoming, check_owner, check_values
from pipeline.services.stages import entering, stage_of
from pipeline.services.telling import tell_owner
from pipeline.services.ways import NEW, WAY, checked_way
from workspace.services import own_values


@act
def create_opportunity(
    *,
    by: int,
    account_id: int | None,
    name: str,
    amount_minor: int | None,
    currency: str,
    close_on: date,
    stage_id: int,
    owner_id: int | None = None,
    motion: str = Motion.NEW,
    account_name: str = "",
    account_anyway: str = "",
    came: Mapping[str, Any] = NEW,
    own: Mapping[str, Any] | None = None,
    **way: Any,
) -> Opportunity:
    """Open a deal with an account, owned by the actor or by somebody whom they lead.

    Without `account_id` an account of that `account_name` is created first; `account_anyway` says why, where one like
    it is here already (else Exists is raised). `way`: fields of WAY; without a channel it is sold directly.
    `came`: those of the lead that it was, which stay also where they are not on offer any more.
    Raises NotInReach for an account out of reach, Forbidden, or Refused on what is missing or out of range.
    """
    day, owner = today(), owner_id or by
    values = {"amount_minor": amount_minor, "currency": currency, "close_on": close_on, "motion": motion}
    check_values({**values, "name": name})
    Known([]).check_close(close_on)
    refuse_unknown(way, WAY)
    values |= checked_way({**came, **way}, came) | {"own": own_values("opportunity", own, {}, currency)}
    check_owner(owner)
    account = _account(by, account_id, account_name, account_anyway)
    stage = stage_of(stage_id)  # after the account, as booking has them
    stands = entering(stage, day)
    place = {"owner_id": owner, "territory_id": account.territory_id}
    reach().require("opportunity", "create", place)
    (pk,) = new_ids("pipeline_opportunity", 1)
    known = {"number": f"OPP-{pk}", "name": name.strip(), "account": account, "created_on": day}
    deal = Opportunity.objects.create(pk=pk, **known, **values, **place, **stands)
    StageVisit.objects.create(opportunity=deal, stage=stage, entered_on=day, by_id=by)
    tell_owner(deal, by, ["owner_id"])
    return deal


@act
def edit_opportunity(*, by: int, opportunity_id: int, version: int, **changes: Any) -> Opportunity:
    """Change fields of an open deal: those of EDITABLE. An empty category follows the stage again.

    Whoever may edit the deal; it is given only to oneself or to somebody whom one leads. A close date that moves
    into a later quarter counts as a push. Raises Refused on a field that is unknown or out of range.
    """
    deal = open_deal(opportunity_id, version)
    changed = becoming(deal, changes, Known([deal]))
    if changed:
        Opportunity.objects.change(deal.pk, version, **changed)
        deal.refresh_from_db()
        tell_owner(deal, by, changed)
    return deal


def add_participants(pairs: Iterable[tuple[int, int]], reason: str = "credit") -> None:
    """Let people read deals for good because credit, a split or a team touches them, as (deal, person).

    Part of an act that checked authority and may write such rows for anybody.
    """
    rows = [
        Participant(opportunity_id=deal, user_id=person, reason=reason) for deal, person in sorted(set(pairs))
    ]
    Participant.objects.bulk_create(rows, ignore_conflicts=True)


def _account(by: int, account_id: int | None, account_name: str, anyway: str) -> Account:
    """The account, locked so that a move of its territory waits, or a new one of that name."""
    if account_id is None:
        check_text(account_name, "account_name")
        try:
            return create_account(by=by, name=account_name.strip(), anyway_reason=anyway)
        except Refused as refusal:
            refusal.path = {"anyway_reason": "account_anyway"}.get(refusal.path, refusal.path)
            raise
    account: Account = seen(Account.objects.select_for_update(no_key=True), reach(), account_id)
    if account.merged_into_id:
        message = _("%(name)s was merged into another account. Choose that one.") % {"name": account.name}
        raise Refused(message, path="account", code="merged")
    return account
