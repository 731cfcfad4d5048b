"""One table of the set-up: checked, which writes nothing but the batch, then brought in whole or not at all."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from django.contrib.postgres.functions import TransactionNow
from django.db import transaction
from django.utils.translation import gettext as _

from common.access import found
from common.errors import Conflict, Refused
from common.importing import Difference, Outcome, Reject, Row
from common.locale import use
from common.money import exponent
from common.said import marked
from common.transaction import act, context, forget_answers, reach
from imports.models import Batch
from imports.rules.rows import Wrong, lines_of, read_rows
from imports.rules.sheets import MOST_BYTES, Sheet, sheet_of
from imports.rules.steps import STEPS, Part, Step, parts_of
from imports.rules.tables import BadFile, Table
from imports.rules.values import BadValue
from imports.selectors.batches import grid_of, label_of, shown_by
from imports.selectors.cells import FILE, TYPED, read_cells
from imports.selectors.changes import changes_hash
from imports.selectors.known import Known
from imports.selectors.own import with_own
from imports.selectors.prepare import prepared
from imports.services.folders import APPLY, Count, in_words
from imports.services.turns import in_a_moment, take_turn
from territories.models import User

PASTED, CSV, XLSX = "pasted", "csv", "xlsx"
MOST_KEPT = 10_000
"""So many wrong cells of a table are kept; the others are counted."""
MOST_DIFFERENCES = 500
"""So many changes are shown one by one; the others are counted."""


@dataclass
class Result:
    """What a table does, or would do: counts by entity, sums by currency or quarter, and each wrong cell.

    `notes` is what is worth a look and no error; `differences`: one by one what it changes, where its entity says so.
    """

    lines: int = 0
    counts: dict[str, Count] = field(default_factory=dict)
    sums: dict[str, dict[str, Any]] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    sheet: Sheet | None = None
    changes_hash: str = ""

    def stored(self) -> dict[str, Any]:
        """The result as its batch keeps it; a workbook's cells by their letter and number."""
        letters: Mapping[str, str] = self.sheet.letters if self.sheet else {}
        rejects = [
            {**reject.as_dict(), "cell": f"{letters[reject.column]}{reject.line}"}
            if reject.column in letters
            else {**reject.as_dict(), "cell": ""}
            for reject in self.rejects[:MOST_KEPT]
        ]
        counts = {entity: asdict(count) for entity, count in self.counts.items()}
        return {
            "counts": counts, "sums": self.sums, "rejects": rejects, "changes_hash": self.changes_hash,
        }  # fmt: skip


def check_may(table: str, by: int | None) -> None:
    """Raises Forbidden for a table that is not this person's to bring in or to take back."""
    reach().require("import_batch", STEPS[table].asks if table else "create", {"by_id": by})


@act
def check_table(*, by: int, table: str, content: bytes, name: str = "", way: str = PASTED) -> Batch:
    """Say what a table would do; administrators, and directors where it drafts. Nothing is written but the batch, which
    is this person's one.

    Raises Refused for a file of more than 10 MB, Conflict where others are at what it would touch.
    """
    check_may(table, by)
    if len(content) > MOST_BYTES:
        raise Refused(_("The file is larger than 10 MB. Split it."), path="file", code="too_large")
    with in_a_moment():
        take_turn(3)
        open_ones = Batch.objects.select_for_update().filter(by_id=by, table=table, state=Batch.State.CHECKED)
        batch = open_ones.first() or Batch(by_id=by, table=table, state=Batch.State.CHECKED, profile=table)
        person = User.objects.get(pk=by)
        batch.name, batch.content = name[:160], content
        batch.style = {"way": way, "locale": person.locale}
        batch.files_hash = hashlib.sha256(f"{table} {way} {person.locale} ".encode() + content).hexdigest()
        return _checked(batch)


def _checked(batch: Batch) -> Batch:
    """The batch with what its table would do now."""
    with transaction.atomic():
        result = _brought(batch)
        transaction.set_rollback(True)
    forget_answers()
    for name, value in result.stored().items():
        setattr(batch, name, value)
    batch.style |= {"lines": result.lines, "wrong": len(result.rejects), "notes": result.notes}
    batch.style["differences"] = [asdict(one) for one in result.differences[:MOST_DIFFERENCES]]
    batch.started_at = TransactionNow()
    batch.save()
    batch.refresh_from_db(fields=["started_at"])
    batch.sheet = result.sheet
    return batch


