"""How rows are kept: by appending alone, by a version that every edit names, by the request that made them."""

from typing import Any

import pgtrigger
from django.db import models
from django.db.models import F

from common.access import ScopedQuerySet
from common.dated import UNLESS_UNDONE
from common.errors import Stale

APPEND_ONLY = """
    RAISE EXCEPTION 'this table is append-only'
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'append_only';
"""

UNDONE_ONLY = """
    EXECUTE 'SELECT EXISTS (SELECT FROM ' || quote_ident(TG_TABLE_NAME || 'event')
        || ' WHERE pgh_obj_id = $1 AND pgh_label = ''insert'' AND pgh_context_id = $2)'
    INTO is_its USING OLD.id, nullif(current_setting('app.undo', true), '')::uuid;
    IF is_its THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'rows of this table are not deleted'
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'undone_only';
"""


def undone_only() -> pgtrigger.Trigger:
    """A trigger that lets a row be deleted only while the import is undone by which, as history says, it was made."""
    return pgtrigger.Trigger(
        name="undone_only",
        when=pgtrigger.Before,
        operation=pgtrigger.Delete,
        declare=[("is_its", "boolean")],
        func=UNDONE_ONLY,
    )


def by_request(name: str) -> dict[str, Any]:
    """What the history of a tracked model needs so that an undone import finds its own rows."""
    return {"indexes": [models.Index(name=name, fields=["pgh_context_id"])]}


def append_only(*, unless_undone: bool = False) -> list[pgtrigger.Trigger]:
    """Triggers that refuse UPDATE, DELETE and TRUNCATE; `unless_undone` an import that recorded the row is undone."""
    row = pgtrigger.Trigger(
        name="append_only",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=(UNLESS_UNDONE if unless_undone else "") + APPEND_ONLY,
    )
    truncate = pgtrigger.Trigger(
        name="no_truncate",
        level=pgtrigger.Statement,
        when=pgtrigger.Before,
        operation=pgtrigger.Truncate,
        func=APPEND_ONLY,
    )
    return [row, truncate]


class EditableQuerySet(ScopedQuerySet):
    """Rows that people edit: every edit names the version that it read."""

    def change(self, pk: int, version: int, **changes: Any) -> None:
        """Write `changes` if the row still is at `version`. Raises Stale otherwise."""
        if not self.filter(pk=pk, version=version).update(version=F("version") + 1, **changes):
            raise Stale()


class Editable(models.Model):
    """A row with a version, so that no edit is lost silently."""

    version = models.PositiveIntegerField(default=1, editable=False)

    objects = EditableQuerySet.as_manager()

    class Meta:
        abstract = True
