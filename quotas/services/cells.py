"""The quota cells: what each node of a quarter's tree is asked for, assigned and rolled up."""

from collections.abc import Sequence

from common.models import Period
from quotas.models import QuotaCell
from quotas.rules import roll_up_quotas
from quotas.selectors.plan import Asked, quota_nodes, quotas_of

Key = tuple[int, int, int | None]
Amounts = tuple[int | None, int | None]


def make_quota_cells(periods: Sequence[Period]) -> int:
    """Work the quota cells of these quarters out again; writes and removes what differs, and says how many."""
    asked = quotas_of(periods)
    made: dict[Key, Amounts] = {}
    for period in periods:
        if period.pk in asked:
            made |= _cells_of(period, asked)
    stored = {
        (row.period_id, row.node_id, row.family_id): row
        for row in QuotaCell.objects.filter(period__in=periods)
    }
    gone = [row.pk for key, row in stored.items() if key not in made]
    changed = [
        _row(key, amounts)
        for key, amounts in made.items()
        if key not in stored or _amounts(stored[key]) != amounts
    ]
    QuotaCell.objects.filter(pk__in=gone).delete()
    QuotaCell.objects.filter(pk__in=[stored[_key(row)].pk for row in changed if _key(row) in stored]).delete()
    QuotaCell.objects.bulk_create(changed, batch_size=5_000)
    return len(gone) + len(changed)


def _cells_of(period: Period, asked: dict[int, dict[tuple[str, int], Asked]]) -> dict[Key, Amounts]:
    made: dict[Key, Amounts] = {}
    for family, nodes in quota_nodes(period, asked[period.pk]).items():
        for node, rolled in roll_up_quotas(nodes).items():
            amounts = (rolled.assigned, rolled.rolled_up)
            if any(amount is not None for amount in amounts):
                made[period.pk, node, family] = amounts
    return made


def _row(key: Key, amounts: Amounts) -> QuotaCell:
    period, node, family = key
    assigned, rolled = amounts
    return QuotaCell(
        period_id=period,
        node_id=node,
        family_id=family,
        assigned_minor=assigned,
        rolled_minor=rolled,
    )


def _key(row: QuotaCell) -> Key:
    return row.period_id, row.node_id, row.family_id


def _amounts(row: QuotaCell) -> Amounts:
    return row.assigned_minor, row.rolled_minor
