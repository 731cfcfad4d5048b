"""A profile: what a folder's files mean, written once as TOML. What it names wrongly is refused with what is known."""

import difflib
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from imports.rules.entities import ENTITIES
from imports.rules.tables import ENCODINGS
from imports.rules.values import Style, columns_of


class BadProfile(ValueError):
    """A profile that can't be used: where, what is wrong, what is known."""


PLAIN = Style()


@dataclass(frozen=True)
class Company:
    """The organisation that an empty installation becomes, and its fiscal years."""

    name: str
    reporting_currency: str
    first_year: int
    last_year: int
    time_zone: str = "UTC"
    locale: str = "en-US"
    fiscal_start_month: int = 1


@dataclass(frozen=True)
class Source:
    """Where a field's text comes from (one of `column`, `value`, `template`, `first`), and what becomes of it."""

    column: str = ""
    value: str | None = None
    template: str = ""
    first: tuple[str, ...] = ()
    map: Mapping[str, str] = field(default_factory=dict)
    default: str = ""
    multiply: int = 1
    dates: str = ""

    @property
    def columns(self) -> list[str]:
        return [self.column] * bool(self.column) + columns_of(self.template) + list(self.first)


@dataclass(frozen=True)
class Join:
    """Columns of another file, added to each line by the value of a column that both have."""

    file: str
    on: str
    column: str = ""
    encoding: str = "utf-8"


@dataclass(frozen=True)
class Unpivot:
    """A wide file read as a long one: each of the columns becomes a line with its label and its value.

    An empty value makes no line: nothing was said, which is not zero.
    """

    columns: Mapping[str, str]
    name: str
    value: str


@dataclass(frozen=True)
class TableSpec:
    """One reading of one file (or of constant `rows`) into one entity."""

    entity: str
    file: str = ""
    rows: tuple[Mapping[str, str], ...] = ()
    encoding: str = "utf-8"
    delimiter: str = ","
    style: Style = PLAIN
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unless: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    join: tuple[Join, ...] = ()
    unpivot: Unpivot | None = None
    fields: Mapping[str, Source] = field(default_factory=dict)
    visits: tuple[Mapping[str, str], ...] = ()

    @property
    def label(self) -> str:
        return self.file or "the profile"


@dataclass(frozen=True)
class Profile:
    """A whole profile: the company, and the tables in the order in which entities are applied."""

    name: str
    company: Company
    tables: list[TableSpec]

    @property
    def files(self) -> list[str]:
        return sorted(
            {name for table in self.tables for name in (table.file, *(j.file for j in table.join)) if name}
        )


def read_profile(text: str) -> Profile:
    """The profile in a TOML text. Raises BadProfile with the place, and for a wrong word with the nearest known."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadProfile(f"The profile is not TOML: {error}.") from error
    _only(raw, ("name", "about", "company", "style", "table"), "the profile")
    style = _style(raw.get("style", {}), Style(), "[style]")
    tables = [_table(entry, number, style) for number, entry in enumerate(raw.get("table", []), 1)]
    order = list(ENTITIES)
    return Profile(
        _need(raw, "name", "the profile"),
        _company(raw.get("company", {})),
        sorted(tables, key=lambda table: order.index(table.entity)),
    )


def _company(raw: Mapping[str, Any]) -> Company:
    known = [f.name for f in Company.__dataclass_fields__.values()]
    _only(raw, known, "[company]")
    for name in ("name", "reporting_currency", "first_year", "last_year"):
        _need(raw, name, "[company]")
    return Company(**raw)


def _style(raw: Mapping[str, Any], base: Style, place: str) -> Style:
    _only(raw, ("dates", "decimal", "thousands", "empty"), place)
    values = dict(raw)
    if "empty" in values:
        values["empty"] = ("", *values["empty"])
    return replace(base, **values)


def _table(raw: Mapping[str, Any], number: int, style: Style) -> TableSpec:
    place = f"table {number}"
    _only(raw, TableSpec.__dataclass_fields__, place)
    entity = _need(raw, "entity", place)
    _only([entity], ENTITIES, place)
    place = f"table {number} ({entity})"
    if bool(raw.get("file")) == bool(raw.get("rows")):
        raise BadProfile(f"{place}: it reads either a `file` or constant `rows`.")
    _only([raw.get("encoding", "utf-8")], ENCODINGS, f"{place}, encoding")
    rows = tuple({name: str(cell) for name, cell in row.items()} for row in raw.get("rows", []))
    return TableSpec(
        entity=entity,
        file=raw.get("file", ""),
        rows=rows,
        encoding=raw.get("encoding", "utf-8"),
        delimiter=raw.get("delimiter", ","),
        style=_style(raw.get("style", {}), style, f"{place}, style"),
        where=_filter(raw.get("where", {})),
        unless=_filter(raw.get("unless", {})),
        join=tuple(_join(entry, place) for entry in raw.get("join", [])),
        unpivot=_unpivot(raw["unpivot"], place) if "unpivot" in raw else None,
        fields=_fields(raw.get("fields", {}), rows, entity, place),
        visits=tuple(raw.get("visits", [])),
    )


def _fields(
    raw: Mapping[str, Any], rows: tuple[Mapping[str, str], ...], entity: str, place: str
) -> dict[str, Source]:
    """Each field's source; constant rows without any name their fields themselves."""
    raw = raw or {name: name for row in rows for name in row}
    known = ENTITIES[entity].fields
    _only(raw, known, f"{place}, fields")
    missing = [name for name, spec in known.items() if spec.is_required and name not in raw]
    if missing:
        raise BadProfile(f"{place}: {', '.join(missing)} must be given.")
    return {name: _source(entry, f"{place}, {name}") for name, entry in raw.items()}


def _source(raw: Any, place: str) -> Source:
    if isinstance(raw, str):
        return Source(column=raw)
    _only(raw, Source.__dataclass_fields__, place)
    values = dict(raw)
    given = [name for name in ("column", "value", "template", "first") if name in values]
    if len(given) != 1:
        raise BadProfile(f"{place}: it needs one of column, value, template, first.")
    if "value" in values:
        values["value"] = str(values["value"])
    if "first" in values:
        values["first"] = tuple(values["first"])
    return Source(**values)


def _join(raw: Mapping[str, Any], place: str) -> Join:
    _only(raw, Join.__dataclass_fields__, f"{place}, join")
    _only([raw.get("encoding", "utf-8")], ENCODINGS, f"{place}, join, encoding")
    for name in ("file", "on"):
        _need(raw, name, f"{place}, join")
    return Join(**raw)


def _unpivot(raw: Mapping[str, Any], place: str) -> Unpivot:
    _only(raw, Unpivot.__dataclass_fields__, f"{place}, unpivot")
    columns = _need(raw, "columns", f"{place}, unpivot")
    labels = columns if isinstance(columns, dict) else {name: name for name in columns}
    return Unpivot(labels, raw.get("name", "name"), raw.get("value", "value"))


def _filter(raw: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {column: tuple(words) for column, words in raw.items()}


def _need(raw: Mapping[str, Any], name: str, place: str) -> Any:
    if name not in raw:
        raise BadProfile(f"{place}: {name} must be given.")
    return raw[name]


def _only(names: Collection[str], known: Collection[str], place: str) -> None:
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(known)}."
            raise BadProfile(f"{place}: {name!r} is not known here. {hint}")
