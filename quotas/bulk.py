"""A file of quotas, read strictly: every line is understood in full, or every fault is listed and nothing applies."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.money import parse_plain, plain
from quotas.rules import Key

COLUMNS = ("person", "territory", "period", "family", "kind", "amount")
NEEDED, ASSIGNEE = {"period", "amount"}, {"person", "territory"}
MOST_ROWS = 20_000
UNKNOWN = {
    "person": gettext_lazy("Nobody in your reach has this e-mail address."),
    "territory": gettext_lazy("No territory in your reach has this code."),
    "period": gettext_lazy("Give the code of a quarter that is open, such as %(newest)s."),
    "family": gettext_lazy("No product family has this code. Leave it empty for all families."),
}


@dataclass(frozen=True)
class Fault:
    """What is wrong in one cell of the file, and what would be right."""

    row: int
    column: str
    value: str
    remedy: str


@dataclass(frozen=True)
class Line:
    """One quota of the file."""

    row: int
    key: Key
    amount_minor: int


@dataclass(frozen=True)
class Known:
    """What the names in a column stand for (ids by e-mail or code), the kinds, and the decimals of an amount."""

    ids: Mapping[str, Mapping[str, int]]
    kinds: Sequence[str]
    decimals: int


def read_lines(text: str, known: Known) -> tuple[list[Line], list[Fault]]:
    """The file's lines and its faults; where there is a fault the lines are not to be used."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    try:
        rows = list(reader)
    except csv.Error as error:
        remedy = _("This is not a CSV file: %(error)s.") % {"error": error}
        return [], [Fault(reader.line_num, "", "", remedy)]
    head = [name.strip() for name in rows[0]] if rows else []
    faults = list(_wrong_head(head, len(rows)))
    lines: list[Line] = []
    for number, cells in enumerate([] if faults else rows[1:], 2):
        if any(cell.strip() for cell in cells):
            read = _Cells(number, head, cells)
            lines += read.line(known)
            faults += read.faults
    return lines, [*faults, *_repeated(lines)]


def _wrong_head(head: Sequence[str], rows: int) -> Iterator[Fault]:
    is_known = set(head) <= set(COLUMNS) and len(set(head)) == len(head)
    if not (is_known and set(head) >= NEEDED and ASSIGNEE & set(head)):
        remedy = _("The first line names the columns: %(columns)s. Family and kind may be left out.")
        yield Fault(1, "", ", ".join(head)[:200], remedy % {"columns": ", ".join(COLUMNS)})
    elif rows - 1 > MOST_ROWS:
        remedy = _("A file has at most %(most)s lines; cut it into several.") % {"most": MOST_ROWS}
        yield Fault(rows, "", "", remedy)


@dataclass
class _Cells:
    """One line as it stands in the file, and what is wrong in it."""

    number: int
    head: Sequence[str]
    cells: Sequence[str]
    faults: list[Fault] = field(default_factory=list)

    def line(self, known: Known) -> list[Line]:
        """The quota that the line asks for; none where something is wrong in it."""
        if len(self.cells) != len(self.head):
            self._wrong("", _("This line does not have as many cells as the first one."))
        if bool(self["person"]) == bool(self["territory"]):
            remedy = _("Give the e-mail of a person or the code of a territory, and leave the other empty.")
            self._wrong("person", remedy)
        person, territory, period, family = (self._id(column, known) for column in UNKNOWN)
        kind = self["kind"] or known.kinds[0]
        if kind not in known.kinds:
            self._wrong("kind", _("Give one of: %(known)s.") % {"known": ", ".join(known.kinds)})
        amount = self._amount(known.decimals)
        key = Key(person, territory, period or 0, family, kind)
        return [] if self.faults else [Line(self.number, key, amount)]

    def __getitem__(self, column: str) -> str:
        return dict(zip(self.head, self.cells, strict=False)).get(column, "").strip()

    def _wrong(self, column: str, remedy: str) -> None:
        self.faults.append(Fault(self.number, column, self[column], remedy))

    def _id(self, column: str, known: Known) -> int | None:
        ids, name = known.ids[column], self[column].lower() if column == "person" else self[column]
        if name not in ids and (name or column in NEEDED):
            newest = max(known.ids["period"], default="2026-Q1")
            self._wrong(column, UNKNOWN[column] % {"newest": newest})
        return ids.get(name)

    def _amount(self, decimals: int) -> int:
        try:
            amount = parse_plain(self["amount"], decimals)
        except ValueError:
            remedy = _("Write it with a full stop and without separators, such as %(example)s.")
            self._wrong("amount", remedy % {"example": plain(1000 * 10**decimals, decimals)})
            return 0
        if amount < 0:
            self._wrong("amount", _("A quota is zero or more."))
        return amount


def _repeated(lines: Sequence[Line]) -> Iterator[Fault]:
    seen: dict[Key, int] = {}
    for line in lines:
        first = seen.setdefault(line.key, line.row)
        if first != line.row:
            remedy = _("Line %(row)s already holds this quota. Keep one of them.") % {"row": first}
            yield Fault(line.row, "", "", remedy)
