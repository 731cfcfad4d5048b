"""Taking back what one import wrote: what it made is deleted, what it changed gets its values from before.

History names the request that wrote a row, and so do dated rows. What was changed since, and what something else
refers to, is refused: nothing that people built on an import is lost with it.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.db import connection
from django.db.models import F, ForeignObjectRel, Model, Q, QuerySet, Value
from django.utils.translation import gettext as _

from common.access import AnyOf, table
from common.dated import Dated
from common.errors import Conflict
from common.models import Run
from common.staging import by_index
from common.transaction import widened

NAMED = 3
"""So many rows are named in a refusal; the others are counted."""

TOUCHED = "SELECT pgh_obj_id, bool_or(pgh_label = 'insert') FROM {event} WHERE pgh_context_id = %s GROUP BY 1"
CHANGED_SINCE = """
SELECT now.id FROM {table} now JOIN (
    SELECT DISTINCT ON (pgh_obj_id) * FROM {event} WHERE pgh_context_id = %s ORDER BY pgh_obj_id, pgh_id DESC
) own ON own.pgh_obj_id = now.id
WHERE now.id = ANY(%s) AND ({now}) IS DISTINCT FROM ({own}) ORDER BY now.id
"""
# The version goes on: whoever read the imported values must not save them over those that are back.
PUT_BACK = """
UPDATE {table} now SET {sets}, version = now.version + 1 FROM (
    SELECT DISTINCT ON (e.pgh_obj_id) e.* FROM {event} e JOIN (
        SELECT pgh_obj_id, min(pgh_id) AS first FROM {event} WHERE pgh_context_id = %s GROUP BY 1
    ) own ON own.pgh_obj_id = e.pgh_obj_id AND e.pgh_id < own.first
    WHERE e.pgh_obj_id = ANY(%s) ORDER BY e.pgh_obj_id, e.pgh_id DESC
) own WHERE own.pgh_obj_id = now.id
"""

Counted = Callable[[type[Model], int], str]
"""How many of what, in words. Example: (Opportunity, 2) → "2 opportunities"."""

MOST = 1_000
"""Of so many rows that refer to an import it is looked up by which other import they came."""


@dataclass(frozen=True)
class Made:
    """What one transaction wrote: its request stands in the history and on the dated rows. It began at that instant."""

    request_id: UUID
    at: datetime


@dataclass(frozen=True)
class Needing:
    """Rows that need an import: how many, and the ids of the first of them."""

    count: int
    ids: Sequence[int]


def needing(rows: QuerySet[Any]) -> Needing:
    return Needing(rows.count(), list(rows.order_by("pk").values_list("pk", flat=True)[:MOST]))


class InUse(Conflict):
    """Rows of an import can't be taken back: something refers to them (`needed`), or they were `changed` since.

    `names`: some of the changed ones.
    """

    def __init__(
        self,
        model: type[Model],
        *,
        needed: Mapping[type[Model], Needing] | None = None,
        changed: int = 0,
        names: Collection[str] = (),
    ) -> None:
        self.model, self.needed, self.changed, self.names = model, dict(needed or {}), changed, list(names)
        super().__init__(_("What it brought in is in use or was changed since."), code="in_use")

    def said(self, counted: Counted) -> str:
        """The refusal with rows counted in those words."""
        if self.needed:
            things = ", ".join(counted(model, rows.count) for model, rows in self.needed.items())
            return _("What it brought in is in use: %(things)s.") % {"things": things}
        names = f" ({', '.join(self.names)})" if self.names else ""
        rows = counted(self.model, self.changed) + names
        return _("What it brought in was changed since: %(rows)s.") % {"rows": rows}


@contextmanager
def undoing(made: Made) -> Iterator[None]:
    """Let rows be deleted: those that the import made."""
    _tell(str(made.request_id))
    yield
    _tell("")


def _tell(request_id: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.undo', %s, true)", [request_id])


def created(made: Made, model: type[Model]) -> list[int]:
    """The ids of the rows that the import made."""
    return [pk for pk, is_new in _touched(made, model) if is_new]


def put_back(made: Made, model: type[Model]) -> list[int]:
    """Give the rows that the import changed the values from before; returns their ids. Raises InUse."""
    ids = [pk for pk, is_new in _touched(made, model) if not is_new]
    if ids:
        _lock(model, ids)
        _refuse_changed(made, model, ids)
        sets = ", ".join(f"{column} = own.{column}" for column in _columns(model))
        _run(_sql(PUT_BACK, model, sets=sets), [made.request_id, ids])
    return ids


def take_out(made: Made, model: type[Model]) -> list[int]:
    """Delete the rows that the import made; returns their ids. Raises InUse."""
    ids = created(made, model)
    if ids:
        _lock(model, ids)
        if needed := referring(model, ids):
            raise InUse(model, needed=needed)
        _refuse_changed(made, model, ids)
        _delete(made, model, ids)
    return ids


def recorded(made: Made, model: type[Model]) -> Any:
    """The rows that the import recorded, of a model whose rows name their request."""
    return model._default_manager.filter(recorded_at__gte=made.at, request_id=made.request_id).order_by("pk")


def take_out_recorded(made: Made, model: type[Model]) -> list[Any]:
    """Delete the rows that the import recorded; returns them. Raises InUse for superseded ones."""
    rows = recorded(made, model)
    if issubclass(model, Dated):
        rows = rows.select_for_update()
        if gone := sum(row.superseded_at is not None for row in rows):
            raise InUse(model, changed=gone)
    found = list(rows)
    _delete(made, model, [row.pk for row in found])
    return found


def refuse_published(made: Made, model: type[Model], **ids: Collection[int]) -> None:
    """Raises Conflict where figures that were published since stand on rows of `model` with these ids.

    For rows to which no figure refers itself.
    """
    if not Run.objects.filter(state=Run.State.PUBLISHED, finished_at__gt=made.at).exists():
        return
    for name, values in ids.items():
        related: Any = model._meta.get_field(name).related_model
        figures = {each: rows for each, rows in referring(related, values).items() if is_figure(each)}
        if figures:
            raise InUse(model, needed=figures)


def refuse_recorded(made: Made, model: type[Model], name: str, **facts: Any) -> None:
    """Raises InUse where rows of the named object were recorded since, which stand on `model` but name none of it.

    Example: entries of the books (`credit`) of a person and a territory stand on the person's seat.
    """
    other = table()[name].model_class()
    with everywhere([other]):
        since = needing(other._base_manager.filter(recorded_at__gt=made.at, **facts))
    if since.count:
        raise InUse(model, needed={other: since})


def is_figure(model: type[Model]) -> bool:
    """Whether its rows are published figures."""
    return any(rule.model_class() is model and rule.is_derived for rule in table().values())


def referring(model: type[Model], ids: Collection[int]) -> dict[type[Model], Needing]:
    """The rows of any table that refer to these, but for these; also what the person may not see."""
    wanted: dict[type[Model], Q] = defaultdict(Q)
    relations: Any = model._meta.get_fields(include_hidden=True)
    for relation in filter(_is_kept, relations):
        wanted[relation.related_model] |= Q(AnyOf(F(relation.field.attname), Value(sorted(ids))))
    found = {each: each._base_manager.filter(condition) for each, condition in wanted.items()}
    if model in found:
        found[model] = found[model].exclude(AnyOf(F("pk"), Value(sorted(ids))))
    with everywhere(found):
        needed = {each: needing(rows) for each, rows in found.items()}
    return {each: rows for each, rows in needed.items() if rows.count}


@contextmanager
def everywhere(models: Collection[type[Model]]) -> Iterator[None]:
    """Read rows of these models outside of the person's reach: who may undo must know what refers to it."""
    names = [rule.name for rule in table().values() if not rule.is_open and rule.model_class() in models]
    with widened(*names):
        yield


