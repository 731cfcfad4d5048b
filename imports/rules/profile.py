"""A profile: what a folder's files mean, written once as TOML. What it names wrongly is refused with what is known."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

from common.said import marked as _
from imports.rules import sections
from imports.rules.entities import ENTITIES
from imports.rules.sections import BadProfile
from imports.rules.tables import ENCODINGS
from imports.rules.values import Style, columns_of, plain_of


@dataclass(frozen=True)
class Company:
    """The organisation that an empty installation becomes, and its fiscal years."""

    name: Annotated[str, sections.FILLED]
    reporting_currency: Annotated[str, sections.FILLED]
    first_year: Annotated[int, sections.YEAR]
    last_year: Annotated[int, sections.YEAR]
    time_zone: Annotated[str, sections.FILLED] = "UTC"
    locale: Annotated[str, sections.FILLED] = "en-US"
    fiscal_start_month: Annotated[int, sections.MONTH] = 1
    fiscal_label: Annotated[str, sections.YEAR_END] = "start"


@dataclass(frozen=True)
class Source:
    """Where a field's text comes from (one of `column`, `value`, `template`, `first`), and what becomes of it."""

    column: Annotated[str, sections.FILLED] = ""
    value: Annotated[str | None, sections.CONSTANT] = None
    template: Annotated[str, sections.FILLED] = ""
    first: Annotated[tuple[str, ...], sections.TEXTS] = ()
    map: Annotated[Mapping[str, str], sections.WORDS] = field(default_factory=dict)
    default: Annotated[str, sections.TEXT] = ""
    multiply: Annotated[int, sections.WHOLE] = 1
    dates: Annotated[str, sections.DATES] = ""

    @property
    def columns(self) -> list[str]:
        return [self.column] * bool(self.column) + columns_of(self.template) + list(self.first)


@dataclass(frozen=True)
class Join:
    """Columns of another file, added to each line by the value of a column that both have."""

    file: Annotated[str, sections.FILLED]
    on: Annotated[str, sections.FILLED]
    column: Annotated[str, sections.FILLED] = ""
    encoding: Annotated[str, sections.FILLED] = "utf-8"


@dataclass(frozen=True)
class Unpivot:
    """A wide file read as a long one: each of the columns becomes a line with its label and its value.

    An empty value makes no line: nothing was said, which is not zero.
    """

    columns: Annotated[Mapping[str, str], sections.COLUMNS]
    name: Annotated[str, sections.FILLED] = "name"
    value: Annotated[str, sections.FILLED] = "value"


@dataclass(frozen=True)
class Visit:
    """A stage that a deal was in before its present one, and the column with the day on which it came there."""

    stage: Annotated[str, sections.FILLED]
    column: Annotated[str, sections.FILLED]


@dataclass(frozen=True)
class TableSpec:
    """One reading of one file (or of constant `rows`) into one entity."""

    entity: Annotated[str, sections.FILLED]
    file: Annotated[str, sections.FILLED] = ""
    rows: Annotated[tuple[Mapping[str, str], ...], sections.ROWS] = ()
    encoding: Annotated[str, sections.FILLED] = "utf-8"
    delimiter: Annotated[str, sections.MARK] = ","
    style: Annotated[Style, sections.SECTION] = field(default_factory=Style)
    where: Annotated[Mapping[str, Sequence[str]], sections.LISTS] = field(default_factory=dict)
    unless: Annotated[Mapping[str, Sequence[str]], sections.LISTS] = field(default_factory=dict)
    join: Annotated[tuple[Join, ...], sections.SECTIONS] = ()
    unpivot: Annotated[Unpivot | None, sections.SECTION] = None
    fields: Annotated[Mapping[str, Source], sections.SECTION] = field(default_factory=dict)
    visits: Annotated[tuple[Visit, ...], sections.SECTIONS] = ()

    @property
    def label(self) -> str:
        return self.file or "the profile"


@dataclass(frozen=True)
class Profile:
    """A whole profile: the company, and each `table` in the order in which entities are applied."""

    name: Annotated[str, sections.FILLED]
    company: Annotated[Company, sections.SECTION]
    about: Annotated[str, sections.TEXT] = ""
    style: Annotated[Style, sections.SECTION] = field(default_factory=Style)
    table: Annotated[tuple[TableSpec, ...], sections.SECTIONS] = ()

    @property
    def files(self) -> list[str]:
        joined = [join.file for table in self.table for join in table.join]
        return sorted({*joined, *(table.file for table in self.table if table.file)})


