"""A profile: what a folder's files mean, written once as TOML. What it names wrongly is refused with what is known."""

import difflib
import tomllib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from common.said import Said
from common.said import marked as _
from imports.rules.entities import ENTITIES
from imports.rules.tables import ENCODINGS
from imports.rules.values import Style, columns_of, plain_of


class BadProfile(Said):
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
        raise BadProfile(_("The profile is not TOML: %(error)s."), error=error) from error
    _typed(raw, PROFILE, "the profile")
    style = _style(raw.get("style", {}), Style(), "[style]")
    tables = [_table(entry, number, style) for number, entry in enumerate(raw.get("table", []), 1)]
    order = list(ENTITIES)
    return Profile(
        _need(raw, "name", "the profile"),
        _company(raw.get("company", {})),
        sorted(tables, key=lambda table: order.index(table.entity)),
    )


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _are_words(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_is_text, value.values()))


def _are_sections(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(entry, dict) for entry in value)


def _is_constant(value: Any) -> bool:
    return isinstance(value, str | int | float)


def _is_year(value: Any) -> bool:
    return _is_whole(value) and FIRST_YEAR <= value <= LAST_YEAR


FIRST_YEAR, LAST_YEAR = 1990, 2200
Kind = tuple[Callable[[Any], bool], str]
TEXT: Kind = (_is_text, _("%(place)s: write text between quotes."))
FILLED: Kind = (
    lambda value: _is_text(value) and value != "",
    _("%(place)s: write text between quotes, not empty."),
)
WHOLE: Kind = (_is_whole, _("%(place)s: write a whole number without quotes."))
YEAR: Kind = (_is_year, _("%(place)s: write a year from 1990 to 2200, without quotes."))
MONTH: Kind = (
    lambda value: _is_whole(value) and 1 <= value <= 12,
    _("%(place)s: write a month from 1 to 12, without quotes."),
)
TEXTS: Kind = (_are_texts, _('%(place)s: write a list of texts, such as ["a", "b"].'))
WORDS: Kind = (_are_words, _('%(place)s: write pairs of texts, such as { a = "b" }.'))
COLUMNS: Kind = (
    lambda value: bool(value) and (_are_texts(value) or _are_words(value)),
    _('%(place)s: write columns, such as ["M01", "M02"] or { M01 = "01", M02 = "02" }.'),
)
LISTS: Kind = (
    lambda value: isinstance(value, dict) and all(map(_are_texts, value.values())),
    _('%(place)s: write lists of texts by column, such as { state = ["Won", "Lost"] }.'),
)
ROWS: Kind = (
    lambda value: _are_sections(value) and all(_is_constant(cell) for row in value for cell in row.values()),
    _('%(place)s: write a list of rows with texts, such as [{ code = "A", name = "x" }].'),
)
SECTION: Kind = (
    lambda value: isinstance(value, dict),
    _("%(place)s: write a section with names and values."),
)
SECTIONS: Kind = (_are_sections, _("%(place)s: write a list of sections with names and values."))
CONSTANT: Kind = (_is_constant, TEXT[1])
MARK: Kind = (
    lambda value: _is_text(value) and len(value) == 1 and value not in '"\r\n' and not value.isalnum(),
    _("%(place)s: write one character between quotes, no letter, digit or quotation mark."),
)
MARK_OR_NONE: Kind = (lambda value: value == "" or MARK[0](value), MARK[1])
DATES: Kind = (
    lambda value: _is_text(value) and all(value.count(part) == 1 for part in ("YYYY", "MM", "DD")),
    _('%(place)s: write YYYY, MM and DD once each, such as "DD.MM.YYYY".'),
)

PROFILE = {"name": FILLED, "about": TEXT, "company": SECTION, "style": SECTION, "table": SECTIONS}
COMPANY = {
    "name": FILLED,
    "reporting_currency": FILLED,
    "first_year": YEAR,
    "last_year": YEAR,
    "time_zone": FILLED,
    "locale": FILLED,
    "fiscal_start_month": MONTH,
}
STYLE = {"dates": DATES, "decimal": MARK, "thousands": MARK_OR_NONE, "empty": TEXTS}
TABLE = {
    "entity": FILLED,
    "file": FILLED,
    "rows": ROWS,
    "encoding": FILLED,
    "delimiter": MARK,
    "style": SECTION,
    "where": LISTS,
    "unless": LISTS,
    "join": SECTIONS,
    "unpivot": SECTION,
    "fields": SECTION,
    "visits": SECTIONS,
}
SOURCE = {
    "column": FILLED,
    "value": CONSTANT,
    "template": FILLED,
    "first": TEXTS,
    "map": WORDS,
    "default": TEXT,
    "multiply": WHOLE,
    "dates": DATES,
}
JOIN = {"file": FILLED, "on": FILLED, "column": FILLED, "encoding": FILLED}
UNPIVOT = {"columns": COLUMNS, "name": FILLED, "value": FILLED}
VISIT = {"stage": FILLED, "column": FILLED}


