"""What a run of the rules did, territory by territory."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Prefetch, QuerySet
from django_stubs_ext import StrOrPromise

from accounts.models import AccountTerritory, Coverage, Rule, RuleRun
from accounts.selectors.previews import SHOWN_LINES, Clash
from accounts.selectors.taking_back import TakingBack
from common.access import Reach
from common.selectors import Count, capped_count, today
from common.transaction import reach, widened
from territories.models import Territory
from territories.selectors import unassigned
from workspace.models import Approval

RULE_RUN = "rule_run"
"""The kind of approval that a run asks for which moves more accounts than one person may."""


def runs_in_order(mine: Reach) -> QuerySet[RuleRun]:
    """The runs in reach, each with what it takes back and the run that took it back (`done_counter_runs`)."""
    counters = RuleRun.objects.filter(state=RuleRun.State.DONE)
    taken_back = Prefetch("counter_runs", counters, to_attr="done_counter_runs")
    rows: QuerySet[RuleRun] = RuleRun.objects.visible_to(mine).select_related("asked_by", "takes_back")
    return rows.prefetch_related(taken_back)


def runs_asked_for() -> list[Approval]:
    """The runs that wait for an approval which the reader sees, the newest first."""
    rows = Approval.objects.visible_to(reach()).filter(kind=RULE_RUN, state=Approval.State.WAITING)
    return list(rows.select_related("asked_by").order_by("-pk"))


def approval_of(run: RuleRun) -> Approval | None:
    """What approved a run, for those who read it."""
    rows = Approval.objects.filter(pk=run.approval_id or 0)
    with widened("approval"):
        granted: Approval | None = rows.select_related("asked_by", "answered_by").first()
    return granted


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
    left_alone = run.counts["stay"] if run.takes_back_id else run.counts["spared"] + run.counts["held"]
    return _outcome(run.counts["territories"], left_alone)


def outcome_to_be(found: TakingBack) -> Outcome:
    """What would come and go where."""
    return _outcome(found.territories(), found.stay)


def _outcome(rows: Sequence[Any], left_alone: int) -> Outcome:
    shown = rows[:SHOWN_LINES]
    nodes = Territory.objects.in_bulk({row[1] for row in shown if row[1]})
    lines = [
        Done(Coverage(coverage).label, nodes.get(pk), came, went, coverage == Coverage.FIELD)
        for coverage, pk, came, went in shown
    ]
    return Outcome(lines, len(rows) - len(shown), left_alone, unassigned())


@dataclass(frozen=True)
class LastFound:
    """What a run found wrong with the rules, as far as these are today what they were then.

    `changed`: how many rules are in use, or out of use, that were not so, or otherwise.
    """

    run: RuleRun
    clashes: list[Clash]
    unmatched: list[Rule]
    changed: int


def last_found() -> LastFound | None:
    """Conflicts and rules that matched nothing in the last run of the rules; None before the first one."""
    done = RuleRun.objects.filter(state=RuleRun.State.DONE, takes_back=None, written_at__isnull=False)
    run = done.order_by("-written_at").first()
    if run is None:
        return None
    then: dict[int, int] = {int(pk): version for pk, version in run.counts["rules"].items()}
    now = dict(Rule.objects.filter(is_active=True).values_list("pk", "version"))
    same = {pk for pk, version in then.items() if now.get(pk) == version}
    pairs = [row for row in run.counts["clashes"] if same.issuperset(row[:2])]
    never = [pk for pk in run.counts["never"] if pk in same]
    rules = Rule.objects.select_related("territory").in_bulk(
        {*never, *(pk for row in pairs for pk in row[:2])}
    )
    clashes = [Clash(rules[first], rules[second], count, []) for first, second, count in pairs]
    return LastFound(run, clashes, [rules[pk] for pk in never], len((then.keys() | now.keys()) - same))


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
