"""Open work follows its account into another territory, and its territory into the one that has it now."""

from collections.abc import Mapping, Sequence

from django.db import connection
from django.db.models import F, OuterRef, QuerySet, Subquery

from accounts.models import Account, MovedAccount
from common.transaction import act, reach
from pipeline.models import Activity, Lead, Opportunity


@act
def follow_accounts() -> int:
    """Give the open deals and the activities still to be done of accounts that moved the territory of their account.

    A job of the organisation, safe to run twice. Answers how many rows followed; their versions stay, because
    nothing that a person edits changed.
    """
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM accounts_movedaccount RETURNING account_id")
        moved = sorted({row[0] for row in cursor.fetchall()})
    return _follow_all(moved)


@act
def follow_waiting() -> int:
    """The same for all that waits, which goes on waiting: for who takes back what they do, such as a preview."""
    for name in ("opportunity", "activity"):
        reach().require(name, "update")
    return _follow_all(sorted(set(MovedAccount.objects.values_list("account_id", flat=True))))


def _follow_all(account_ids: Sequence[int]) -> int:
    deals = Opportunity.objects.open().filter(account_id__in=account_ids)
    activities = Activity.objects.filter(account_id__in=account_ids, done_at=None)
    return _follow(deals) + _follow(activities)


def _follow(rows: QuerySet[Opportunity] | QuerySet[Activity]) -> int:
    now = Account.objects.filter(pk=OuterRef("account_id")).values("territory_id")[:1]
    behind = rows.exclude(territory_id=F("account__territory_id"))
    return behind.update(territory_id=Subquery(now))


@act
def follow_territories(*, heirs: Mapping[int, int]) -> int:
    """Give open deals and leads, and activities still to be done, that stand on a territory to the one that has it now.

    Whoever may change all of them, and the organisation's own jobs; safe to run twice. Answers how many rows followed.
    """
    for name in ("opportunity", "lead", "activity"):
        reach().require(name, "update")
    deals, activities = Opportunity.objects.open(), Activity.objects.filter(done_at=None)
    return _go(deals, heirs) + _go(Lead.objects.open(), heirs) + _go(activities, heirs)


def _go(rows: QuerySet[Opportunity] | QuerySet[Lead] | QuerySet[Activity], heirs: Mapping[int, int]) -> int:
    standing = rows.filter(territory_id__in=list(heirs)).order_by()
    left = sorted(set(standing.values_list("territory_id", flat=True)))
    return sum(rows.filter(territory_id=pk).update(territory_id=heirs[pk]) for pk in left)
