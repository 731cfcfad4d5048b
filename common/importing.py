"""What an import hands to the apps, row by row, and what comes back: counts, and refusals with their remedy."""

import difflib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from itertools import chain
from typing import Any, Self

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from common.errors import Refused

MOST_GUESSES = 10
"""For so many wrong names of one table the nearest one is looked for, which takes a while among many."""


@dataclass(frozen=True)
class Row:
    """One row of one file with typed values by field; a reference is its text until it is resolved into an id."""

    file: str
    line: int
    values: Mapping[str, Any]
    references: Mapping[str, str] = field(default_factory=dict)

    def reject(self, name: str, problem: str, remedy: str) -> "Reject":
        """The refusal of this row because of one of its fields."""
        value = self.references.get(name) or str(self.values.get(name) or "")
        return Reject(self.file, self.line, name, value, problem, remedy)


@dataclass(frozen=True)
class Reject:
    """A row that was not applied: where it stands, which column, which value, what is wrong, what would be right."""

    file: str
    line: int
    column: str
    value: str
    problem: str
    remedy: str

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def __str__(self) -> str:
        return f"{self.file}, row {self.line}, {self.column} {self.value!r}: {self.problem} {self.remedy}"


@dataclass(frozen=True)
class Difference:
    """What a row says otherwise than it stands: of what, in which column, before and after; `note`: what goes along."""

    line: int
    about: str
    column: str
    before: str
    after: str
    note: str = ""


@dataclass
class Outcome:
    """What became of an entity's rows: every one of them is counted once.

    `differences`: one by one what they change, of entities that are looked at before anything is brought in.
    """

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    rejects: list[Reject] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)

    def add(self, created: int, changed: int, unchanged: int) -> None:
        self.created += created
        self.changed += changed
        self.unchanged += unchanged

    def write(self, row: Row, write: Callable[[Row], str], column: str, remedy: str = "") -> None:
        """Write one row and count what became of it: *created*, *changed* or *unchanged*; else keep why not.

        `column`: where the refusal stands that names no field.
        """
        try:
            kind = write(row)
        except Refused as refusal:
            name = refusal.path.removesuffix("_id") or column
            remedy = remedy or _("Correct the row, or change it in the product.")
            self.rejects.append(row.reject(name, str(refusal.message), remedy))
        else:
            self.add(kind == "created", kind == "changed", kind == "unchanged")


def refusals(check: Callable[..., object]) -> Callable[..., Refused | None]:
    """Says why a check refuses facts, if it does; asked once for the same facts, which stand in many rows of a file."""

    @cache
    def refusal_of(*facts: Any, **named: Any) -> Refused | None:
        try:
            check(*facts, **named)
        except Refused as refusal:
            return refusal
        return None

    return refusal_of


class Unresolved(ValueError):
    """A text that names nothing, or two things."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy


class Guesses:
    """The nearest of the known names to wrong ones; beyond `MOST_GUESSES` wrong ones there is none."""

    def __init__(self, names: Callable[[], Iterable[str]]) -> None:
        self._names, self._left = names, MOST_GUESSES
        self.near = cache(self._near)

    def _near(self, text: str) -> str:
        self._left -= 1
        found = difflib.get_close_matches(text, [*self._names()], 1) if self._left >= 0 else []
        return found[0] if found else ""


class Names:
    """Finds rows by their key or, where only one has it, by their name."""

    def __init__(
        self,
        noun: str,
        rows: Iterable[tuple[int, str, str]],
        others: Callable[[], Iterable[tuple[str, str]]] = tuple,
    ) -> None:
        self._noun = {"noun": noun}
        self._keys: dict[str, int] = {}
        self._names: dict[str, list[int]] = defaultdict(list)
        self._guesses = Guesses(lambda: [*self._names, *self._keys, *chain.from_iterable(others())])
        for row in rows:
            self.add(*row)

    @classmethod
    def among(cls, noun: str, rows: QuerySet[Any], key: str, mentioned: Collection[str]) -> Self:
        """Those of a large table that a file mentions by `key` or name; all others only where it names nobody."""
        theirs = rows.filter(Q(**{f"{key}__in": mentioned}) | Q(name__in=mentioned))
        return cls(noun, theirs.values_list("pk", key, "name"), lambda: rows.values_list(key, "name"))

    def add(self, pk: int, key: str, name: str) -> None:
        self._keys[key] = pk
        self._names[name].append(pk)

    def __contains__(self, text: str) -> bool:
        return text in self._keys or text in self._names

    def find(self, text: str) -> int:
        """The id. Raises Unresolved, with the nearest name that there is."""
        if text in self._keys:
            return self._keys[text]
        found = self._names.get(text, [])
        if len(found) == 1:
            return found[0]
        if found:
            problem = _("There are %(count)s of that name.") % {"count": len(found)}
            raise Unresolved(problem, _("Name the %(noun)s by its key.") % self._noun)
        near = self._guesses.near(text)
        remedy = _("Did you mean %(name)r?") % {"name": near} if near else ""
        remedy = remedy or _("Bring in the %(noun)s first.") % self._noun
        raise Unresolved(_("There is no such %(noun)s.") % self._noun, remedy)


def resolved(rows: Sequence[Row], outcome: Outcome, names: Mapping[str, Names]) -> list[Row]:
    """The rows with the ids of what they refer to; those that refer to nothing are rejected."""
    kept = []
    for row in rows:
        texts = {name: row.values[name] for name in names if row.values.get(name)}
        ids, rejects = {}, []
        for name, text in texts.items():
            try:
                ids[name] = names[name].find(text)
            except Unresolved as error:
                rejects.append(row.reject(name, error.problem, error.remedy))
        outcome.rejects += rejects
        if not rejects:
            kept.append(Row(row.file, row.line, {**row.values, **ids}, texts))
    return kept


def as_columns(rows: Sequence[Row], columns: Mapping[str, str]) -> tuple[list[str], list[list[Any]]]:
    """The columns of the fields that the rows bring, and each row's values in that order.

    `columns` maps fields to columns; what a profile does not bring is left as it is.
    """
    given = [name for name in columns if rows and name in rows[0].values]
    return [columns[name] for name in given], [[row.values[name] for name in given] for row in rows]
