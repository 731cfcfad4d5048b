"""What a sales model is made of, and what differs between two of its versions. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MOST_STAGES, MOST_CRITERIA, MOST_QUESTIONS = 20, 8, 30
KINDS = ("open", "won", "lost")
"""The kinds of stages in the order in which they stand: a model ends with its won and its lost stage."""

Content = Mapping[str, Any]


@dataclass(frozen=True)
class CriterionInput:
    """An exit criterion as it is to be; `check_of` says what the product looks at, empty where a person ticks it."""

    text: str
    check_of: str = ""
    is_required: bool = False
    id: int | None = None


@dataclass(frozen=True)
class StageInput:
    """A stage as it is to be; `probability` in percent, `id` where it is there already."""

    name: str
    kind: str
    probability: int
    category: str
    stalled_after_days: int | None = None
    id: int | None = None
    criteria: Sequence[CriterionInput] = ()


@dataclass(frozen=True)
class QuestionInput:
    """A qualification question as it is to be."""

    text: str
    help: str = ""
    id: int | None = None


@dataclass(frozen=True)
class Difference:
    """One thing that two versions say differently: `act` is added, removed, changed or ordered.

    `thing` is model, stage, criterion or question; `name` what it is called in the later version that has it, `of` the
    stage of a criterion; `field`, `before` and `after` tell a change.
    """

    act: str
    thing: str
    name: str
    of: str = ""
    field: str = ""
    before: Any = None
    after: Any = None


STAGE_FIELDS = ("name", "kind", "probability", "category", "stalled_after_days")
CRITERION_FIELDS = ("text", "check_of", "is_required")
QUESTION_FIELDS = ("text", "help")


def in_order(stages: Sequence[StageInput]) -> list[StageInput]:
    """The open stages as they come, then the won and the lost one.

    Example: Won, Qualify, Lost, Propose → Qualify, Propose, Won, Lost. Raises ValueError for a kind that is unknown.
    """
    return sorted(stages, key=lambda stage: KINDS.index(stage.kind))


def content_of(
    name: str, about: str, stages: Sequence[StageInput], questions: Sequence[QuestionInput]
) -> dict[str, Any]:
    """A definition as versions keep it. Raises nothing."""
    told = [
        {
            "id": stage.id,
            **{field: getattr(stage, field) for field in STAGE_FIELDS},
            "criteria": [dict(vars(one)) for one in stage.criteria],
        }
        for stage in stages
    ]
    return {"name": name, "about": about, "stages": told, "questions": [dict(vars(one)) for one in questions]}


def differences(before: Content, after: Content) -> list[Difference]:
    """What the later of two versions says differently, in the order of the page. Raises nothing.

    Things are the same where their ids are; one without an id is new.
    Example: *Qualify* 10 % → 20 % is ("changed", "stage", "Qualify", field="probability", before=10, after=20).
    """
    found = list(_fields("model", before, after, ("name", "about"), after["name"]))
    found += _rows("stage", before["stages"], after["stages"], STAGE_FIELDS)
    standing = {row["id"]: row for row in before["stages"]}
    for stage in after["stages"]:
        old = standing.get(stage["id"], {}).get("criteria", [])
        found += _rows("criterion", old, stage["criteria"], CRITERION_FIELDS, stage["name"])
    return [*found, *_rows("question", before["questions"], after["questions"], QUESTION_FIELDS)]


def _rows(
    thing: str, before: Sequence[Content], after: Sequence[Content], fields: Sequence[str], of: str = ""
) -> Iterator[Difference]:
    old, kept = {row["id"]: row for row in before}, {row["id"] for row in after}
    for row in after:
        if row["id"] is None or row["id"] not in old:
            yield Difference("added", thing, _name(row), of)
        else:
            yield from _fields(thing, old[row["id"]], row, fields, _name(row), of)
    for row in before:
        if row["id"] not in kept:
            yield Difference("removed", thing, _name(row), of)
    were = [row["id"] for row in before if row["id"] in kept]
    are = [row["id"] for row in after if row["id"] in old]
    if were != are:
        names = {row["id"]: _name(row) for row in after}
        yield Difference(
            "ordered", thing, "", of, "", *([names[pk] for pk in order] for order in (were, are))
        )


def _fields(
    thing: str, before: Content, after: Content, fields: Sequence[str], name: str, of: str = ""
) -> Iterator[Difference]:
    for field in fields:
        if before[field] != after[field]:
            yield Difference("changed", thing, name, of, field, before[field], after[field])


def _name(row: Content) -> str:
    return str(row.get("name") or row.get("text") or "")
