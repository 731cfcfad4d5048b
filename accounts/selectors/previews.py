"""What a run of the rules from a day on would do, before it is run."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.bulk.ruled import Effect, Moves, Ways, count_before, effect_of
from accounts.models import Account, AccountTerritory, Coverage, Rule, RuleRun
from accounts.rules.deciding import Conflict, Ruling
from accounts.selectors.rules import accounts_in_use, families, holding, misfit, rules_in_use, ruling_of
from common.access import Reach
from common.locale import format_date
from common.selectors import today
from common.transaction import widened
from territories.models import Edge, Territory
from territories.selectors import leave_tree_on, unassigned

SHOWN_LINES, SHOWN_EXAMPLES = 100, 5


@dataclass(frozen=True)
class Line:
    """A territory in a preview: how many accounts it has before and after, and which come and go."""

    territory: Territory | None
    before: int
    came: int
    went: int
    after: int
    came_examples: list[Account]
    went_examples: list[Account]


@dataclass(frozen=True)
class Clash:
    """Two rules that say different territories of the same accounts at one priority; the first one decides."""

    decides: Rule
    other: Rule
    count: int
    examples: list[Account]


@dataclass
class Preview:
    """What a run of the rules from a day on would do; `digest` stands for all of it.

    `faults`: why it can't be run. `changed`: the rules it is narrowed to; None where it looks at all accounts.
    """

    day: date
    effects: list[Effect]
    rules: dict[int, Rule]
    faults: list[str]
    changed: list[Rule] | None = None
    digest: str = ""

    @property
    def accounts(self) -> int:
        """How many accounts were looked at."""
        return max((effect.accounts for effect in self.effects), default=0)

    @property
    def moved(self) -> int:
        return sum(effect.moved for effect in self.effects)

    @property
    def spared(self) -> int:
        """The accounts that stay where a person placed them, though the rules lead elsewhere."""
        return sum(effect.spared for effect in self.effects)

    @property
    def held(self) -> int:
        """The accounts that stay because they are held with somebody, though the rules lead elsewhere."""
        return sum(effect.held for effect in self.effects)

    @property
    def left_alone(self) -> int:
        return self.spared + self.held

    @property
    def writes(self) -> int:
        return sum(len(effect.writes) for effect in self.effects)

    @property
    def ways(self) -> dict[str, Ways]:
        """The accounts that move: by coverage, where from and where to."""
        return {effect.coverage: effect.ways for effect in self.effects}

    @property
    def unassigned(self) -> int:
        """The accounts that no rule takes any more, or that a rule leads to *Unassigned*."""
        field_work = self.effects[0]
        return field_work.change(field_work.nobody)[0]

    @property
    def conflicts(self) -> list[Conflict]:
        found = [one for effect in self.effects for one in effect.decider.conflicts.values()]
        return sorted(found, key=lambda one: (-one.count, one.decides.pk, one.other.pk))

    @property
    def unmatched(self) -> list[Rule]:
        """The rules that match no account; of a narrowed preview that is not known."""
        if self.changed is not None:
            return []
        ids = {pk for effect in self.effects for pk in effect.decider.unmatched}
        return [rule for pk, rule in self.rules.items() if pk in ids]


def preview(day: date, since: RuleRun | None = None) -> Preview:
    """What a run from that day on would do to all accounts; `since`: to those that rules touch which changed since.

    Narrowed, it finds the same as long as nothing but rules changed since that run, and needs a fraction of the time.
    For who may run rules.
    """
    rules = {rule.pk: rule for rule in rules_in_use()}
    rulings = {pk: ruling_of(rule) for pk, rule in rules.items()}
    changed = _changed(rulings, since) if since else None
    with widened("account", "account_territory", "hold"):
        only = _touched(day, changed) if changed is not None else None
        effects = [
            _effect(
                day, coverage, [rulings[pk] for pk, rule in rules.items() if rule.coverage == coverage], only
            )
            for coverage in Coverage.values
            if coverage == Coverage.FIELD or _is_covered(coverage, rules.values())
        ]
    named = None
    if changed is not None:
        named = sorted((rule for pk, rule in _named_rules(changed).items()), key=lambda rule: rule.pk)
    found = Preview(day, effects, rules, faults(rules.values(), day), named)
    found.digest = _digest(found)
    return found


def _is_covered(coverage: str, rules: Iterable[Rule]) -> bool:
    """Whether there are rules of a coverage, or accounts that rules had placed there."""
    placed = AccountTerritory.objects.current().filter(coverage=coverage, cause="rule")
    return any(rule.coverage == coverage for rule in rules) or placed.exists()


def _effect(day: date, coverage: str, rulings: Sequence[Ruling], only: Collection[int] | None) -> Effect:
    nobody = unassigned().pk if coverage == Coverage.FIELD else None
    below = families(*(ruling.groups for ruling in rulings))
    effect = effect_of(coverage, day, rulings, nobody=nobody, below=below, only=only)
    if only is not None:
        count_before(effect)
    return effect


def _digest(found: Preview) -> str:
    edges = Edge.objects.on(found.day).order_by("child_id").values_list("child_id", "parent_id")
    parts = [str(list(edges)), *(effect.digest() for effect in found.effects)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def last_run(day: date) -> RuleRun | None:
    """The last run that was done, where it began on that day or before: what changed since can be told apart."""
    run = RuleRun.objects.filter(state=RuleRun.State.DONE).order_by("-ended_at").first()
    return run if run and run.starts_on <= day and not run.takes_back_id else None


def _changed(rulings: Mapping[int, Ruling], since: RuleRun) -> list[Ruling]:
    """The rules that are not what they were in that run, as they were and as they are."""
    then: dict[int, int] = {int(pk): version for pk, version in since.counts["rules"].items()}
    fresh = [one for pk, one in rulings.items() if then.get(pk) != one.version]
    gone = {
        pk: version for pk, version in then.items() if pk not in rulings or rulings[pk].version != version
    }
    events: Any = Rule._meta.get_field("history").related_model
    rows = events.objects.filter(pgh_obj_id__in=gone).order_by("pgh_id")
    return fresh + [ruling_of(row) for row in rows if gone[row.pgh_obj_id] == row.version]


def _named_rules(changed: Iterable[Ruling]) -> dict[int, Rule]:
    return Rule.objects.in_bulk({one.pk for one in changed})


def _touched(day: date, changed: Sequence[Ruling]) -> set[int]:
    """The accounts that these rules matched, match, or had placed."""
    rows = AccountTerritory.objects.overlapping(day, None).filter(
        cause="rule", cause_id__in={one.pk for one in changed}
    )
    found = set(rows.values_list("account_id", flat=True))
    # Together they are looked up by index; one among them that asks for no place would have all accounts read for each.
    for has_place in (True, False):
        asked = [holding(one.groups) for one in changed if one.asks_for_place == has_place]
        if asked:
            found.update(accounts_in_use().filter(reduce(or_, asked)).order_by().values_list("pk", flat=True))
    return found


def faults(rules: Iterable[Rule], day: date) -> list[str]:
    """Why these rules can't be run from that day on, each with what to do about it."""
    rules = list(rules)
    gone = leave_tree_on({rule.territory_id for rule in rules}, day)
    found = []
    for rule in rules:
        if rule.territory_id in gone:
            found.append(_leads_out(rule, day, gone[rule.territory_id]))
        elif wrong := misfit(rule.coverage, rule.territory):
            found.append(f"{rule.name}: {wrong}")
    return found


