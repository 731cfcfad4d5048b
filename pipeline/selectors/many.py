"""Deals that were chosen to be changed together: which, and what one change would make of each."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django_stubs_ext import StrOrPromise

from common.access import Reach
from common.columns import Column
from pipeline.models import Opportunity
from pipeline.selectors.columns import columns

SHOWN = {
    "stage_id": "stage",
    "category": "category",
    "close_on": "close",
    "next_step": "next_step",
    "next_step_on": "next_step_on",
    "owner_id": "owner",
}
"""The column of the list that shows what a field becomes."""


@dataclass(frozen=True)
class Step:
    """A column of a deal before and after."""

    before: str
    after: str

    @property
    def is_same(self) -> bool:
        return self.before == self.after


@dataclass(frozen=True)
class Line:
    """A chosen deal with what becomes of it, or why it can't be changed."""

    deal: Opportunity
    steps: Sequence[Step] = ()
    refusal: StrOrPromise = ""


@dataclass(frozen=True)
class Preview:
    """What a change does to the chosen deals; those that it can't be done to come first. `digest`: of what was read."""

    columns: Sequence[Column]
    lines: Sequence[Line]
    digest: str

    @property
    def refused(self) -> int:
        return sum(bool(line.refusal) for line in self.lines)

    @property
    def allowed(self) -> list[int]:
        return [line.deal.pk for line in self.lines if not line.refusal]


def chosen_deals(mine: Reach, ids: Sequence[int]) -> list[Opportunity]:
    """The chosen deals in reach, by name."""
    rows = Opportunity.objects.visible_to(mine).standing().filter(pk__in=ids)
    return list(rows.select_related("account", "owner", "stage").order_by("name_key", "id"))


def preview(
    before: Sequence[Opportunity],
    after: Mapping[int, Opportunity],
    refused: Mapping[int, StrOrPromise],
    asked: Mapping[str, Any],
) -> Preview:
    """What differs between the chosen deals as they are and as a rehearsal made them."""
    keys = [SHOWN[name] for name in asked if name in SHOWN]
    if "stage_id" in asked and "category" not in keys:
        keys.append("category")
    shown = [column for column in columns() if column.key in keys]
    lines = [
        Line(deal, refusal=refused[deal.pk])
        if deal.pk in refused
        else Line(
            deal, [Step(one.shown(deal), one.shown(after[deal.pk])) for one in shown if deal.pk in after]
        )
        for deal in before
    ]
    return Preview(shown, sorted(lines, key=lambda line: not line.refusal), digest_of(before, asked))


def digest_of(deals: Sequence[Opportunity], asked: Mapping[str, Any]) -> str:
    """By what a change is known that was looked at: the deals at their versions, and what becomes of them."""
    read = [(deal.pk, deal.version) for deal in deals]
    said = sorted(
        (name, value.isoformat() if isinstance(value, date) else str(value)) for name, value in asked.items()
    )
    return hashlib.sha256(repr((read, said)).encode()).hexdigest()[:16]
