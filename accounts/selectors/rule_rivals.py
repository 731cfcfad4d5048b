"""Which accounts a rule matches and does not get: those that stay where they are, and those that another rule takes."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Q, QuerySet, Value, When

from accounts.bulk.places import COLUMNS
from accounts.bulk.ruled import by_hash
from accounts.models import Account, AccountTerritory, Coverage, Hold, Rule
from accounts.rules import conditions
from accounts.rules.conditions import Groups
from accounts.rules.deciding import BY_HAND
from accounts.rules.meeting import may_meet
from accounts.selectors.rules import families, holding, matching, rules_in_use
from common.access import Reach
from common.selectors import capped_count, today
from common.transaction import widened
from territories.selectors import unassigned

MOST_RULES, MOST_ASKED = 30, 5_000
"""So many rules are asked of the accounts, and so many values in all; of what is left out only the number is said."""


@dataclass(frozen=True)
class Written:
    """A rule as somebody writes it; `rule_id`: the one that is there already, `territory_id` None: not said yet."""

    groups: Groups
    coverage: str
    priority: int
    territory_id: int | None = None
    spares_placed: bool = True
    rule_id: int | None = None

    @classmethod
    def of(cls, rule: Rule) -> "Written":
        return cls(
            groups=conditions.read(rule.conditions),
            coverage=rule.coverage,
            priority=rule.priority,
            territory_id=rule.territory_id,
            spares_placed=rule.spares_placed,
            rule_id=rule.pk,
        )


@dataclass(frozen=True)
class Rival:
    """Another rule that takes so many of the accounts. `decides`: of one priority, whether it is older."""

    rule: Rule
    count: int
    decides: bool = True


@dataclass(frozen=True)
class NotTaken:
    """Of the accounts in reach that a rule matches: how many stay, and which rules take others.

    `placed` stay because a person placed them and the rule that decides spares them, `held` because somebody holds
    them; neither counts what is in the rule's territory already. `before`: rules that come first; `beside`: rules of
    the same priority that say another territory. Each account counts once: where it stays, else with the rule that
    comes first. `more`: rules that were not asked. `overruled`: how many it does take from where a person placed them;
    `spares_placed`: whether it leaves those alone.
    """

    placed: int
    held: int
    before: Sequence[Rival]
    beside: Sequence[Rival]
    more: int
    overruled: int = 0
    spares_placed: bool = True

    @property
    def is_none(self) -> bool:
        return not (self.placed or self.held or self.before or self.beside or self.more)


def not_taken(written: Written, mine: Reach) -> NotTaken:
    """Which of the accounts that a rule matches it does not get, were it run today. For who sees rules."""
    rows = matching(written.groups, mine).order_by()
    asked, more = _asked(written)
    decides = {rule.pk: written.rule_id is None or _goes_before(rule, written) for rule, _groups in asked}
    sparing: set[int | None] = {rule.pk for rule, _ in asked if decides[rule.pk] and rule.spares_placed}
    if written.spares_placed:
        sparing |= {None, *(pk for pk in decides if not decides[pk])}
    counts, staying = _counted(written, rows, asked)
    placed = held = overruled = 0
    for taker, is_away, is_by_hand, is_held, count in staying:
        if is_by_hand and taker in sparing:
            placed += count * is_away
        elif is_held:
            held += count * is_away
        else:
            overruled += count * (is_away and (taker is None or not decides[taker]))
            continue
        counts[taker] -= count
    rivals = [Rival(rule, counts[rule.pk], decides[rule.pk]) for rule, _groups in asked if counts[rule.pk]]
    return NotTaken(
        placed=placed,
        held=held,
        before=[one for one in rivals if one.rule.priority < written.priority],
        beside=[one for one in rivals if one.rule.priority == written.priority],
        more=more,
        overruled=overruled,
        spares_placed=written.spares_placed,
    )


def _goes_before(rule: Rule, written: Written) -> bool:
    return rule.priority < written.priority or rule.pk < (written.rule_id or 0)


def _not_in(column: str, territory_id: int) -> Q:
    return Q(**{f"{column}__isnull": True}) | ~Q(**{column: territory_id})


def _asked(written: Written) -> tuple[list[tuple[Rule, Groups]], int]:
    """The rules that go before it or contradict it and could match the same accounts, in the order in which they
    decide; and how many more there are."""
    rules = (
        rules_in_use(written.coverage).filter(priority__lte=written.priority).exclude(pk=written.rule_id or 0)
    )
    found: list[tuple[Rule, Groups]] = []
    size = more = 0
    for rule in rules:
        if rule.priority == written.priority and rule.territory_id == written.territory_id:
            continue
        groups = conditions.read(rule.conditions)
        if may_meet(written.groups, groups):
            size += sum(len(one.values) for group in groups for one in group)
            if len(found) == MOST_RULES or size > MOST_ASKED:
                more += 1
            else:
                found.append((rule, groups))
    return found, more


def _counted(
    written: Written, rows: QuerySet[Account], asked: Sequence[tuple[Rule, Groups]]
) -> tuple[Counter[int | None], list[tuple[int | None, bool, bool, bool, int]]]:
    """How many of the accounts the first of these rules takes that matches, None: none of them. And how many of those
    that a person placed or somebody holds: by who takes them, whether they are elsewhere than the written rule leads,
    whether a person placed them, whether somebody holds them."""
    day, column = today(), COLUMNS[written.coverage]
    placed = AccountTerritory.objects.on(day).filter(coverage=written.coverage, cause__in=BY_HAND)
    if written.coverage == Coverage.FIELD:
        placed = placed.exclude(territory=unassigned())
    by_hand = Q(pk__in=placed.values("account_id"))
    held = Q(Exists(Hold.objects.overlapping(day, None).filter(account_id=OuterRef("pk"))))
    away = Value(True) if written.territory_id is None else _is(_not_in(column, written.territory_id))
    kinds = rows.annotate(taker=_taker(asked), is_away=away)
    # One by one what is looked up of few accounts, at once what is looked up of many.
    with widened("account_territory", "hold"), by_hash(is_whole=capped_count(rows).is_capped):
        takers = kinds.values_list("taker").annotate(count=Count("pk")) if asked else ()
        chosen = kinds.filter(by_hand).annotate(is_by_hand=Value(True), is_held=_is(held))
        others = kinds.filter(held).exclude(by_hand).annotate(is_by_hand=Value(False), is_held=Value(True))
        named = ("taker", "is_away", "is_by_hand", "is_held")
        each = [some.values_list(*named).annotate(count=Count("pk")) for some in (chosen, others)]
        return Counter(dict(takers)), [row for some in each for row in some]


def _is(so: Q) -> Case:
    return Case(When(so, then=True), default=False)


def _taker(asked: Sequence[tuple[Rule, Groups]]) -> Any:
    below = families(*(groups for _rule, groups in asked))
    whens = [When(holding(groups, below), then=Value(rule.pk)) for rule, groups in asked]
    return Case(*whens, default=None, output_field=IntegerField())
