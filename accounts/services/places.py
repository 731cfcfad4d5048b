"""The territory that a customer is in, by date."""

from datetime import date

from django.db import connection
from django.db.models import F, FilteredRelation, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from accounts.bulk import move_accounts
from accounts.models import (
    Account,
    AccountTerritory,
    Coverage,
)
from accounts.services.telling import tell_owners
from common.access import seen
from common.dated import make_room
from common.errors import Refused
from common.selectors import today
from common.services import refuse_closed
from common.transaction import act, reach
from territories.selectors import unassigned
from territories.services.tree import check_in_tree


@act
def assign_account(
    *, by: int, account_id: int, territory_id: int, starts_on: date, reason: str = ""
) -> AccountTerritory:
    """Put a customer into a territory from a day on; administrators only. Orders that are booked keep their credit.

    What held on that day ends there; assignments that were planned for later are dropped.
    Raises Conflict for a day in a closed period.
    """
    account = seen(Account.objects.select_for_update(no_key=True), reach(), account_id)
    reach().require("account", "assign", account)
    refuse_closed(starts_on, "starts_on")
    check_in_tree(territory_id, starts_on)
    rows = AccountTerritory.in_field().filter(account=account)
    running = rows.on(starts_on).first()
    if running and running.territory_id == territory_id and running.stops_on is None:
        raise Refused(_("The account is in that territory on that day already."), path="territory_id")
    make_room(rows, starts_on, reason.strip(), recorded_by_id=by)
    place = {"account": account, "territory_id": territory_id, "starts_on": starts_on}
    assignment = AccountTerritory.objects.create(**place, reason=reason.strip(), recorded_by_id=by)
    if starts_on <= today():
        move_accounts({account_id: territory_id})
        tell_owners({account_id: territory_id} if territory_id != account.territory_id else {}, by)
    return assignment


@act
def apply_due_assignments(*, today: date) -> int:
    """Bring `Account.territory` to the assignments that hold today; the organisation's own job. Says how many moved.

    An account whose assignment ended with none to follow goes to *Unassigned*.
    """
    nobody = unassigned().pk
    holds = Q(
        territories__coverage=Coverage.FIELD,
        territories__superseded_at=None,
        territories__starts_on__lte=today,
    ) & (Q(territories__stops_on=None) | Q(territories__stops_on__gt=today))
    rows = Account.objects.annotate(now=FilteredRelation("territories", condition=holds))
    rows = rows.annotate(due=Coalesce("now__territory_id", nobody)).exclude(territory_id=F("due")).order_by()
    with connection.cursor() as cursor:
        # Row policies make the planner look up each account's assignment by itself; read both tables once instead.
        cursor.execute("SET LOCAL enable_nestloop = off")
    moves = dict(rows.values_list("pk", "due"))
    moved = move_accounts(moves)
    tell_owners(moves)
    return moved
