"""The territories that a customer is in, by date."""

from collections.abc import Collection
from datetime import date
from typing import Any

from accounts.bulk import due_places, move_accounts
from accounts.models import AccountTerritory, Cause, Coverage
from accounts.selectors.placing import Placing
from accounts.services.placing import check_authority, check_placing
from accounts.services.telling import tell_owners
from common.dated import make_room_for_all
from common.selectors import today
from common.transaction import act
from territories.selectors import unassigned


@act
def assign_accounts(
    *,
    by: int | None,
    account_ids: Collection[int],
    territory_id: int,
    starts_on: date,
    reason: str = "",
    coverage: str = Coverage.FIELD,
    cause: str = Cause.MANUAL,
    cause_id: int | None = None,
    cause_version: int | None = None,
) -> Placing:
    """Put customers into a territory from a day on, all of them or none. Orders that are booked keep their credit.

    What held on that day ends there; what was planned for later is dropped; who is there already stays as they are.
    Administrators, and directors within the subtree that they lead (`check_placing` says who may and what is refused).
    """
    place: dict[str, Any] = {"territory_id": territory_id, "starts_on": starts_on, "coverage": coverage}
    found = check_placing(account_ids=account_ids, **place)
    told: dict[str, Any] = {"cause": cause, "cause_id": cause_id, "cause_version": cause_version}
    return place_accounts(by=by, found=found, reason=reason, **told)


@act
def place_accounts(
    *,
    by: int | None,
    found: Placing,
    reason: str = "",
    cause: str = Cause.MANUAL,
    cause_id: int | None = None,
    cause_version: int | None = None,
) -> Placing:
    """Do what `check_placing` found: its accounts are locked since, so that it holds until the transaction's end.

    Who may is asked again. Raises Forbidden.
    """
    check_authority(found)
    territory_id, starts_on, coverage = found.territory.pk, found.starts_on, found.coverage
    moving, why = {account.pk: territory_id for account in found.moving}, reason.strip()
    rows = AccountTerritory.objects.filter(coverage=coverage, account__in=moving)
    make_room_for_all(rows, starts_on, why, recorded_by_id=by)
    new = {"territory_id": territory_id, "starts_on": starts_on, "coverage": coverage, "cause": cause}
    told = {"cause_id": cause_id, "cause_version": cause_version, "reason": why, "recorded_by_id": by}
    AccountTerritory.objects.bulk_create(AccountTerritory(account_id=pk, **new, **told) for pk in moving)
    if starts_on <= today():
        came = move_accounts(moving, coverage)
        tell_owners(dict.fromkeys(came, territory_id), by)
    return found


@act
def apply_due_assignments(*, today: date) -> int:
    """Bring the territories that accounts carry to the assignments that hold today; the organisation's own job.

    An account whose assignment in the field ended with none to follow goes to *Unassigned*. Says how many moved.
    """
    moved = 0
    for coverage in Coverage.values:
        nobody = unassigned().pk if coverage == Coverage.FIELD else None
        came = move_accounts(due_places(today, coverage, nobody), coverage)
        tell_owners({pk: place for pk, place in came.items() if place is not None})
        moved += len(came)
    return moved
