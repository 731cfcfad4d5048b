"""What records hold in the company's own fields, and the acts that keep these fields, which administrators do."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from common.access import found
from common.checks import check_line, refuse_unknown
from common.errors import NotInReach, Refused, Stale
from common.importing import Outcome, Row
from common.money import exponent
from common.said import Said
from common.selectors import the_organisation
from common.text import checked_text
from common.transaction import act, forget_answers, reach
from workspace.models import OwnField
from workspace.rules import own_key, own_value
from workspace.selectors.own import PREFIX, fields_of, own_fields, plain_of

MOST_LABEL, MOST_KEY, MOST_CHOICES = 80, 40, 200


def own_values(
    subject: str, given: Mapping[str, Any] | None, held: Mapping[str, Any], currency: str = ""
) -> dict[str, Any]:
    """What a record is to hold in its own fields, once `given` is written over what it has; None clears a field.

    For the acts on these records, which checked that the actor may change them. `currency`: of the record, where it has
    one. What a field has it keeps, also what could not be chosen any more. Raises Refused with the field's path.
    """
    if not given:
        return dict(held)
    fields = {field.key: field for field in own_fields(reach(), subject)}
    values = dict(held)
    for key, value in given.items():
        if key not in fields:
            message = _("There is no own field %(key)s here.") % {"key": key}
            raise Refused(message, path=PREFIX + key, code="unknown_field")
        if value not in (held.get(key), plain_of(fields[key], held.get(key))):
            values[key] = checked_own(fields[key], value, currency)
    return {key: value for key, value in values.items() if value is not None}


def checked_own(field: OwnField, value: Any, currency: str = "") -> Any:
    """A value as records keep it. Raises Refused with the field's path."""
    code = currency or the_organisation().reporting_currency
    path = PREFIX + field.key
    try:
        kept = own_value(field.kind, value, choices=field.choices, currency=code, places=exponent(code))
    except Said as said:
        raise Refused(_(said.text) % said.values, path=path, code="own_value") from said
    return checked_text(kept, path) if isinstance(kept, str) else kept


@act
def add_own_field(
    *,
    by: int | None,
    subject: str,
    label: str,
    kind: str,
    sight: str = OwnField.Sight.GENERAL,
    is_required: bool = False,
    is_column: bool = False,
    choices: Sequence[str] = (),
    key: str = "",
) -> OwnField:
    """Give a kind of record one more field, as its last; administrators. What it holds and its key never change.

    Raises Refused on what is missing or wrong, and where 50 fields are in use.
    """
    reach().require("own_field", "update")
    if subject not in OwnField.Subject.values:
        raise NotInReach()
    _check_word(kind, "kind", OwnField.Kind.values)
    _check_label(subject, label)
    taken = set(fields_of(subject).values_list("key", flat=True))
    row = OwnField(
        subject=subject,
        key=_checked_key(key.strip(), taken) if key.strip() else own_key(label, taken),
        label=label.strip(),
        kind=kind,
        sight=_check_word(sight, "sight", OwnField.Sight.values),
        is_required=is_required,
        is_column=is_column,
        choices=_chosen(kind, [], [{"label": one} for one in choices]),
        position=_last(subject),
    )
    row.save(force_insert=True)
    forget_answers()
    return row


@act
def edit_own_field(
    *,
    by: int,
    field_id: int,
    version: int,
    **changes: Any,
) -> OwnField:
    """Call a field otherwise, let others see it, or change what its list offers; administrators. Raises Stale, Refused.

    `changes`: of *label*, *sight*, *is_required*, *is_column* and *choices*: every choice in its order, those that are
    there with their `id`. What records hold stays as it is.
    """
    row = own_field_of(field_id)
    refuse_unknown(changes, ("label", "sight", "is_required", "is_column", "choices"))
    if "label" in changes:
        _check_label(row.subject, changes["label"], besides=row.pk)
        changes["label"] = changes["label"].strip()
    if "sight" in changes:
        _check_word(changes["sight"], "sight", OwnField.Sight.values)
    if "choices" in changes:
        changes["choices"] = _chosen(row.kind, row.choices, changes["choices"])
    OwnField.objects.change(row.pk, version, **changes)
    forget_answers()
    row.refresh_from_db()
    return row


@act
def retire_own_field(*, by: int, field_id: int, version: int, is_retired: bool) -> OwnField:
    """Take a field out of forms and lists, or use it again as the last; what records hold stays. Raises Stale."""
    row = own_field_of(field_id)
    if row.is_retired != is_retired:
        position = None if is_retired else _last(row.subject)
        OwnField.objects.change(row.pk, version, position=position)
        _close_up(row.subject)
        forget_answers()
        row.refresh_from_db()
    return row


@act
def place_own_field(*, by: int, field_id: int, version: int, place: int) -> OwnField:
    """Put a field at a place among those in use, the first being 1. Raises Stale."""
    row = own_field_of(field_id)
    if row.version != version:
        raise Stale()
    rows = list(_in_use(row.subject))
    if row in rows:
        rows.remove(row)
        rows.insert(max(0, place - 1), row)
        _number(rows)
        forget_answers()
        row.refresh_from_db()
    return row


def own_field_of(field_id: int) -> OwnField:
    """The field with that id, for who keeps them. Raises Forbidden, NotInReach."""
    reach().require("own_field", "update")
    row: OwnField = found(OwnField.objects.filter(pk=field_id).first())
    return row


