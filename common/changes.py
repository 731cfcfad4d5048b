"""What changed since a program read last, so that nothing is missed, whichever transaction committed first.

Changes are read in the order of the transactions that made them, and only those of transactions before which none runs
any more: what commits later has a higher number than all that was read (docs/adr/0018).
"""

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from django.db import connection
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from common.access import Reach, rule_for, table
from common.errors import Refused
from common.http import BadQuery
from common.models import RowChange
from common.transaction import kept, now

CURSORS_LIVE = timedelta(days=30)
CHANGES_KEPT = CURSORS_LIVE + timedelta(days=1)
MOST_LOOKED = 10_000
"""So many changes, everybody's, are looked at in a step."""
# The first transaction that this one does not see whole: the oldest that runs, but for those of other databases of the
# server. One of which no lock tells where it runs counts as ours. A database that was restored elsewhere counts its
# transactions anew, and its home is another one then.
HORIZON = """
SELECT coalesce(min(ours.xid), max(pg_snapshot_xmax(now.seen)))::text::bigint,
    (SELECT system_identifier FROM pg_control_system()) || '.' || max(now.home)
FROM (
    SELECT pg_current_snapshot() AS seen, oid::bigint AS home FROM pg_database WHERE datname = current_database()
) now LEFT JOIN LATERAL (
    SELECT xid FROM pg_snapshot_xip(now.seen) xid WHERE NOT EXISTS (
        SELECT 1 FROM pg_locks held JOIN pg_stat_activity other ON other.pid = held.pid
        WHERE held.locktype = 'transactionid' AND held.granted AND held.transactionid = xid::xid
          AND other.datid <> now.home
    )
) ours ON true
"""


@dataclass(frozen=True)
class Place:
    """Where a reader stands: behind the change `number` of the transaction `xact`, in the database `home`."""

    xact: int
    number: int
    home: str

    def onto(self, end: "Place") -> "Place":
        """The later of the two. A horizon may fall behind what was read while others seemed to run elsewhere."""
        return end if end.xact > self.xact else self


@dataclass(frozen=True)
class Changes:
    """A step of reading: rows as they are now, ids of what is not there for the reader any more, and how to go on.

    `reach` is another one when what the reader may read changed for another reason than a row's own change.
    """

    rows: list[Any]
    gone: list[int]
    after: str
    is_more: bool
    reach: str


def horizon() -> Place:
    """Where all that this transaction sees lies before, and all that it does not see behind."""
    with connection.cursor() as cursor:
        cursor.execute(HORIZON)
        xact, home = cursor.fetchone()
    return Place(xact, 0, home)


def changes_since(place: Place, end: Place, resources: Sequence[str]) -> QuerySet[RowChange]:
    """The changes behind a place up to a horizon, from where the reader goes on next, in their order."""
    behind = Q(xact__gt=place.xact) | Q(xact=place.xact, id__gt=place.number)
    rows = RowChange.objects.filter(resource__in=resources, xact__gte=place.xact, xact__lt=end.xact)
    return rows.filter(behind).order_by("xact", "id")


def read_on(rows: QuerySet[Any], mine: Reach, after: str | None, limit: int) -> Changes:
    """The next step of reading `rows`, those of a model that stand: at most `limit` of them.

    Without `after` it goes through all rows in reach by id, and from there on through what changed since it began.
    Raises BadQuery for a key that was not made here, Refused (410) for one that is too old or of another database.
    """
    end = horizon()
    if after is None:
        return _first(rows, mine, end, 0, limit)
    xact, number, row_id, home = _opened(rows.model, after)
    if home != end.home:
        raise _start_again()
    place = Place(xact, number, home)
    return (
        _changed(rows, mine, place, end, limit)
        if row_id is None
        else _first(rows, mine, place, row_id, limit)
    )


def _key(model: type[Model], place: Place, row_id: int | None) -> str:
    """A place as its reader keeps it: encrypted, for it tells how much happens out of their reach."""
    plain = json.dumps([place.xact, place.number, row_id, place.home])
    return _cipher(model).encrypt(plain.encode()).decode()


