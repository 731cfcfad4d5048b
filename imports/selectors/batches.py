"""Imports as pages show them: what one did or would do, and the lines that are wrong, with their cells."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.locale import format_number
from common.undoing import Made, created
from imports.models import Batch
from imports.rules.sheets import Grid, Sheet, decoded, read_text, read_workbook, sheet_of
from imports.rules.steps import STEPS, Step
from imports.rules.tables import BadFile
from imports.selectors.known import Known
from imports.selectors.own import with_own
from imports.selectors.words import in_words
from planning.models import Draft

MOST_LINES_SHOWN = 200
MOST_SHOWN = 80
MOST_ALIKE = 10
MOST_WHOLE = 20


def shown_by(batch: Batch) -> str:
    """What a page says about a batch, in one word: who applies it names what they were shown."""
    told = json.dumps([batch.files_hash, batch.counts, batch.sums, batch.changes_hash], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


def label_of(batch: Batch) -> str:
    """How a batch is called: by its file, or as pasted."""
    return batch.name or _("pasted table")


def grid_of(step: Step, content: bytes, way: str) -> Grid:
    """The cells of what was pasted or chosen for a table. Raises BadFile."""
    most = step.most_lines
    return read_workbook(content, most) if way == "xlsx" else read_text(decoded(content), most)


def sheet_in(batch: Batch) -> Sheet | None:
    """The lines of a batch as they were written; none where it can't be read as a table."""
    if batch.sheet:
        return batch.sheet
    try:
        grid = grid_of(STEPS[batch.table], bytes(batch.content), batch.style["way"])
    except BadFile:
        return None
    return sheet_of(with_own(STEPS[batch.table], grid.header), grid, label_of(batch), list(Known().quarters))


@dataclass(frozen=True)
class WrongCell:
    """One cell of a wrong line: its column, what stands there, and what is wrong with it, if anything is."""

    column: str
    text: str
    wrong: list[dict[str, Any]]


@dataclass(frozen=True)
class WrongLine:
    """A line with something wrong, as it was written."""

    number: int
    cells: list[WrongCell]


@dataclass(frozen=True)
class Answer:
    """What a batch did or would do."""

    batch: Batch

    @property
    def counts(self) -> list[dict[str, Any]]:
        """Of each entity that the batch touches: how many are new, changed, the same."""
        rows = []
        for entity, count in self.batch.counts.items():
            total = count["created"] + count["changed"] + count["unchanged"]
            if total or count["rejected"]:
                rows.append({**count, "words": in_words(entity, total)})
        return rows

    @property
    def sums(self) -> list[dict[str, Any]]:
        return [{"label": label, **total} for label, total in self.batch.sums.items()]

    @property
    def notes(self) -> list[str]:
        """What is worth a look before the table is brought in, and no error."""
        return list(self.batch.style.get("notes", []))

    @property
    def differences(self) -> list[dict[str, Any]]:
        """What its lines change one by one, the first of them, where its table tells so."""
        return list(self.batch.style.get("differences", []))

    @property
    def more_differences(self) -> int:
        """How many more lines change something."""
        return (
            max(self.touched - len({one["line"] for one in self.differences}), 0) if self.differences else 0
        )

    @property
    def wrong(self) -> int:
        """How many cells are wrong; of a table more of them than are kept."""
        return self.batch.style.get("wrong") or len(self.batch.rejects)

    @property
    def touched(self) -> int:
        return sum(count["created"] + count["changed"] for count in self.batch.counts.values())

    @property
    def is_ready(self) -> bool:
        return self.batch.state == Batch.State.CHECKED and not self.batch.rejects and self.touched > 0

    @property
    def what(self) -> str:
        """What is brought in. Example: 25 people."""
        entity = STEPS[self.batch.table].entity
        count = self.batch.counts[entity]
        own = count["created"] + count["changed"]
        if own:
            return in_words(entity, own)
        others = [
            in_words(name, n)
            for name, one in self.batch.counts.items()
            if (n := one["created"] + one["changed"])
        ]
        return ", ".join(others)

    @property
    def heading(self) -> str:
        """What a table's answer says first."""
        if self.batch.rejects:
            text = ngettext(
                "%(count)s thing is wrong; nothing is brought in before it is mended",
                "%(count)s things are wrong; nothing is brought in before they are mended",
                self.wrong,
            )
            return text % {"count": format_number(self.wrong)}
        if self.is_ready:
            return _("What this table does")
        return _(STEPS[self.batch.table].idle)

    @property
    def shown(self) -> str:
        return shown_by(self.batch)