@act
def look_again(*, by: int, batch_id: int) -> Batch:
    """What a checked table would do by now, for who was told that something changed; who may, as for `check_table`."""
    with in_a_moment():
        take_turn(3)
        checked = Batch.objects.filter(pk=batch_id, state=Batch.State.CHECKED, by_id=by)
        batch: Batch = found(checked.first())
        check_may(batch.table, by)
        return _checked(batch)


@act
def apply_table(*, by: int, batch_id: int, shown: str) -> Batch:
    """Bring in a table that was checked, whole or not at all; who may, as for `check_table`.

    Raises Conflict where it is in already, where something in it is wrong by now, and where it would do anything else
    than what was `shown`.
    """
    take_turn()
    batch: Batch = found(
        Batch.objects.select_for_update().filter(pk=batch_id, by_id=by).exclude(table="").first()
    )
    check_may(batch.table, by)
    if batch.state != Batch.State.CHECKED:
        raise Conflict(_("This table is in already; nothing was brought in twice."), code="applied")
    forget_answers()
    result = _brought(batch)
    for name, value in result.stored().items():
        setattr(batch, name, value)
    if result.rejects or shown != shown_by(batch):
        message = _("Something changed since you checked. Nothing was brought in; look at it again.")
        raise Conflict(message, code="changed_since")
    done = {"state": Batch.State.APPLIED, "request_id": context().request_id, "by_id": by}
    Batch.objects.filter(pk=batch.pk).update(
        **done, **result.stored(), applied_at=TransactionNow(), finished_at=TransactionNow()
    )
    batch.refresh_from_db()
    return batch


def _brought(batch: Batch) -> Result:
    """Bring in a batch's table, and say what it did; with anything wrong nothing of it stands."""
    step, style, label = STEPS[batch.table], batch.style, label_of(batch)
    with use(style["locale"], "UTC"):
        try:
            return _Bringing(step, label, style["way"], batch.by_id).run(bytes(batch.content))
        except BadFile as error:
            problem = _(error.text) % error.values
            return Result(rejects=[Reject(label, 1, "", "", problem, "")])
        except Refused as error:
            problem = str(error.message)
            return Result(rejects=[Reject(label, 0, "", "", problem, _("Correct the table."))])