def _cipher(model: type[Model]) -> Fernet:
    secret = salted_hmac(f"changes {rule_for(model).name}", "", algorithm="sha256").digest()
    return Fernet(urlsafe_b64encode(secret))


def _opened(model: type[Model], after: str) -> Any:
    cipher = _cipher(model)
    try:
        made_at, plain = cipher.extract_timestamp(after), cipher.decrypt(after)
    except (InvalidToken, ValueError):
        raise BadQuery(_("This key is broken. Start again without one."), path="after") from None
    if now().timestamp() - made_at > CURSORS_LIVE.total_seconds():
        raise _start_again()
    return json.loads(plain)


def _start_again() -> Refused:
    message = _("What changed since then is not kept here. Read everything anew, without after.")
    return Refused(message, path="after", code="start_again", status=410)


def _first(rows: QuerySet[Any], mine: Reach, began: Place, row_id: int, limit: int) -> Changes:
    """The rows that are there, by id; the last step leads on to what changed since the first one."""
    found = list(rows.filter(mine.q(rows.model), pk__gt=row_id).order_by("pk")[: limit + 1])
    is_more = len(found) > limit
    found = found[:limit]
    after = _key(rows.model, began, found[-1].pk if is_more else None)
    return Changes(found, [], after, is_more, stamp(rows.model, mine))


def _changed(rows: QuerySet[Any], mine: Reach, place: Place, end: Place, limit: int) -> Changes:
    model: type[Model] = rows.model
    told, last = _told(model, mine, changes_since(place, end, [rule_for(model).name]), limit)
    there, gone = _standing(rows, mine, {change.row_id for change in told})
    stop = Place(last.xact, last.pk, end.home) if last else place.onto(end)
    return Changes(there, gone, _key(model, stop, None), last is not None, stamp(model, mine))


def _told(
    model: type[Model], mine: Reach, behind: QuerySet[RowChange], limit: int
) -> tuple[list[RowChange], RowChange | None]:
    """The next changes of rows that the reader can read or could, and the one to go on behind where there may be more.

    How many others lie between shows in no step, but for one that ends after MOST_LOOKED.
    """
    in_reach = Exists(model._default_manager.filter(mine.q(model), pk=OuterRef("row_id")))
    told: list[RowChange] = []
    looked, change = 0, None
    for change in behind.annotate(is_mine=in_reach)[:MOST_LOOKED].iterator():
        looked += 1
        if change.is_mine or (change.before is not None and could_read(model, mine, change.before)):
            if len(told) == limit:
                return told, told[-1]
            told.append(change)
    return told, change if looked == MOST_LOOKED else None


def _standing(rows: QuerySet[Any], mine: Reach, ids: Collection[int]) -> tuple[list[Any], list[int]]:
    """Of rows that a reader is told of: those that stand in their reach, and the ids of the others."""
    there = list(rows.filter(mine.q(rows.model), pk__in=ids).order_by("pk"))
    return there, sorted({*ids} - {row.pk for row in there})


def could_read(model: type[Model], mine: Reach, before: dict[str, Any]) -> bool:
    """Whether the reader could read a row of which this decided; a child's row is decided by its parent's."""
    rule = rule_for(model)
    if not rule.via:
        return mine.allows(rule.name, "read", before)
    parent, of = rule.via
    if parent in before:
        above = table()[of].model_class()
        rows = above._default_manager.filter(mine.q(above), pk=before[parent])
        return kept(("can read", mine, above, before[parent]), rows.exists)
    return mine.allows(of, "read", before)


def stamp(model: type[Model], mine: Reach) -> str:
    """Short for what decides which rows somebody reads: another one when their seats, roles or territories change."""
    rule = rule_for(model)
    rule = table()[rule.via[1]] if rule.via else rule
    relations = sorted(mine.relations(rule.name))
    ids = [sorted(mine.ids(relation)) for relation in relations if relation in rule.columns]
    return hashlib.sha256(repr((relations, ids)).encode()).hexdigest()[:12]
