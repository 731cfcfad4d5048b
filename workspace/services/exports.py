"""Lists that leave the product as files."""

from common.transaction import act, now
from workspace.models import Export

MOST_ROWS = 100_000


@act
def record_export(*, by: int, page: str, query: str, format: str, rows: int) -> Export:
    """Keep that somebody takes a list as a file; whoever may see the list may. The file is made when it is read."""
    kept = {"page": page, "query": query, "format": format, "rows": rows}
    return Export.objects.create(person_id=by, made_at=now(), **kept)
