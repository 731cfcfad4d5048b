"""Imports as pages show them: what one did or would do, and the lines that are wrong, with their cells."""

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.locale import format_number
from imports.models import Batch
from imports.rules.sheets import Grid, Sheet, decoded, read_text, read_workbook, sheet_of
from imports.rules.steps import STEPS
from imports.rules.tables import BadFile
from imports.selectors.known import Known

MOST_LINES_SHOWN = 200
MOST_SHOWN = 80


def shown_by(batch: Batch) -> str:
    """What a page says about a batch, in one word: who applies it names what they were shown."""
    told = json.dumps([batch.files_hash, batch.counts, batch.sums], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


def label_of(batch: Batch) -> str:
    """How a batch is called: by its file, or as pasted."""
    return batch.name or _("pasted table")


def grid_of(content: bytes, way: str) -> Grid:
    """The cells of what was pasted or chosen. Raises BadFile."""
    return read_workbook(content) if way == "xlsx" else read_text(decoded(content))


def sheet_in(batch: Batch) -> Sheet | None:
    """The lines of a batch as they were written; none where it can't be read as a table."""
    try:
        grid = grid_of(bytes(batch.content), batch.style["way"])
    except BadFile:
        return None
    return sheet_of(STEPS[batch.table], grid, label_of(batch), list(Known().quarters))


def in_words(entity: str, count: int) -> str:
    """So many of an entity. Example: person, 25 → 25 people."""
    words = {
        "person": ngettext("%(count)s person", "%(count)s people", count),
        "territory": ngettext("%(count)s territory", "%(count)s territories", count),
        "seat": ngettext("%(count)s seat", "%(count)s seats", count),
        "family": ngettext("%(count)s product family", "%(count)s product families", count),
        "product": ngettext("%(count)s product", "%(count)s products", count),
        "account": ngettext("%(count)s account", "%(count)s accounts", count),
        "stage": ngettext("%(count)s stage", "%(count)s stages", count),
        "opportunity": ngettext("%(count)s opportunity", "%(count)s opportunities", count),
        "order": ngettext("%(count)s order", "%(count)s orders", count),
        "quota": ngettext("%(count)s quota", "%(count)s quotas", count),
        "opening": ngettext("%(count)s opening entry", "%(count)s opening entries", count),
        "rate": ngettext("%(count)s rate", "%(count)s rates", count),
        "submission": ngettext("%(count)s call", "%(count)s calls", count),
    }
    return words[entity] % {"count": format_number(count)}


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
    def shown(self) -> str:
        return shown_by(self.batch)


def whole_faults(batch: Batch, lines: list[WrongLine]) -> list[dict[str, Any]]:
    """What is wrong with the table as a whole, or with its header."""
    shown = {line.number for line in lines}
    return (
        [one for one in batch.rejects if one["line"] not in shown][:20]
        if len(lines) < MOST_LINES_SHOWN
        else []
    )


def wrong_lines(batch: Batch) -> list[WrongLine]:
    """The first lines with something wrong, each with all of its cells."""
    if not batch.rejects or not batch.table or (sheet := sheet_in(batch)) is None:
        return []
    by_line: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for reject in batch.rejects:
        by_line[reject["line"]].append(reject)
    found = [(number, cells) for number, cells in sheet.lines if number in by_line][:MOST_LINES_SHOWN]
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


def applied_since(table: str, moment: datetime, batch_id: int) -> Batch | None:
    """The last import of any table since then, which may be why a table now does something else."""
    later = batch_rows().filter(applied_at__gt=moment).exclude(pk=batch_id)
    return later.order_by("-applied_at").first()