def read_profile(text: str) -> Profile:
    """The profile in a TOML text. Raises BadProfile with the place, and for a wrong word with the nearest known."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadProfile(_("The profile is not TOML: %(error)s."), error=error) from error
    values = sections.read(Profile, raw, "the profile")
    company = _company(values["company"])
    style = _style(values.get("style", {}), Style(), "[style]")
    tables = [_table(entry, number, style) for number, entry in enumerate(values.get("table", []), 1)]
    tables.sort(key=lambda table: list(ENTITIES).index(table.entity))
    return Profile(values["name"], company, values.get("about", ""), style, tuple(tables))


def _company(raw: Mapping[str, Any]) -> Company:
    company = Company(**sections.read(Company, raw, "[company]"))
    if company.last_year < company.first_year:
        raise BadProfile(_("[company], last_year: it comes before first_year."))
    return company


def _style(raw: Mapping[str, Any], base: Style, place: str) -> Style:
    values = sections.read(Style, raw, place)
    if "empty" in values:
        values["empty"] = ("", *values["empty"])
    style = replace(base, **values)
    if style.decimal == style.thousands:
        raise BadProfile(_("%(place)s: decimal and thousands can't be the same character."), place=place)
    return style


def _table(raw: Mapping[str, Any], number: int, style: Style) -> TableSpec:
    values = sections.read(TableSpec, raw, f"table {number}")
    entity = values["entity"]
    sections.refuse_unknown([entity], ENTITIES, f"table {number}")
    place = f"table {number} ({', '.join(filter(None, (entity, raw.get('file'))))})"
    if bool(raw.get("file")) == bool(raw.get("rows")):
        raise BadProfile(_("%(place)s: it reads either a `file` or constant `rows`."), place=place)
    _refuse_encoding(raw, place)
    rows = tuple({name: str(cell) for name, cell in row.items()} for row in raw.get("rows", []))
    made = {
        "rows": rows,
        "style": _style(raw.get("style", {}), style, f"{place}, style"),
        "join": tuple(_join(entry, f"{place}, join") for entry in raw.get("join", [])),
        "unpivot": _unpivot(raw["unpivot"], f"{place}, unpivot") if "unpivot" in raw else None,
        "fields": _fields(raw.get("fields", {}), rows, entity, place),
        "visits": tuple(_visit(entry, entity, place) for entry in raw.get("visits", [])),
    }
    return TableSpec(**{**values, **made})


def _fields(
    raw: Mapping[str, Any], rows: tuple[Mapping[str, str], ...], entity: str, place: str
) -> dict[str, Source]:
    """Each field's source; constant rows without any name their fields themselves."""
    raw = raw or {name: name for row in rows for name in row}
    known = ENTITIES[entity].fields
    sections.refuse_unknown([name for name in raw if not name.startswith("own:")], known, f"{place}, fields")
    sections.require([name for name, rule in known.items() if rule.is_required], raw, place)
    return {name: _source(entry, f"{place}, {name}") for name, entry in raw.items()}


def _source(raw: Any, place: str) -> Source:
    values = sections.read(Source, raw if isinstance(raw, dict) else {"column": raw}, place)
    given = [name for name in ("column", "value", "template", "first") if name in values]
    if len(given) != 1:
        raise BadProfile(_("%(place)s: it needs one of column, value, template, first."), place=place)
    if set(plain_of(values.get("template", ""))) & set("{}"):
        message = _("%(place)s: write columns in templates as {name}, {name|dots} or {name|code}.")
        raise BadProfile(message, place=place)
    if "value" in values:
        values["value"] = str(values["value"])
    return Source(**values)


def _join(raw: Mapping[str, Any], place: str) -> Join:
    join = Join(**sections.read(Join, raw, place))
    _refuse_encoding(raw, place)
    return join


def _refuse_encoding(raw: Mapping[str, Any], place: str) -> None:
    sections.refuse_unknown([raw.get("encoding", "utf-8")], ENCODINGS, f"{place}, encoding")


def _unpivot(raw: Mapping[str, Any], place: str) -> Unpivot:
    values = sections.read(Unpivot, raw, place)
    if isinstance(values["columns"], list):
        values["columns"] = {name: name for name in values["columns"]}
    return Unpivot(**values)


def _visit(raw: Mapping[str, Any], entity: str, place: str) -> Visit:
    if entity != "opportunity":
        raise BadProfile(_("%(place)s: only the table of an opportunity has visits."), place=place)
    return Visit(**sections.read(Visit, raw, f"{place}, visits"))
