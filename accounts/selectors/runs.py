"""What a run of the rules did, territory by territory."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django_stubs_ext import StrOrPromise

from accounts.models import AccountTerritory, Coverage, Rule, RuleRun
from accounts.selectors.previews import SHOWN_LINES
from common.access import Reach
from common.selectors import Count, capped_count, today
from territories.models import Territory
from territories.selectors import unassigned


@dataclass(frozen=True)
class Done:
    """A territory in a run that is done: how many accounts came and went. None: they were in none."""

    coverage: StrOrPromise
    territory: Territory | None
    came: int
    went: int
    is_field: bool


@dataclass(frozen=True)
class Outcome:
    """The territories that changed most in a run, and how many more there are; how many accounts were left alone.

    `nobody`: the territory of those that no rule took.
    """

    lines: Sequence[Done]
    more: int
    left_alone: int
    nobody: Territory


def outcome_of(run: RuleRun) -> Outcome:
    """What came and went where in a run that is done."""
    rows: list[Any] = run.counts["territories"]
    shown = rows[:SHOWN_LINES]
    nodes = Territory.objects.in_bulk({row[1] for row in shown if row[1]})
    lines = [
        Done(Coverage(coverage).label, nodes.get(pk), came, went, coverage == Coverage.FIELD)
        for coverage, pk, came, went in shown
    ]
    left_alone = run.counts["spared"] + run.counts["held"]
    return Outcome(lines, len(rows) - len(shown), left_alone, unassigned())


@dataclass(frozen=True)
class Coming:
    """How many accounts in reach a rule will have placed from a day on."""

    day: date
    count: Count


def coming(rule: Rule, mine: Reach) -> Coming | None:
    """The next day on which the rule places more accounts in reach, and how many it has then; None: nothing comes."""
    rows = AccountTerritory.objects.current().filter(mine.q(AccountTerritory), cause="rule", cause_id=rule.pk)
    days = rows.filter(starts_on__gt=today()).order_by("starts_on").values_list("starts_on", flat=True)
    first: date | None = days.first()
    return Coming(first, capped_count(rows.on(first))) if first else None