def _typed(raw: Mapping[str, Any], kinds: Mapping[str, Kind], place: str) -> Mapping[str, Any]:
    """The section, with no key that is not known in it and no value of another kind. Raises BadProfile."""
    _only(raw, kinds, place)
    for name, value in raw.items():
        is_right, message = kinds[name]
        if not is_right(value):
            raise BadProfile(message, place=f"{place}, {name}")
    return raw


def _company(raw: Mapping[str, Any]) -> Company:
    _typed(raw, COMPANY, "[company]")
    for name in ("name", "reporting_currency", "first_year", "last_year"):
        _need(raw, name, "[company]")
    company = Company(**raw)
    if company.last_year < company.first_year:
        raise BadProfile(_("[company], last_year: it comes before first_year."))
    return company


def _style(raw: Mapping[str, Any], base: Style, place: str) -> Style:
    values = dict(_typed(raw, STYLE, place))
    if "empty" in values:
        values["empty"] = ("", *values["empty"])
    style = replace(base, **values)
    if style.decimal == style.thousands:
        raise BadProfile(_("%(place)s: decimal and thousands can't be the same character."), place=place)
    return style


def _table(raw: Mapping[str, Any], number: int, style: Style) -> TableSpec:
    place = f"table {number}"
    entity = _need(_typed(raw, TABLE, place), "entity", place)
    _only([entity], ENTITIES, place)
    place = f"table {number} ({', '.join(filter(None, (entity, raw.get('file'))))})"
    if bool(raw.get("file")) == bool(raw.get("rows")):
        raise BadProfile(_("%(place)s: it reads either a `file` or constant `rows`."), place=place)
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
        visits=tuple(_visit(entry, entity, place) for entry in raw.get("visits", [])),
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
        raise BadProfile(_("%(place)s: %(names)s must be given."), place=place, names=", ".join(missing))
    return {name: _source(entry, f"{place}, {name}") for name, entry in raw.items()}


def _source(raw: Any, place: str) -> Source:
    if not isinstance(raw, dict):
        raw = {"column": raw}
    values = dict(_typed(raw, SOURCE, place))
    given = [name for name in ("column", "value", "template", "first") if name in values]
    if len(given) != 1:
        raise BadProfile(_("%(place)s: it needs one of column, value, template, first."), place=place)
    if set(plain_of(values.get("template", ""))) & set("{}"):
        message = _("%(place)s: write columns in templates as {name}, {name|dots} or {name|code}.")
        raise BadProfile(message, place=place)
    if "value" in values:
        values["value"] = str(values["value"])
    if "first" in values:
        values["first"] = tuple(values["first"])
    return Source(**values)


def _join(raw: Mapping[str, Any], place: str) -> Join:
    _typed(raw, JOIN, f"{place}, join")
    _only([raw.get("encoding", "utf-8")], ENCODINGS, f"{place}, join, encoding")
    for name in ("file", "on"):
        _need(raw, name, f"{place}, join")
    return Join(**raw)


def _unpivot(raw: Mapping[str, Any], place: str) -> Unpivot:
    columns = _need(_typed(raw, UNPIVOT, f"{place}, unpivot"), "columns", f"{place}, unpivot")
    labels = columns if isinstance(columns, dict) else {name: name for name in columns}
    return Unpivot(labels, raw.get("name", "name"), raw.get("value", "value"))


def _visit(raw: Mapping[str, Any], entity: str, place: str) -> Mapping[str, str]:
    if entity != "opportunity":
        raise BadProfile(_("%(place)s: only the table of an opportunity has visits."), place=place)
    for name in VISIT:
        _need(_typed(raw, VISIT, f"{place}, visits"), name, f"{place}, visits")
    return raw


def _filter(raw: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {column: tuple(words) for column, words in raw.items()}


def _need(raw: Mapping[str, Any], name: str, place: str) -> Any:
    if name not in raw:
        raise BadProfile(_("%(place)s: %(names)s must be given."), place=place, names=name)
    return raw[name]


def _only(names: Collection[str], known: Collection[str], place: str) -> None:
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            message = _("%(place)s: %(name)r is not known here. Known: %(known)s.")
            if near:
                message = _("%(place)s: %(name)r is not known here. Did you mean %(near)r?")
            values = {"place": place, "name": name, "near": "".join(near), "known": ", ".join(known)}
            raise BadProfile(message, **values)