def _is_kept(relation: Any) -> bool:
    """Whether rows of another table keep these; history does not, and its view of all histories is no table."""
    is_key = isinstance(relation, ForeignObjectRel) and getattr(relation.field, "db_constraint", False)
    return bool(is_key and relation.related_model._meta.app_label != "pghistory")


def _touched(made: Made, model: type[Model]) -> list[tuple[int, bool]]:
    return sorted(_run(_sql(TOUCHED, model), [made.request_id]))


def _refuse_changed(made: Made, model: type[Model], ids: Collection[int]) -> None:
    now, own = (", ".join(f"{alias}.{column}" for column in _columns(model)) for alias in ("now", "own"))
    changed = [row[0] for row in _run(_sql(CHANGED_SINCE, model, now=now, own=own), [made.request_id, ids])]
    if changed:
        rows = model._base_manager.filter(pk__in=changed[:NAMED])
        names = [str(row) for row in rows if hasattr(row, "name")]
        raise InUse(model, changed=len(changed), names=names)


def _lock(model: type[Model], ids: Collection[int]) -> None:
    """Nobody changes these rows, or refers to them, until the commit."""
    _run(_sql("SELECT id FROM {table} WHERE id = ANY(%s) ORDER BY id FOR UPDATE", model), [ids])


def _delete(made: Made, model: type[Model], ids: Collection[int]) -> None:
    with undoing(made), by_index():
        _run(_sql("DELETE FROM {table} WHERE id = ANY(%s)", model), [ids])


def _history(model: type[Model]) -> type[Model]:
    return cast("type[Model]", model._meta.get_field("history").related_model)


def _columns(model: type[Model]) -> list[str]:
    """What history keeps of a row, but for its id and version."""
    fields: Any = _history(model)._meta.concrete_fields
    left_out = ("id", "version")
    return [one.column for one in fields if one.name not in left_out and not one.name.startswith("pgh_")]


def _sql(statement: str, model: type[Model], **parts: str) -> str:
    event = _history(model)._meta.db_table if "{event}" in statement else ""
    return statement.format(table=model._meta.db_table, event=event, **parts)


def _run(statement: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall()) if cursor.description else []
