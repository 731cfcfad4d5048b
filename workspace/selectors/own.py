"""The company's own fields: which there are, who sees them, what records hold of them, in words and as conditions."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal, TypeVar

from django.db.models import DecimalField, F, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast
from django.db.models.lookups import GreaterThanOrEqual, IContains, LessThanOrEqual
from django.utils.translation import gettext as _

from common import locale
from common.access import Reach
from common.money import exponent, parse_plain
from common.transaction import once
from workspace.models import OwnField

PREFIX = "own."
"""Before a key in addresses, forms and the paths of refusals; files write `own:` before it."""
Test = Literal["is", "has", "from", "to"]
Rows = TypeVar("Rows", bound=QuerySet[Any])
FIGURE: Any = DecimalField(max_digits=30, decimal_places=6)


@once
def _defined() -> dict[str, list[OwnField]]:
    """Every field by what it is of: those in use in their order, then those that were retired."""
    found: dict[str, list[OwnField]] = {}
    for field in OwnField.objects.order_by("subject", F("position").asc(nulls_last=True), "id"):
        found.setdefault(field.subject, []).append(field)
    return found


def sees(mine: Reach, field: OwnField) -> bool:
    """Whether somebody reads what is in such a field, wherever they read the record."""
    return field.sight == OwnField.Sight.GENERAL or mine.allows("own_field", field.sight)


def own_fields(mine: Reach, subject: str) -> list[OwnField]:
    """The fields in use on this kind of record that the reader sees, in their order."""
    return [field for field in known_fields(mine, subject) if not field.is_retired]


def known_fields(mine: Reach, subject: str) -> list[OwnField]:
    """The same, and those that were retired, of which records may hold something."""
    return [field for field in _defined().get(subject, []) if sees(mine, field)]


def hidden_names(mine: Reach, subject: str) -> set[str]:
    """What addresses call the fields that the reader does not see."""
    return {PREFIX + field.key for field in _defined().get(subject, []) if not sees(mine, field)}


def fields_of(subject: str) -> QuerySet[OwnField]:
    """Every field of this kind of record, for who keeps them: those in use first."""
    rows = OwnField.objects.filter(subject=subject)
    return rows.order_by(F("position").asc(nulls_last=True), "id")


# ---- what a record holds ----


@dataclass(frozen=True)
class Held:
    """What a record holds of one field, as a reader sees it."""

    field: OwnField
    text: str

    @property
    def label(self) -> str:
        return self.field.label

    @property
    def is_figure(self) -> bool:
        return self.field.kind in (OwnField.Kind.NUMBER, OwnField.Kind.AMOUNT)


def words_of(field: OwnField, value: Any) -> str:
    """A value as a reader sees it; nothing is "—"."""
    if value is None:
        return locale.UNDEFINED
    if field.kind == OwnField.Kind.AMOUNT:
        places = exponent(value["currency"])
        return locale.format_money(parse_plain(value["amount"], places), value["currency"])
    if field.kind == OwnField.Kind.LIST:
        return next((one["label"] for one in field.choices if one["id"] == value), locale.UNDEFINED)
    if field.kind == OwnField.Kind.NUMBER:
        return locale.format_exact(Decimal(value))
    if field.kind == OwnField.Kind.DAY:
        return locale.format_date(date.fromisoformat(value))
    if field.kind == OwnField.Kind.FLAG:
        return _("yes") if value else _("no")
    return str(value)


def held(mine: Reach, subject: str, row: Any) -> list[Held]:
    """What a record holds in the fields that the reader sees; what is empty is left out."""
    return [
        Held(field, words_of(field, row.own[field.key]))
        for field in known_fields(mine, subject)
        if row.own.get(field.key) is not None
    ]


def plain_of(field: OwnField, value: Any) -> Any:
    """A value as programs and files read it: a choice by its words, nothing as null."""
    return words_of(field, value) if field.kind == OwnField.Kind.LIST and value is not None else value


def plain_own(mine: Reach, subject: str, own: Mapping[str, Any]) -> dict[str, Any]:
    """What a record holds, by the keys of the fields in use that the reader sees; null where it holds nothing."""
    return {field.key: plain_of(field, own.get(field.key)) for field in own_fields(mine, subject)}


def own_changes(mine: Reach, subject: str) -> Callable[[Any, Any], Iterator[tuple[str, str, str]]]:
    """For a history: what differs between two states of `own`, as label, before and after, as far as it is seen."""
    fields = known_fields(mine, subject)

    def differing(before: Any, after: Any) -> Iterator[tuple[str, str, str]]:
        for field in fields:
            old, new = ((state or {}).get(field.key) for state in (before, after))
            if old != new:
                yield field.label, words_of(field, old), words_of(field, new)

    return differing


def choice_changes(before: Any, after: Any) -> Iterator[tuple[str, str, str]]:
    """For a history: what a list offered before and offers after."""
    was, now = (", ".join(one["label"] for one in state if one["is_offered"]) for state in (before, after))
    yield _("Choices"), was, now


# ---- conditions ----


@dataclass(frozen=True)
class Asked:
    """One condition on an own field: it *is* a value, *has* a text in it, or lies *from* or up *to* one."""

    field: OwnField
    test: Test
    value: Any


def narrowed(rows: Rows, asked: Iterable[Asked]) -> Rows:
    """The rows whose own fields meet every condition; amounts are compared as figures, each in its own currency."""
    for one in asked:
        rows = rows.filter(_condition(one))
    return rows


def _condition(asked: Asked) -> Any:
    key, value = asked.field.key, asked.value
    if asked.test == "is":
        return Q(own__contains={key: value})
    if asked.test == "has":
        return IContains(KeyTextTransform(key, "own"), value)
    held, bound = _compared(asked.field), value
    if asked.field.kind == OwnField.Kind.DAY:
        bound = value.isoformat()
    return (GreaterThanOrEqual if asked.test == "from" else LessThanOrEqual)(held, bound)


def _compared(field: OwnField) -> Any:
    """What of a value is compared: of a number and an amount the figure, of a day its text."""
    if field.kind == OwnField.Kind.DAY:
        return KeyTextTransform(field.key, "own")
    inner = KeyTransform(field.key, "own")
    text = (
        KeyTextTransform("amount", inner)
        if field.kind == OwnField.Kind.AMOUNT
        else KeyTextTransform(field.key, "own")
    )
    return Cast(text, FIGURE)
