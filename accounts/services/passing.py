"""All accounts of one territory go into another."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext as _

from accounts.bulk import move_accounts
from accounts.models import Account, AccountTerritory, Cause, Coverage, Rule
from accounts.selectors.placing import placing, some_of
from accounts.services.telling import tell_owners
from accounts.services.turns import wait_for_runs
from common.dated import make_room_for_all, record_all
from common.errors import Refused
from common.selectors import today
from common.services import refuse_closed
from common.transaction import act, reach
from territories.models import Territory
from territories.services.tree import check_stays


@act
def pass_accounts(*, by: int | None, from_id: int, to_id: int, on: date, reason: str = "") -> int:
    """Put the accounts that are in one territory on a day or later into another for these days, whatever they are
    covered for; administrators only. What was planned to lead elsewhere stays. Says how many accounts.

    Raises Refused where one is held for somebody who would not own it there, Conflict for a day in a closed period.
    """
    for territory_id in (from_id, to_id):
        reach().require("account", "assign", {"territory_id": territory_id})
    refuse_closed(on, "on")
    wait_for_runs()
    target = check_stays(to_id, on, "into_id")
    rows = AccountTerritory.objects.overlapping(on, None).filter(territory_id=from_id)
    ids = set(rows.values_list("account_id", flat=True))
    accounts = list(Account.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True))
    standing = list(rows.order_by("account_id", "starts_on"))
    _check_holds(accounts, standing, target, on)
    why = reason.strip()
    ended = make_room_for_all(rows, on, why, recorded_by_id=by)
    new = {"territory_id": to_id, "cause": Cause.MANUAL, "cause_id": None, "cause_version": None}
    told = {"reason": why, "recorded_by_id": by}
    record_all(
        row.changed(recorded_at=ended[row.pk], starts_on=max(on, row.starts_on), **new, **told)
        for row in standing
    )
    _bring_today(standing, on, to_id, by)
    return len(ids)


def _check_holds(
    accounts: Sequence[Account], rows: Sequence[AccountTerritory], target: Territory, on: date
) -> None:
    in_field = {row.account_id for row in rows if row.coverage == Coverage.FIELD}
    moving = [account for account in accounts if account.pk in in_field]
    if held := placing(moving, target, on, Coverage.FIELD).held:
        names = some_of(dict.fromkeys(hold.account.name for hold in held))
        message = _("Held for somebody who does not own %(name)s: %(accounts)s. End the holds first.")
        raise Refused(message % {"name": target.name, "accounts": names}, path="into_id", code="held")


def _bring_today(rows: Sequence[AccountTerritory], on: date, to_id: int, by: int | None) -> None:
    """Let the accounts that are there today carry it; the rest waits for its day."""
    if on > today():
        return
    there: dict[str, dict[int, int | None]] = defaultdict(dict)
    for row in rows:
        if row.holds_on(today()):
            there[row.coverage][row.account_id] = to_id
    for coverage, where in there.items():
        came = move_accounts(where, coverage)
        tell_owners(dict.fromkeys(came, to_id), by)


@act
def repoint_rules(*, by: int | None, from_id: int, to_id: int) -> int:
    """Let the rules in use that place accounts in one territory place them in another; administrators only.

    Says how many. They move nothing until they are run.
    """
    reach().require("rule", "update")
    rules = Rule.objects.filter(is_active=True, territory_id=from_id).order_by("pk")
    for rule in rules:
        Rule.objects.change(rule.pk, rule.version, territory_id=to_id)
    return len(rules)