def _leads_out(rule: Rule, day: date, gone: date) -> str:
    """That the territory of a rule is not part of the tree on the day of the run, or leaves it later."""
    words = _("%(territory)s, to which %(rule)s leads, is part of the tree until %(day)s only. ")
    if gone == day:
        words = _("%(territory)s, to which %(rule)s leads, is not part of the tree on %(day)s. ")
    names = {"rule": rule.name, "territory": rule.territory.name, "day": format_date(gone)}
    return (words + _("Let the rule lead elsewhere, or take it out of use.")) % names


@dataclass(frozen=True)
class Shown:
    """A preview as a page shows it: the territories of a coverage that change most, conflicts, and some accounts."""

    lines: dict[str, list[Line]]
    more: int
    clashes: list[Clash]
    unassigned: Moves
    unassigned_examples: list[Account]


def shown(found: Preview) -> Shown:
    """The preview with names. Accounts are named as far as they are in reach."""
    lines = {effect.coverage: busiest(effect) for effect in found.effects}
    cut = {coverage: ids[:SHOWN_LINES] for coverage, ids in lines.items()}
    nodes = Territory.objects.in_bulk({pk for ids in cut.values() for pk in ids if pk})
    clashes = found.conflicts[:SHOWN_LINES]
    field_work = found.effects[0]
    to_nobody = field_work.came.get(field_work.nobody, Moves())
    named = [*to_nobody.examples, *(pk for clash in clashes for pk in clash.examples[:SHOWN_EXAMPLES])]
    for effect in found.effects:
        for side in (effect.came, effect.went):
            sides = (side[node] for node in cut[effect.coverage] if node in side)
            named += [pk for moves in sides for pk in moves.examples[:SHOWN_EXAMPLES]]
    accounts = Account.objects.in_bulk(named)

    def some(ids: Sequence[int], most: int = SHOWN_EXAMPLES) -> list[Account]:
        return [accounts[pk] for pk in ids[:most] if pk in accounts]

    def line(effect: Effect, pk: int | None) -> Line:
        came, went = (side.get(pk, Moves()) for side in (effect.came, effect.went))
        sides = some(came.examples), some(went.examples)
        before, after = effect.before[pk], effect.after(pk)
        return Line(nodes.get(pk or 0), before, came.count, went.count, after, *sides)

    return Shown(
        lines={
            effect.coverage: [line(effect, pk) for pk in cut[effect.coverage]] for effect in found.effects
        },
        more=sum(max(len(ids) - SHOWN_LINES, 0) for ids in lines.values()),
        clashes=[
            Clash(found.rules[one.decides.pk], found.rules[one.other.pk], one.count, some(one.examples))
            for one in clashes
        ],
        unassigned=to_nobody,
        unassigned_examples=some(to_nobody.examples, len(to_nobody.examples)),
    )


def busiest(effect: Effect) -> list[int | None]:
    """The territories from and into which accounts go, those first where most do."""

    def rank(pk: int | None) -> tuple[int, int]:
        return -sum(effect.change(pk)), pk or 0

    return sorted(effect.came.keys() | effect.went.keys(), key=rank)


def placed_by(rule: Rule, mine: Reach) -> QuerySet[Account]:
    """The accounts in reach that are where they are today because of a rule."""
    rows = AccountTerritory.objects.on(today()).filter(cause="rule", cause_id=rule.pk)
    return Account.objects.visible_to(mine).filter(pk__in=rows.values("account_id"))
