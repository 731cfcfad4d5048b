"""One table of the set-up taken back whole, in the reverse order of its bringing in."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Model, Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _

import accounts.services
import catalog.services
import orders.services
import pipeline.services
import planning.services.importing
import quotas.services
import territories.services
import workspace.services
from common.access import seen, table
from common.errors import Conflict
from common.transaction import act, reach
from common.undoing import InUse, Made, Needing, created, everywhere, is_figure, referring
from imports.models import Batch
from imports.rules.entities import ENTITIES
from imports.rules.steps import STEPS
from imports.selectors.batches import batch_rows
from imports.selectors.changes import MODELS
from imports.selectors.words import in_words
from imports.services.tables import check_may
from imports.services.turns import take_turn
from territories.models import User

UNDO: dict[str, Callable[..., None]] = {
    "person": territories.services.undo_import,
    "territory": territories.services.undo_import,
    "seat": territories.services.undo_import,
    "family": catalog.services.undo_import,
    "product": catalog.services.undo_import,
    "account": accounts.services.undo_import,
    "module": accounts.services.undo_modules,
    "module_member": accounts.services.undo_modules,
    "potential": accounts.services.undo_potentials,
    "lead": pipeline.services.undo_leads,
    "opportunity": pipeline.services.undo_import,
    "opening": orders.services.undo_import,
    "quota": quotas.services.undo_import,
    "realignment": planning.services.importing.undo_realignment,
}

ON_RECORD = ("quotas", "openings")
"""The tables whose rows stay on record when they are undone, with what they name."""

TELLING = {"history": "history__pgh_context_id", "request_id": "request_id", "event": "event__request_id"}
"""Which of its fields tell by which request a row was written, and where."""


class NotUndone(Conflict):
    """An import that stays, and the imports (`first`) that would have to be undone before it."""

    def __init__(self, message: str, first: Iterable[Batch] = ()) -> None:
        super().__init__(message, code="not_undone")
        self.first = list(first)


@act
def undo_batch(*, by: int, batch_id: int) -> Batch:
    """Take back all that a table brought in; for administrators, of a draft also for the director who brought it in.
    Whoever comes second finds it undone.

    Raises NotUndone where something was changed since or depends on it: then nothing is taken back.
    """
    take_turn()
    batch: Batch = seen(Batch.objects.defer("content", "rejects"), reach(), batch_id)
    check_may(batch.table, batch.by_id)
    made = _made(batch)
    workspace.services.take_out_news(user_ids=created(made, User))
    try:
        for entity in _entities(batch):
            UNDO[entity](by=by, entity=entity, made=made)
    except InUse as refusal:
        upon = _upon(batch, refusal)
        raise NotUndone(_why(batch, refusal, upon), _first(upon)) from refusal
    Batch.objects.filter(pk=batch.pk).update(state=Batch.State.UNDONE, undone_at=Now(), undone_by_id=by)
    batch.refresh_from_db()
    return batch


def _entities(batch: Batch) -> list[str]:
    """What its table brings in, what stands on the others first."""
    brought = {reading.entity for reading in STEPS[batch.table].readings}
    return [entity for entity in reversed(ENTITIES) if entity in brought]


def _why(batch: Batch, refusal: InUse, upon: Sequence[Batch]) -> str:
    """What speaks against it, and what to do; people whom other records name can still be let go."""
    said = [refusal.said(_counted)]
    if kept := _kept(upon):
        names = ", ".join(
            _("%(table)s (import %(number)s)") % {"table": one.title, "number": one.pk} for one in kept
        )
        said.append(_("It stays: what %(names)s named is on record, even when undone.") % {"names": names})
    elif not _first(upon) and refusal.needed and all(map(is_figure, refusal.needed)):
        said.append(
            _("Take back the quotas and orders that these figures count, run the night, and try again.")
        )
        return " ".join(said)
    if batch.table == "people" and refusal.needed and not _first(upon):
        said.append(_("Deactivate whom you brought in by mistake; their records keep their name."))
    return " ".join(said)


def _made(batch: Batch) -> Made:
    """Raises NotUndone for an import that was not applied, was undone, or was a folder."""
    if batch.state == Batch.State.UNDONE:
        raise NotUndone(_("This import was undone already."))
    if batch.state == Batch.State.CHECKED:
        raise NotUndone(_("This import was not applied, so there is nothing to undo."))
    if not (batch.table and batch.request_id and batch.applied_at):
        raise NotUndone(_("A folder of files is not undone. Correct its rows in the product."))
    return Made(batch.request_id, batch.applied_at)


def _first(upon: Sequence[Batch]) -> list[Batch]:
    """Which of them would have to be undone before it, newest first; none where it stays whatever is undone."""
    return [] if _kept(upon) else [one for one in upon if one.state == Batch.State.APPLIED]


def _kept(upon: Sequence[Batch]) -> list[Batch]:
    return [one for one in upon if one.table in ON_RECORD]


def _upon(batch: Batch, refusal: InUse) -> list[Batch]:
    """The other imports that rest on this one, and on those again, newest first; undone ones if they left a record."""
    if not refusal.needed:
        return []
    found: dict[int, Batch] = {}
    wrote = {*_wrote(refusal.needed), *_wrote_upon(batch)}
    while wrote:
        rows = batch_rows().filter(
            Q(state=Batch.State.APPLIED) | Q(table__in=ON_RECORD), request_id__in=wrote
        )
        new = list(rows.exclude(pk__in=[batch.pk, *found]))
        found |= {one.pk: one for one in new}
        wrote = {request for one in new for request in _wrote_upon(one)}
    return list(batch_rows().filter(pk__in=found).order_by("-applied_at", "-pk"))


def _wrote_upon(batch: Batch) -> set[UUID]:
    """By which requests was written what refers to rows that an import made."""
    if not (batch.request_id and batch.applied_at):
        return set()
    made, wrote = Made(batch.request_id, batch.applied_at), set[UUID]()
    for model in {one for entity in _entities(batch) for one in MODELS.get(entity, ())}:
        if ids := created(made, model):
            wrote |= _wrote(referring(model, ids))
    return wrote


def _wrote(needed: Mapping[type[Model], Needing]) -> set[UUID]:
    with everywhere(needed):
        return {request for model, rows in needed.items() for request in _writers(model, rows.ids)}


def _writers(model: type[Model], ids: Sequence[int]) -> set[UUID]:
    """By which requests rows were written, as far as they tell."""
    rows: Any = model._base_manager.filter(pk__in=ids).order_by()
    names = {field.name for field in model._meta.get_fields() if field.is_relation or field.name != "event"}
    paths = [path for name, path in TELLING.items() if name in names]
    return {request for path in paths for request in rows.values_list(path, flat=True) if request}


def _counted(model: type[Model], count: int) -> str:
    """How many rows, in a person's words. Example: (Opportunity, 2) → "2 opportunities"."""
    for rule in table().values():
        if rule.model_class() is model:
            name = "figure" if rule.is_derived else rule.name
            return in_words(name, count)
    return in_words("", count)
