"""Where an account is on a day, and what is in no territory."""

from datetime import date, timedelta

from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import Account, AccountTerritory
from common.access import Reach
from territories.selectors import unassigned


def territory_on(account_id: int, day: date) -> int:
    """The territory in which an account is on that day; *Unassigned* where it is in none."""
    rows = AccountTerritory.in_field().on(day).filter(account_id=account_id)
    found = rows.values_list("territory_id", flat=True).first()
    return int(found) if found is not None else unassigned().pk


def assignments(account_id: int) -> QuerySet[AccountTerritory]:
    """In which territories an account is, was and will be, newest first, as known now."""
    rows = AccountTerritory.objects.current().filter(account_id=account_id)
    return rows.select_related("territory", "recorded_by").order_by("-starts_on")


def unassigned_accounts(mine: Reach) -> QuerySet[Account]:
    """Accounts in reach that are in *Unassigned* today."""
    return Account.objects.visible_to(mine).filter(territory=unassigned())


def ending_assignments(mine: Reach, today: date, days: int) -> QuerySet[AccountTerritory]:
    """Assignments of accounts in reach that end within so many days with none to follow, soonest first."""
    rows = AccountTerritory.in_field().current().filter(mine.q(AccountTerritory), starts_on__lte=today)
    following = (
        AccountTerritory.in_field()
        .current()
        .filter(account_id=OuterRef("account_id"), starts_on=OuterRef("stops_on"))
    )
    soon = today + timedelta(days=days)
    ending = rows.filter(~Exists(following), stops_on__gt=today, stops_on__lte=soon)
    return ending.select_related("account", "territory").order_by("stops_on", "account_id")
