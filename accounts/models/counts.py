"""How many accounts lie in each territory today, kept as they come and go."""

import pgtrigger
from django.db import models

from territories.models import Territory


class AccountCount(models.Model):
    """So many accounts came into a territory in the field at once, or left it (below zero).

    A territory's rows come to the accounts that carry it and were not merged into another one, in every transaction's
    own view: what writes accounts adds to them in the same statement, and nobody waits for anybody. The worker puts
    the rows of a territory together (`accounts.bulk.counts`).
    """

    # Not checked: a territory that was undone has no accounts, and its rows come to nothing.
    territory = models.ForeignKey(
        Territory, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    number = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.number} in {self.territory_id}"


CAME = "SELECT territory_id, 1 AS number FROM came WHERE merged_into_id IS NULL"
WENT = "SELECT territory_id, -1 AS number FROM went WHERE merged_into_id IS NULL"
COUNT = """
    INSERT INTO accounts_accountcount (territory_id, number)
    SELECT territory_id, sum(number) FROM ({changed}) changed GROUP BY territory_id HAVING sum(number) <> 0;
    RETURN NULL;
"""


def _counts(name: str, operation: pgtrigger.Operation, changed: str, **tables: str) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=name,
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=operation,
        referencing=pgtrigger.Referencing(**tables),  # type: ignore[no-untyped-call]
        func=COUNT.format(changed=changed),
    )


def counted() -> list[pgtrigger.Trigger]:
    """Triggers that count rows as they come, go, or are changed; once for each statement, however many rows."""
    return [
        _counts("count_came", pgtrigger.Insert, CAME, new="came"),
        _counts("count_went", pgtrigger.Delete, WENT, old="went"),
        _counts("count_moved", pgtrigger.Update, f"{CAME} UNION ALL {WENT}", old="went", new="came"),
    ]
