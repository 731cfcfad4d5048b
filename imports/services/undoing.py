"""One table of the set-up taken back whole, in the reverse order of its bringing in."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Model, Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

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
    rows = Batch.objects.defer("content", "rejects").select_for_update(of=("self",))
    batch: Batch = seen(rows, reach(), batch_id)
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
            return _words(name, count)
    return ngettext("%(count)s other record", "%(count)s other records", count) % {"count": count}


def _words(name: str, count: int) -> str:
    texts = {
        "user": ngettext("%(count)s person", "%(count)s people", count),
        "role_grant": ngettext("%(count)s role", "%(count)s roles", count),
        "territory": ngettext("%(count)s territory", "%(count)s territories", count),
        "edge": ngettext("%(count)s place in the tree", "%(count)s places in the tree", count),
        "seat": ngettext("%(count)s seat", "%(count)s seats", count),
        "invitation": ngettext("%(count)s invitation", "%(count)s invitations", count),
        "approval": ngettext("%(count)s approval", "%(count)s approvals", count),
        "message": ngettext("%(count)s message", "%(count)s messages", count),
        "stand_in": ngettext("%(count)s stand-in", "%(count)s stand-ins", count),
        "family": ngettext("%(count)s product family", "%(count)s product families", count),
        "product": ngettext("%(count)s product", "%(count)s products", count),
        "account": ngettext("%(count)s account", "%(count)s accounts", count),
        "account_territory": ngettext(
            "%(count)s account's territory", "%(count)s accounts' territories", count
        ),
        "contact": ngettext("%(count)s contact", "%(count)s contacts", count),
        "stage": ngettext("%(count)s stage", "%(count)s stages", count),
        "stage_visit": ngettext("%(count)s stage passed", "%(count)s stages passed", count),
        "opportunity": ngettext("%(count)s opportunity", "%(count)s opportunities", count),
        "opportunity_line": ngettext("%(count)s product of a deal", "%(count)s products of deals", count),
        "activity": ngettext("%(count)s activity", "%(count)s activities", count),
        "order": ngettext("%(count)s order", "%(count)s orders", count),
        "order_line": ngettext("%(count)s line of an order", "%(count)s lines of orders", count),
        "booking_event": ngettext("%(count)s booking", "%(count)s bookings", count),
        "dirty_cell": ngettext("%(count)s month to add up", "%(count)s months to add up", count),
        "credit": ngettext("%(count)s entry of the books", "%(count)s entries of the books", count),
        "quota": ngettext("%(count)s quota", "%(count)s quotas", count),
        "submission": ngettext("%(count)s forecast call", "%(count)s forecast calls", count),
        "snapshot_line": ngettext("%(count)s nightly picture", "%(count)s nightly pictures", count),
        "figure": ngettext("%(count)s published figure", "%(count)s published figures", count),
        "import_batch": ngettext("%(count)s import", "%(count)s imports", count),
    }
    other = ngettext("%(count)s other record", "%(count)s other records", count)
    return texts.get(name, other) % {"count": count}