def told_faults(batch: Batch) -> tuple[list[dict[str, Any]], list[WrongLine]]:
    """What is wrong: what many lines share, once, and what no line shows; then the lines with anything else."""
    alike = _alike(batch.rejects)
    others = {one["line"] for one in batch.rejects if _kind(one) not in alike}
    lines = _wrong_lines(batch, others)
    shown = {line.number for line in lines}
    beyond = [one for one in batch.rejects if one["line"] in others - shown and _kind(one) not in alike]
    of_all = beyond[:MOST_WHOLE] if len(lines) < MOST_LINES_SHOWN else []
    return [*map(_said_once, alike.values()), *of_all], lines


def _kind(reject: dict[str, Any]) -> tuple[str, str]:
    return reject["column"], reject["problem"]


def _alike(rejects: list[dict[str, Any]]) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """The faults that more than ten lines share in one column."""
    kinds: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for one in rejects:
        kinds[_kind(one)].append(one)
    return {kind: found for kind, found in kinds.items() if len(found) > MOST_ALIKE}


def _said_once(rejects: list[dict[str, Any]]) -> dict[str, Any]:
    """Many like faults as one. Example: "There is no such stage: 'Qualified' — in 100 lines: 2, 3, 4 …"."""
    first = rejects[0]
    texts = list(dict.fromkeys(one["value"][:MOST_SHOWN] for one in rejects if one["value"]))
    named = ", ".join(f"'{text}'" for text in texts[:3]) + (" …" if len(texts) > 3 else "")
    lines = ", ".join(format_number(one["line"]) for one in rejects[:3])
    values = {
        "problem": first["problem"].rstrip("."),
        "named": named,
        "count": format_number(len(rejects)),
        "lines": lines,
    }
    text = (
        _("%(problem)s: %(named)s — in %(count)s lines: %(lines)s …")
        if named
        else _("%(problem)s — in %(count)s lines: %(lines)s …")
    )
    return {**first, "cell": "", "problem": text % values}


def _wrong_lines(batch: Batch, numbers: Collection[int]) -> list[WrongLine]:
    """The first of these lines, each with all of its cells."""
    if not numbers or not batch.table or (sheet := sheet_in(batch)) is None:
        return []
    by_line: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for reject in batch.rejects:
        by_line[reject["line"]].append(reject)
    found = [(number, cells) for number, cells in sheet.lines if number in numbers][:MOST_LINES_SHOWN]
    named = {reject["column"] for number, _cells in found for reject in by_line[number]}
    header = [*sheet.header, *sorted(named.difference(sheet.header))]
    return [
        WrongLine(number, [_cell(name, cells, by_line[number]) for name in header if name])
        for number, cells in found
    ]


def _cell(name: str, cells: dict[str, str], rejects: list[dict[str, Any]]) -> WrongCell:
    return WrongCell(
        name, cells.get(name, "")[:MOST_SHOWN], [one for one in rejects if one["column"] == name]
    )


def batch_rows() -> QuerySet[Batch]:
    """Every import without its content."""
    return Batch.objects.defer("content", "rejects").select_related("by", "undone_by")


def draft_of(batch: Batch) -> int | None:
    """The draft of a realignment that a batch made, if it did."""
    if batch.table != "realignment" or not (batch.request_id and batch.applied_at):
        return None
    return next(iter(created(Made(batch.request_id, batch.applied_at), Draft)), None)


def applied_since(table: str, moment: datetime, batch_id: int) -> Batch | None:
    """The last import of any table since then, which may be why a table now does something else."""
    later = batch_rows().filter(applied_at__gt=moment).exclude(pk=batch_id)
    return later.order_by("-applied_at").first()
