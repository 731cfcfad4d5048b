"""What a person opens is remembered for them."""

from typing import Any

from django.db import connections
from django.utils import timezone

MOST = 20
NOTE = """
WITH soon AS (SELECT set_config('synchronous_commit', 'off', true))
INSERT INTO workspace_recent AS known (person_id, items, opened_at)
SELECT %(person)s, ARRAY[%(item)s::text], %(now)s FROM soon
ON CONFLICT (person_id) DO UPDATE SET
    items = (ARRAY[%(item)s::text] || array_remove(known.items::text[], %(item)s::text))[1:%(most)s],
    opened_at = excluded.opened_at
"""


def note_opened(*, person_id: int, item: str) -> None:
    """Remember that the person opened `account:42` now, before the nineteen other things that they opened last.

    On the connection beside the request's, because a page that is read changes nothing in its own transaction. It does
    not wait for the disk: after a crash the last page somebody opened may be missing here.
    """
    values: dict[str, Any] = {"person": person_id, "item": item, "now": timezone.now(), "most": MOST}
    with connections["aside"].cursor() as cursor:
        cursor.execute(NOTE, values)
