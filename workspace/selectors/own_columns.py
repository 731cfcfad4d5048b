"""The company's own fields as columns of lists."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from common.access import Reach
from common.columns import Column, Kind
from common.written import Cell
from workspace.models import OwnField
from workspace.selectors.own import PREFIX, own_fields, words_of

KINDS = {
    OwnField.Kind.NUMBER: Kind.NUMBER,
    OwnField.Kind.AMOUNT: Kind.AMOUNT,
    OwnField.Kind.DAY: Kind.DAY,
    OwnField.Kind.FLAG: Kind.YES,
}


@dataclass(frozen=True)
class OwnColumn(Column):
    """A column of what records hold in an own field."""

    field: OwnField | None = None

    def shown(self, row: Any) -> str:
        return words_of(self._field, self.value(row))

    def cells(self, row: Any) -> list[Cell]:
        value = self.value(row)
        if self.kind is Kind.AMOUNT:
            return [Decimal(value["amount"]), value["currency"]] if value else ["", ""]
        if value is None:
            return [""]
        if self.kind is Kind.NUMBER:
            return [Decimal(value)]
        return [date.fromisoformat(value) if self.kind is Kind.DAY else self.shown(row)]

    @property
    def _field(self) -> OwnField:
        assert self.field is not None
        return self.field


def own_columns(mine: Reach, subject: str) -> list[Column]:
    """The columns that the own fields of such records can be, in their order."""
    return [_column(field) for field in own_fields(mine, subject)]


def usual_columns(mine: Reach, subject: str) -> Sequence[Column]:
    """Those that every list of such records has."""
    return [_column(field) for field in own_fields(mine, subject) if field.is_column]


def _column(field: OwnField) -> Column:
    kind = KINDS.get(OwnField.Kind(field.kind), Kind.TEXT)
    return OwnColumn(PREFIX + field.key, field.label, lambda row: row.own.get(field.key), kind, field=field)
