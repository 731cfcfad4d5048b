"""What a table of the set-up consists of: its columns, and the readings of a file into entities. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

from common.said import marked as _
from imports.rules.entities import MOTIONS
from imports.rules.profile import Source, TableSpec
from imports.rules.values import Style

MOST_LINES = 10_000
Kind = Literal["text", "person", "word", "currency", "day", "amount", "count", "number"]


@dataclass(frozen=True)
class Column:
    """A column of a table: what stands in it, and what it says to who fills it in."""

    name: str
    about: str
    kind: Kind = "text"
    is_required: bool = False
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Part:
    """One reading of the table's lines into an entity.

    `shown` names the table's own column for a field that is worked out. Of a `main` part no line says the same twice.
    """

    spec: TableSpec
    shown: Mapping[str, str]
    is_main: bool


@dataclass(frozen=True)
class Into:
    """How a table is read into one entity: field -> column, and the column without which a line makes no such row."""

    entity: str
    fields: Mapping[str, str]
    shown: Mapping[str, str] = field(default_factory=dict)
    unless_empty: str = ""


@dataclass(frozen=True)
class Step:
    """One table of the set-up, about one entity.

    With `by_quarter` it has a column more for each fiscal quarter, by its code; `one_of` are columns of which a file
    has at least one; `summed` is the column that is added up; `idle` is what is said where nothing is to do.
    `asks`: what the access table lets those do who bring it in; `most_lines`: so many are taken at once.
    """

    name: str
    title: str
    question: str
    columns: tuple[Column, ...]
    readings: tuple[Into, ...]
    entity: str
    by_quarter: bool = False
    one_of: tuple[tuple[str, ...], ...] = ()
    summed: str = ""
    idle: str = _("Nothing to do: all of it is here already")
    asks: str = "create"
    most_lines: int = MOST_LINES


def parts_of(
    step: Step, label: str, header: Collection[str], quarters: Mapping[str, str] | None = None
) -> list[Part]:
    """The readings of a file with that header; of a table by quarters one for each of its quarters.

    `quarters`: the first day of each by its code. A field whose column the file lacks is left as it is.
    """
    if not step.by_quarter:
        return [_part(step, reading, label, header) for reading in step.readings]
    (reading,) = step.readings
    return [
        _part(step, reading, label, header, code, day)
        for code, day in (quarters or {}).items()
        if code in header
    ]


def _part(
    step: Step, reading: Into, label: str, header: Collection[str], code: str = "", day: str = ""
) -> Part:
    fields = {name: Source(column=column) for name, column in reading.fields.items() if column in header}
    shown, empty = dict(reading.shown), reading.unless_empty or code
    if code:
        fields |= {"on": Source(value=day), "amount": Source(column=code)}
        shown |= {"on": code}
    unless = {empty: [""]} if empty else {}
    spec = TableSpec(reading.entity, file=label, fields=fields, unless=unless, style=Style())
    return Part(spec, shown, reading.entity == step.entity)


FROM = Column(
    "From", _("The day from which it holds; empty: the first day of the first open fiscal year."), "day"
)
CURRENCY = Column("Currency", _("Its code, such as EUR; empty: the reporting currency."), "currency")
MOTION = Column("Motion", _("Empty: new."), "word", words=MOTIONS)
PERSON = Column("Person", _("E-mail address or name. Give a person or a territory."), "person")
TERRITORY = Column("Territory", _("Code or name. Give a person or a territory."))