class _Bringing:
    """One table on its way in."""

    def __init__(self, step: Step, label: str, way: str, by: int | None) -> None:
        self.step, self.label, self.way, self.by = step, label, way, by
        self.known = Known()
        self.result = Result()

    def run(self, content: bytes) -> Result:
        quarters = self.known.quarters if self.step.by_quarter else {}
        grid = grid_of(self.step, content, self.way)
        self.step = with_own(self.step, grid.header)
        sheet = sheet_of(self.step, grid, self.label, list(quarters))
        self.result.lines, self.result.sheet = len(sheet.lines), sheet
        if any(one.line == grid.header_line for one in sheet.wrong):
            self._refuse(sheet.wrong)
            return self.result
        writing = TYPED if self.way == PASTED else FILE
        lines, wrong = read_cells(self.step, sheet, self.label, writing, self.known.currency)
        lines, more, self.result.notes = prepared(self.step.name, self.known, self.label, lines, sheet.header)
        self._refuse([*sheet.wrong, *wrong, *more])
        if not self.result.rejects:
            days = {code: period.starts_on.isoformat() for code, period in quarters.items()}
            made = sorted(
                {name for _number, cells in lines[:1] for name in cells if name not in self._columns()}
            )
            header = (*sheet.header, *made)
            table = Table(tuple(lines[0][1]), lines)
            self._read(parts_of(self.step, self.label, header, days), table)
            self.result.changes_hash = changes_hash([reading.entity for reading in self.step.readings])
        return self.result

    def _columns(self) -> set[str]:
        return {column.name for column in self.step.columns}

    def _refuse(self, wrong: list[Wrong]) -> None:
        seen = {(one.line, one.column) for one in self.result.rejects}
        for one in sorted(wrong, key=lambda one: one.line):
            if (one.line, one.column) not in seen or not one.column:
                self.result.rejects.append(in_words(one))
            seen.add((one.line, one.column))

    def _read(self, parts: list[Part], table: Table) -> None:
        """Each part into typed rows; where none of them is wrong, they are applied, in their order."""
        read: list[tuple[Part, list[Row]]] = []
        for part in parts:
            lines, left_out = lines_of(part.spec, {self.label: table})
            reading = read_rows(part.spec, lines, exponent, self.known.currency)
            self._refuse([self._placed(part, one) for one in reading.wrong])
            if part.is_main:
                gone = {number for number, _cells in lines} - {row.line for row in reading.rows}
                gone -= {one.line for one in reading.wrong}
                self._refuse([self._repeated(part, number) for number in sorted(gone)])
                self._sum(part, reading.rows)
            count = self.result.counts.setdefault(part.spec.entity, Count())
            count.left_out += left_out if part.is_main and not self.step.by_quarter else 0
            read.append((part, reading.rows))
        for parts_of_one in self._together(read):
            if not self.result.rejects:
                self._apply(parts_of_one)

    def _together(self, read: list[tuple[Part, list[Row]]]) -> list[list[tuple[Part, list[Row]]]]:
        """What is brought in at once: each part, of a table by quarters all of them, so that nobody is asked twice."""
        filled = [(part, rows) for part, rows in read if rows]
        return [filled] if self.step.by_quarter and filled else [[one] for one in filled]

    def _repeated(self, part: Part, number: int) -> Wrong:
        error = BadValue(marked("It says the same as a line above."), marked("Take one of the two out."))
        column = part.shown.get("on", "") if self.step.by_quarter else self.step.columns[0].name
        return Wrong(self.label, number, column or self.step.columns[0].name, "", error)

    def _placed(self, part: Part, wrong: Wrong) -> Wrong:
        """A refusal by the rules, at one of the table's own columns."""
        fields = {source.column: name for name, source in part.spec.fields.items() if source.column}
        name = fields.get(wrong.column, wrong.column)
        first = name.split(",")[0]
        column = part.shown.get(first) or self._column(part, first)
        return replace(wrong, column=column or wrong.column)

    def _column(self, part: Part, name: str) -> str:
        """The table's column of a field, of a column that is worked out, or its first column."""
        source = part.spec.fields.get(name)
        column = source.column if source else name
        quarters = [part.shown["on"]] if self.step.by_quarter else []
        return column if column in {*self._columns(), *quarters} else self.step.columns[0].name

    def _apply(self, parts: list[tuple[Part, list[Row]]]) -> None:
        """Bring in parts of one entity; of several the rows say meanwhile from which one they are."""
        entity = parts[0][0].spec.entity
        names = [self.label] if len(parts) == 1 else [str(place) for place in range(len(parts))]
        part_of = {name: part for name, (part, _rows) in zip(names, parts, strict=True)}
        rows = [
            replace(row, file=name) for name, (_part, own) in zip(names, parts, strict=True) for row in own
        ]
        outcome: Outcome = APPLY[entity](by=self.by, entity=entity, rows=rows)
        count = self.result.counts[entity]
        count.created += outcome.created
        count.changed += outcome.changed
        count.unchanged += outcome.unchanged
        self.result.differences += outcome.differences
        for reject in outcome.rejects:
            part = part_of[reject.file]
            column = part.shown.get(reject.column) or self._column(part, reject.column)
            self.result.rejects.append(replace(reject, file=self.label, column=column))

    def _sum(self, part: Part, rows: list[Row]) -> None:
        """What the amounts of the rows add up to: by currency, of a table by quarters by quarter."""
        if not (self.step.summed or self.step.by_quarter):
            return
        sums: dict[tuple[str, str], list[int]] = defaultdict(list)
        for row in rows:
            currency = row.values.get("currency") or self.known.currency
            if row.values.get("amount") is not None:
                sums[part.shown["on"] if self.step.by_quarter else currency, currency].append(
                    row.values["amount"]
                )
        for (label, currency), amounts in sums.items():
            self.result.sums[label] = {"currency": currency, "minor": sum(amounts), "count": len(amounts)}
