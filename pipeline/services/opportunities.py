"""Deals: opened, edited, opened to the people whom credit touches."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Account
from accounts.services import create_account
from common.access import seen
from common.checks import check_currency, check_text, refuse_unknown
from common.errors import Forbidden, Refused
from common.models import Period
from common.selectors import today
from common.staging import new_ids
from common.transaction import act, reach
from pipeline.models import OPEN_CATEGORIES, Motion, Opportunity, Participant, StageVisit
from pipeline.rules.movement import crosses
from pipeline.services.checks import check_amount, check_choice, check_day, check_person, open_deal
from pipeline.services.stages import entering, stage_of
from pipeline.services.telling import tell_owner
from pipeline.services.ways import NEW, WAY, checked_way, way_of

EDITABLE = (
    *"name amount_minor currency close_on category owner_id motion next_step next_step_on".split(),
    *WAY,
)


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
    _check({**values, "name": name})
    refuse_unknown(way, WAY)
    values |= checked_way({**came, **way}, came)
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
    refuse_unknown(changes, EDITABLE)
    if "category" in changes:
        by_hand = changes["category"]
        check_choice(by_hand, "category", ["", *dict(OPEN_CATEGORIES)])
        changes |= {"category": by_hand or deal.stage.category, "category_is_manual": bool(by_hand)}
    changed = {name: value for name, value in changes.items() if getattr(deal, name) != value}
    _check(changed)
    changed |= checked_way(changed, way_of(deal))
    if "owner_id" in changed:
        check_owner(changed["owner_id"])
    if "currency" in changed and deal.lines.filter(is_removed=False).exists():
        raise Refused(_("Remove the products first: their prices are in the old currency."), path="currency")
    if "currency" in changed and deal.concessions.filter(is_removed=False, worth_minor__gt=0).exists():
        message = _("Clear what the concessions are worth first: it is in the old currency.")
        raise Refused(message, path="currency", code="concession_currency")
    if "currency" in changed:
        changed["price_book_id"] = None  # a book has prices of one currency
    if "close_on" in changed and _is_push(deal.close_on, changed["close_on"]):
        changed["pushes"] = deal.pushes + 1
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


def _check(values: dict[str, Any]) -> None:
    """Each value that is there is in range. Raises Refused with its path."""
    if "name" in values:
        check_text(values["name"], "name")
    if "amount_minor" in values:
        check_amount(values["amount_minor"])
    if "currency" in values:
        check_currency(values["currency"])
    if "motion" in values:
        check_choice(values["motion"], "motion", Motion.values)
    if values.get("close_on", True) is None:
        raise Refused(_("Say when this is expected to close."), path="close_on", code="required")
    for name in ("close_on", "next_step_on"):
        if values.get(name):
            check_day(values[name], name)


def check_owner(owner_id: int) -> None:
    """A deal is given to somebody who is active, and whom the actor may give it to. Raises Refused or Forbidden."""
    check_person(owner_id, "owner_id")
    if not reach().allows("opportunity", "give", {"owner_id": owner_id}):
        raise Forbidden(_("An opportunity is given to yourself or to somebody whom you lead."))


def _is_push(old: date, new: date) -> bool:
    """Whether a close date moves past the first day of a later quarter."""
    return crosses(old, new, Period.objects.quarters().values_list("starts_on", flat=True))


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
