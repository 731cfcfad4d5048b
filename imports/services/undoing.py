"""One table of the set-up taken back whole, in the reverse order of its bringing in."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Model, Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _

import accounts.services
import catalog.services
import orders.services
import pipeline.services
import quotas.services
import territories.services
import workspace.services
from common.access import seen, table
from common.errors import Conflict
from common.transaction import act, reach
from common.undoing import InUse, Made, created, everywhere
from imports.models import Batch
from imports.rules.entities import ENTITIES
from imports.rules.steps import STEPS
from imports.selectors.batches import batch_rows
from imports.selectors.words import in_words
from imports.services.turns import take_turn
from territories.models import User

UNDO: dict[str, Callable[..., None]] = {
    "person": territories.services.undo_import,
    "territory": territories.services.undo_import,
    "seat": territories.services.undo_import,
    "family": catalog.services.undo_import,
    "product": catalog.services.undo_import,
    "account": accounts.services.undo_import,
    "opportunity": pipeline.services.undo_import,
    "opening": orders.services.undo_import,
    "quota": quotas.services.undo_import,
}

ON_RECORD = ("quotas", "openings")
"""The tables whose rows stay on record when they are undone, with what they name."""


class NotUndone(Conflict):
    """An import that stays, and the imports (`first`) that would have to be undone before it."""

    def __init__(self, message: str, first: Iterable[Batch] = ()) -> None:
        super().__init__(message, code="not_undone")
        self.first = list(first)


@act
def undo_batch(*, by: int, batch_id: int) -> Batch:
    """Take back all that a table brought in; for administrators. Whoever comes second finds it undone.

    Raises NotUndone where something was changed since or depends on it: then nothing is taken back.
    """
    take_turn()
    batch: Batch = seen(Batch.objects.defer("content", "rejects"), reach(), batch_id)
    reach().require("import_batch", "create", batch)
    made = _made(batch)
    workspace.services.take_out_news(user_ids=created(made, User))
    try:
        for entity in _entities(batch):
            UNDO[entity](by=by, entity=entity, made=made)
    except InUse as refusal:
        raise NotUndone(_why(batch, refusal), _first(batch, refusal)) from refusal
    Batch.objects.filter(pk=batch.pk).update(state=Batch.State.UNDONE, undone_at=Now(), undone_by_id=by)
    batch.refresh_from_db()
    return batch


def _entities(batch: Batch) -> list[str]:
    """What its table brings in, what stands on the others first."""
    brought = {reading.entity for reading in STEPS[batch.table].readings}
    return [entity for entity in reversed(ENTITIES) if entity in brought]


def _why(batch: Batch, refusal: InUse) -> str:
    """What speaks against it; people whom other records name can still be let go."""
    said = refusal.said(_counted)
    if batch.table == "people" and refusal.needed:
        return f"{said} {_('Deactivate whom you brought in by mistake; their records keep their name.')}"
    return said


def _made(batch: Batch) -> Made:
    """Raises NotUndone for an import that was not applied, was undone, or was a folder."""
    if batch.state == Batch.State.UNDONE:
        raise NotUndone(_("This import was undone already."))
    if batch.state == Batch.State.CHECKED:
        raise NotUndone(_("This import was not applied, so there is nothing to undo."))
    if not (batch.table and batch.request_id and batch.applied_at):
        raise NotUndone(_("A folder of files is not undone. Correct its rows in the product."))
    return Made(batch.request_id, batch.applied_at)


def _first(batch: Batch, refusal: InUse) -> list[Batch]:
    """The later imports that stand on this one, and that leave nothing behind when they are undone."""
    wrote = Q(pk=None)
    with everywhere(refusal.needed):
        for model, rows in refusal.needed.items():
            wrote |= Q(request_id__in=_writers(model, rows.ids))
    later = batch_rows().filter(wrote, state=Batch.State.APPLIED).exclude(pk=batch.pk)
    later = later.exclude(table__in=ON_RECORD)
    return list(later.order_by("-applied_at"))


def _writers(model: type[Model], ids: Sequence[int]) -> set[UUID]:
    """By which requests rows were written, as far as they tell."""
    rows: Any = model._base_manager.filter(pk__in=ids).order_by()
    names = {field.name for field in model._meta.get_fields()}
    told = [name for name in ("history", "request_id") if name in names]
    paths = ("history__pgh_context_id" if name == "history" else name for name in told)
    return {request for path in paths for request in rows.values_list(path, flat=True) if request}


def _counted(model: type[Model], count: int) -> str:
    """How many rows, in a person's words. Example: (Opportunity, 2) → "2 opportunities"."""
    for rule in table().values():
        if rule.model_class() is model:
            name = "figure" if rule.is_derived else rule.name
            return in_words(name, count)
    return in_words("", count)
