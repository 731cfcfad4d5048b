"""A table's lines into an entity's typed rows: filtered, joined, unpivoted, mapped, each cell read or refused."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from common.importing import Row
from common.said import marked as _
from imports.rules.entities import ENTITIES, Field, rule_of
from imports.rules.profile import Source, TableSpec
from imports.rules.sections import BadProfile
from imports.rules.tables import Table
from imports.rules.values import BadValue, filled, read_value

TOTALS = {"total", "totals", "grand total", "sum"}
Lines = list[tuple[int, dict[str, str]]]


@dataclass
class Reading:
    """What came out of one table: rows to apply, cells that are wrong, lines that said the same again."""

    rows: list[Row] = field(default_factory=list)
    wrong: list["Wrong"] = field(default_factory=list)
    repeated: int = 0


@dataclass(frozen=True)
class Wrong:
    """Why a row is refused: where it stands, which column, which text, and what is wrong with it."""

    file: str
    line: int
    column: str
    value: str
    error: BadValue


def lines_of(spec: TableSpec, tables: Mapping[str, Table]) -> tuple[Lines, int]:
    """The lines that the table speaks of, and how many its filters left out.

    Raises BadProfile for a column that the file does not have.
    """
    start = tables[spec.file] if spec.file else _constants(spec)
    lines, header = start.lines, set(start.header)
    for join in spec.join:
        _require(spec, header, [join.on])
        lines = _joined(lines, tables[join.file], join.on, join.column or join.on, spec)
        header |= set(tables[join.file].header)
    if spec.unpivot:
        _require(spec, header, spec.unpivot.columns)
        lines = _unpivoted(lines, spec)
        header |= {spec.unpivot.name, spec.unpivot.value}
    of_fields = [column for source in spec.fields.values() for column in source.columns]
    visited = [visit.column for visit in spec.visits]
    _require(spec, header, [*spec.where, *spec.unless, *of_fields, *visited])
    kept = [line for line in lines if _belongs(line[1], spec)]
    return kept, len(lines) - len(kept)


def _constants(spec: TableSpec) -> Table:
    """The constant rows as a table, with every column that one of them names."""
    empty = {name: "" for row in spec.rows for name in row}
    return Table(tuple(empty), [(number, {**empty, **row}) for number, row in enumerate(spec.rows, 1)])


def _require(spec: TableSpec, header: set[str], columns: Iterable[str]) -> None:
    for column in columns:
        if column not in header:
            known = ", ".join(sorted(header))
            message = _("%(entity)s: %(file)s has no column %(column)r. It has: %(known)s.")
            raise BadProfile(message, entity=spec.entity, file=spec.label, column=column, known=known)


def _joined(lines: Lines, other: Table, on: str, column: str, spec: TableSpec) -> Lines:
    """Each line with the cells of the other file's line; a line without a partner keeps empty cells."""
    _require(spec, set(other.header), [column])
    partners: dict[str, dict[str, str]] = {}
    for number, cells in other.lines:
        if cells[column] in partners:
            message = _("%(entity)s: the joined file has %(key)r twice (line %(line)s).")
            raise BadProfile(message, entity=spec.entity, key=cells[column], line=number)
        partners[cells[column]] = cells
    nobody = dict.fromkeys(other.header, "")
    return [(number, {**partners.get(cells[on], nobody), **cells}) for number, cells in lines]


def _unpivoted(lines: Lines, spec: TableSpec) -> Lines:
    assert spec.unpivot is not None
    wide = spec.unpivot
    return [
        (number, {**cells, wide.name: label, wide.value: cells[column]})
        for number, cells in lines
        for column, label in wide.columns.items()
        if cells[column] not in spec.style.empty
    ]


def _belongs(cells: Mapping[str, str], spec: TableSpec) -> bool:
    wanted = all(cells[column] in words for column, words in spec.where.items())
    return wanted and not any(cells[column] in words for column, words in spec.unless.items())


