"""Open work follows its account into another territory."""

from django.db import connection
from django.db.models import F, OuterRef, QuerySet, Subquery

from accounts.models import Account
from common.transaction import act
from pipeline.models import Activity, Opportunity


@act
def follow_accounts() -> int:
    """Give the open deals and the activities still to be done of accounts that moved the territory of their account.

    A job of the organisation, safe to run twice. Answers how many rows followed; their versions stay, because
    nothing that a person edits changed.
    """
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM accounts_movedaccount RETURNING account_id")
        moved = sorted({row[0] for row in cursor.fetchall()})
    deals = Opportunity.objects.open().filter(account_id__in=moved)
    activities = Activity.objects.filter(account_id__in=moved, done_at=None)
    return _follow(deals) + _follow(activities)


def _follow(rows: QuerySet[Opportunity] | QuerySet[Activity]) -> int:
    now = Account.objects.filter(pk=OuterRef("account_id")).values("territory_id")[:1]
    behind = rows.exclude(territory_id=F("account__territory_id"))
    return behind.update(territory_id=Subquery(now))
