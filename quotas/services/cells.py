"""The quota cells: what each node of a quarter's tree is asked for, assigned and rolled up."""

from collections.abc import Iterator

from common.models import Period
from quotas.models import QuotaCell
from quotas.rules import roll_up_quotas
from quotas.selectors.plan import quota_nodes, quotas_of

COLUMNS = ("period_id", "node_id", "family_id", "assigned_minor", "rolled_minor")
Cell = tuple[int, int, int | None, int | None, int | None]


def make_quota_cells() -> int:
    """Work the quota cells of all quarters out again; writes and removes what differs, and says how many."""
    stored = {tuple(cell): pk for pk, *cell in QuotaCell.objects.values_list("pk", *COLUMNS)}
    made = set(_cells())
    gone, new = stored.keys() - made, made - stored.keys()
    QuotaCell.objects.filter(pk__in=[stored[cell] for cell in gone]).delete()
    rows = (QuotaCell(**dict(zip(COLUMNS, cell, strict=True))) for cell in new)
    QuotaCell.objects.bulk_create(rows, batch_size=5_000)
    return len({cell[:3] for cell in gone | new})


def _cells() -> Iterator[Cell]:
    quarters = Period.objects.quarters()
    asked = quotas_of(quarters)
    for quarter in quarters:
        for family, nodes in quota_nodes(quarter, asked[quarter.pk]).items() if quarter.pk in asked else ():
            for node, rolled in roll_up_quotas(nodes).items():
                if rolled.counted is not None:
                    yield quarter.pk, node, family, rolled.assigned, rolled.rolled_up