def read_rows(spec: TableSpec, lines: Lines, exponent_of: Callable[[str], int], reporting: str) -> Reading:
    """The typed rows of those lines. A line that repeats another in all its fields counts once.

    A line with anything wrong is refused with each of its wrong cells. Raises nothing.
    """
    reading, broken, whole = Reading(), set(), ENTITIES[spec.entity].whole
    seen: dict[tuple[Any, ...], tuple[int, dict[str, Any]]] = {}
    for number, cells in lines:
        values, wrong = _values(spec, number, cells, exponent_of, reporting)
        key = tuple(values.get(name) for name in ENTITIES[spec.entity].key)
        if wrong:
            reading.wrong += wrong
            broken.add(values.get(whole))
        elif key and key in seen:
            first, before = seen[key]
            if before == values:
                reading.repeated += 1
            else:
                reading.wrong.append(_doubled(spec, number, first, key))
        else:
            seen[key] = (number, values)
            reading.rows.append(Row(spec.label, number, values))
    if whole and broken:
        _leave_out_halves(reading, whole, broken)
    return reading


def _leave_out_halves(reading: Reading, whole: str, broken: set[Any]) -> None:
    halves = [row for row in reading.rows if row.values[whole] in broken]
    error = BadValue(_("Another line of this one was rejected."), _("Correct that line; it comes in whole."))
    reading.wrong += [Wrong(row.file, row.line, whole, str(row.values[whole]), error) for row in halves]
    reading.rows = [row for row in reading.rows if row.values[whole] not in broken]


def _doubled(spec: TableSpec, number: int, first: int, key: tuple[Any, ...]) -> Wrong:
    names = ", ".join(ENTITIES[spec.entity].key)
    shown = ", ".join(str(part) for part in key if part not in (None, ""))
    problem = _("The same %(names)s stands on line %(first)s with other values.")
    error = BadValue(problem, _("Keep one of the two lines."), names=names, first=first)
    return Wrong(spec.label, number, names, shown, error)


def _values(
    spec: TableSpec, number: int, cells: dict[str, str], exponent_of: Callable[[str], int], reporting: str
) -> tuple[dict[str, Any], list[Wrong]]:
    values, wrong = {}, []
    texts = {name: _text_of(source, cells, spec) for name, source in spec.fields.items()}
    exponent = exponent_of(texts.get("currency") or reporting)
    for name, source in spec.fields.items():
        text, rule = texts[name], rule_of(spec.entity, name)
        style = replace(spec.style, dates=source.dates) if source.dates else spec.style
        try:
            value = read_value(text, rule, style, exponent=exponent, multiply=source.multiply)
            if rule.is_required and value in (None, ""):
                raise BadValue(_("It is empty."), _("Fill it in, or give a `default` in the profile."))
            if rule.kind in ("text", "reference") and text.lower() in TOTALS:
                raise BadValue(_("It looks like a line of totals."), _("Take the line out of the file."))
            values[name] = value
        except BadValue as error:
            column = ", ".join(source.columns) or name
            wrong.append(Wrong(spec.label, number, column, text, error))
    values |= _visits(spec, cells, number, wrong)
    return values, wrong


def _text_of(source: Source, cells: dict[str, str], spec: TableSpec) -> str:
    """A field's text: from its column, template, constant or first filled column, then mapped, else the default."""
    if source.value is not None:
        text = source.value
    elif source.template:
        text = filled(source.template, cells)
    elif source.first:
        text = next((cells[name] for name in source.first if cells[name] not in spec.style.empty), "")
    else:
        text = cells.get(source.column, "")
    text = source.map.get(text, text)
    return source.default if text in spec.style.empty and source.default else text


def _visits(spec: TableSpec, cells: dict[str, str], number: int, wrong: list[Wrong]) -> dict[str, Any]:
    """The stages that a deal passed, each on the day of its column; an empty day means it was not there."""
    if not spec.visits:
        return {}
    visits = []
    for visit in spec.visits:
        text = cells[visit.column]
        try:
            visits.append((visit.stage, read_value(text, Field("day"), spec.style)))
        except BadValue as error:
            wrong.append(Wrong(spec.label, number, visit.column, text, error))
    return {"visits": [(stage, day) for stage, day in visits if day]}
