"""Tables with the columns of a company's own fields."""

from collections.abc import Collection
from dataclasses import replace

from common.said import marked
from common.transaction import reach
from imports.rules.sheets import key_of
from imports.rules.steps import Column, Step
from imports.rules.steps.shape import Kind
from workspace.models import OwnField
from workspace.selectors.own import own_fields
from workspace.services.own import COLUMN

KINDS: dict[str, Kind] = {"number": "number", "amount": "amount", "day": "day", "flag": "word"}


def with_own(step: Step, header: Collection[str] = ()) -> Step:
    """A table and the own fields of its entity: by their label, or where the header says so, or a column of the
    product's is called like that, by `own:` and their key.
    """
    if step.entity not in OwnField.Subject.values:
        return step
    taken, named = {key_of(column.name) for column in step.columns}, {key_of(text) for text in header}
    columns, fields = [], {}
    for field in own_fields(reach(), step.entity):
        by_key = COLUMN + field.key
        name = by_key if key_of(by_key) in named or key_of(field.label) in taken else field.label
        taken.add(key_of(name))
        words = ("yes", "no") if field.kind == OwnField.Kind.FLAG else ()
        columns.append(
            Column(name, marked("A field of your own."), KINDS.get(field.kind, "text"), words=words)
        )
        fields[by_key] = name
    readings = tuple(
        replace(reading, fields={**reading.fields, **fields}) if reading.entity == step.entity else reading
        for reading in step.readings
    )
    return replace(step, columns=(*step.columns, *columns), readings=readings)