def _in_use(subject: str) -> Any:
    return OwnField.objects.filter(subject=subject, position__isnull=False).select_for_update()


def _last(subject: str) -> int:
    """The place behind the last one; the database refuses the one behind the fiftieth."""
    rows = OwnField.objects.filter(subject=subject)
    return int(rows.aggregate(last=Max("position"))["last"] or 0) + 1


def _close_up(subject: str) -> None:
    """Places without gaps, so that there is room for as many as there may be."""
    _number(list(_in_use(subject)))


def _number(rows: Sequence[OwnField]) -> None:
    for place, row in enumerate(rows, 1):
        if row.position != place:
            OwnField.objects.change(row.pk, row.version, position=place)


def _check_word(word: str, path: str, known: Sequence[str]) -> str:
    if word not in known:
        message = _("One of: %(values)s.") % {"values": ", ".join(known)}
        raise Refused(message, path=path, code=f"unknown_{path}")
    return word


def _check_label(subject: str, label: str, besides: int = 0) -> None:
    """Raises Refused for no label, or one that another field of the record reads like."""
    check_line(label, "label", MOST_LABEL)
    if OwnField.objects.filter(subject=subject, label__iexact=label.strip()).exclude(pk=besides).exists():
        raise Refused(_("Another field is called that already."), path="label", code="label_taken")


def _checked_key(key: str, taken: set[str]) -> str:
    if own_key(key, ()) != key or len(key) > MOST_KEY:
        message = _("A key has small letters, digits and _, and begins with a letter: renewal_risk.")
        raise Refused(message, path="key", code="key")
    if key in taken:
        raise Refused(_("Another field has this key already."), path="key", code="ownfield_key_once")
    return key


def _chosen(
    kind: str, standing: Sequence[Mapping[str, Any]], given: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The choices of a list as they are kept: known ones under their numbers, new ones under further ones.

    One that is left out is offered no more and stays known. Raises Refused for an empty list and for doubles.
    """
    if kind != OwnField.Kind.LIST:
        return []
    known = {one["id"]: dict(one) for one in standing}
    kept, number = [], max(known, default=0)
    for one in given:
        check_line(one["label"], "choices", MOST_LABEL)
        if one.get("id") not in known:
            number += 1
        pk = one["id"] if one.get("id") in known else number
        known.pop(pk, None)
        kept.append({"id": pk, "label": one["label"].strip(), "is_offered": one.get("is_offered", True)})
    kept += [{**one, "is_offered": False} for one in known.values()]
    _check_choices(kept)
    return kept


def _check_choices(choices: Sequence[Mapping[str, Any]]) -> None:
    labels = [one["label"].casefold() for one in choices]
    if twice := next((one["label"] for one in choices if labels.count(one["label"].casefold()) > 1), ""):
        message = _("%(value)s is in the list twice.") % {"value": twice}
        raise Refused(message, path="choices", code="choice_twice")
    if not any(one["is_offered"] for one in choices):
        raise Refused(_("Write at least one choice, one a line."), path="choices", code="required")
    if len(choices) > MOST_CHOICES:
        message = _("A list has at most %(most)s choices.") % {"most": MOST_CHOICES}
        raise Refused(message, path="choices", code="too_many")


# ---- files ----

COLUMN = "own:"
"""Before a key in the header of a file, and in the fields of a profile."""
SPOKEN = {"yes": True, "no": False, "true": True, "false": False}


def own_rows(
    subject: str, rows: Sequence[Row], held: Mapping[str, Mapping[str, Any]], outcome: Outcome
) -> list[Row]:
    """For imports: the rows with `own`, as JSON, where the file has columns of own fields; wrong ones are rejected.

    `held`: what the records that are here hold, by number. An empty cell clears; what the file lacks stays.
    """
    if not has_own(rows):
        return list(rows)
    fields = {COLUMN + field.key: field for field in own_fields(reach(), subject)}
    kept = []
    for row in rows:
        values, rejects = dict(held.get(row.values["number"], {})), []
        for name in filter(lambda name: name.startswith(COLUMN), row.values):
            try:
                key = name.removeprefix(COLUMN)
                values[key] = _from_file(fields.get(name), row, name, values.get(key))
            except Refused as refusal:
                rejects.append(row.reject(name, str(refusal.message), _("Correct the cell.")))
        outcome.rejects += rejects
        if not rejects:
            own = {key: value for key, value in values.items() if value is not None}
            kept.append(replace(row, values={**row.values, "own": json.dumps(own)}))
    return kept


def has_own(rows: Sequence[Row]) -> bool:
    """For imports: whether the file has columns of own fields."""
    return bool(rows) and any(name.startswith(COLUMN) for name in rows[0].values)


def _from_file(field: OwnField | None, row: Row, name: str, held: Any) -> Any:
    """What a cell says; what the record holds it keeps, also what could not be chosen any more."""
    if field is None:
        raise Refused(_("There is no own field %(key)s here.") % {"key": name.removeprefix(COLUMN)})
    text = row.values[name] or ""
    if text and text == plain_of(field, held):
        return held
    value = SPOKEN.get(text.casefold(), text) if field.kind == OwnField.Kind.FLAG else text
    return checked_own(field, value, row.values.get("currency") or "")


def own_json(row: Row, record: Any) -> str:
    """For imports: what a record is to hold, as JSON: what its row says, else what it holds."""
    said = row.values.get("own")
    return str(said) if said else json.dumps(record.own if record else {})
