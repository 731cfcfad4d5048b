"""Deals: opened, edited, opened to the people whom credit touches."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from accounts.models import Account
from accounts.services import create_account
from common.access import found
from common.checks import check_currency, check_text, refuse_unknown
from common.errors import Refused
from common.models import Period
from common.selectors import today
from common.transaction import act, reach, widened
from pipeline.models import Category, Motion, Opportunity, Participant, Stage, StageVisit
from pipeline.services.guards import check_amount, check_day, check_owner, open_deal, stage_of

EDITABLE = (
    "name",
    "amount_minor",
    "currency",
    "close_on",
    "category",
    "owner_id",
    "motion",
    "next_step",
    "next_step_on",
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
) -> Opportunity:
    """Open a deal with an account, owned by the actor or by somebody whom they lead.

    Without `account_id` an account of that `account_name` is created first.
    Raises NotInReach for an account out of reach, Forbidden, or Refused on what is missing or out of range.
    """
    stage = _opening_stage(stage_id)
    values = {"name": name, "amount_minor": amount_minor, "currency": currency, "close_on": close_on}
    _check({**values, "motion": motion})
    owner = owner_id or by
    check_owner(owner)
    account = _account(by, account_id, account_name)
    reach().require("opportunity", "create", {"owner_id": owner, "territory_id": account.territory_id})
    pk = _next_id()
    deal = Opportunity.objects.create(
        pk=pk,
        number=f"OPP-{pk}",
        account=account,
        name=name.strip(),
        owner_id=owner,
        territory_id=account.territory_id,
        stage=stage,
        category=stage.category,
        motion=motion,
        currency=currency,
        amount_minor=amount_minor,
        close_on=close_on,
        created_on=today(),
        stage_since_on=today(),
    )
    StageVisit.objects.create(opportunity=deal, stage=stage, entered_on=deal.created_on, by_id=by)
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
        _check_choice(changes, "category", ["", *_choosable()])
        changes |= _category(deal, changes["category"])
    changed = {name: value for name, value in changes.items() if getattr(deal, name) != value}
    _check(changed)
    if "owner_id" in changed:
        check_owner(changed["owner_id"])
        reach().require(
            "opportunity", "update", {"owner_id": changed["owner_id"], "territory_id": deal.territory_id}
        )
    if "currency" in changed and deal.lines.filter(is_removed=False).exists():
        raise Refused(_("Remove the products first: their prices are in the old currency."), path="currency")
    if "close_on" in changed and _is_push(deal.close_on, changed["close_on"]):
        changed["pushes"] = deal.pushes + 1
    if changed:
        Opportunity.objects.change(deal.pk, version, **changed)
        deal.refresh_from_db()
    return deal


def add_participants(*, opportunity_id: int, person_ids: Iterable[int], reason: str) -> None:
    """Let people read a deal for good, because credit or a team touches it. Part of an act that checked authority."""
    rows = [
        Participant(opportunity_id=opportunity_id, user_id=pk, reason=reason)
        for pk in sorted(set(person_ids))
    ]
    with widened("deal_participant"):
        Participant.objects.bulk_create(rows, ignore_conflicts=True)


def _check(values: dict[str, Any]) -> None:
    """Each value that is there is in range. Raises Refused with its path."""
    if "name" in values:
        check_text(values["name"], "name")
    if "amount_minor" in values:
        check_amount(values["amount_minor"])
    if "currency" in values:
        check_currency(values["currency"])
    _check_days(values)
    _check_choice(values, "motion", Motion.values)


def _check_days(values: dict[str, Any]) -> None:
    if "close_on" in values and values["close_on"] is None:
        raise Refused(_("Say when this is expected to close."), path="close_on", code="required")
    for name in ("close_on", "next_step_on"):
        if values.get(name):
            check_day(values[name], name)


def _check_choice(values: dict[str, Any], name: str, known: Sequence[str]) -> None:
    if name in values and values[name] not in known:
        raise Refused(_("One of: %(known)s.") % {"known": ", ".join(filter(None, known))}, path=name)


def _choosable() -> list[str]:
    """The categories that a person may set on an open deal: *Closed* is what a booking makes it."""
    return [value for value in Category.values if value != Category.CLOSED]


def _category(deal: Opportunity, chosen: str) -> dict[str, Any]:
    """A person's own category, which stays, or the stage's again."""
    return {"category": chosen or deal.stage.category, "category_is_manual": bool(chosen)}


def _is_push(old: date, new: date) -> bool:
    """Whether a close date moves past the first day of a later quarter: 15 June to 1 July, not to 30 June."""
    return Period.objects.quarters().filter(starts_on__gt=old, starts_on__lte=new).exists()


def _opening_stage(stage_id: int) -> Stage:
    stage = stage_of(stage_id)
    if stage.kind != Stage.Kind.OPEN:
        message = _("An opportunity starts in an open stage; it is won by booking its order.")
        raise Refused(message, path="stage_id", code="win_by_booking")
    return stage


def _account(by: int, account_id: int | None, account_name: str) -> Account:
    """The account, locked so that a move of its territory waits, or a new one of that name."""
    if account_id is None:
        check_text(account_name, "account_name")
        return create_account(by=by, name=account_name.strip())
    account: Account = found(
        Account.objects.visible_to(reach()).select_for_update(no_key=True).filter(pk=account_id).first()
    )
    return account


def _next_id() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('pipeline_opportunity', 'id'))")
        return int(cursor.fetchone()[0])
