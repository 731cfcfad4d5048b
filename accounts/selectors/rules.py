"""Rules: which accounts they match, and where they may lead."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import Any

from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Left, Length
from django.db.models.lookups import GreaterThanOrEqual
from django.utils.translation import gettext as _

from accounts import bulk
from accounts.models import Account, Coverage, Rule
from accounts.rules import conditions
from accounts.rules.conditions import Condition, Groups
from accounts.rules.deciding import Ruling
from common.access import AnyOf, Reach
from common.selectors import Count, capped_count
from common.transaction import widened
from territories.models import Territory

LAST = "\U0010ffff"
SHOWN = 10
ORDER = ("coverage", "priority", "id")


def accounts_in_use() -> QuerySet[Account]:
    """The accounts that rules look at: without those that were merged into another one."""
    return Account.objects.filter(merged_into=None)


def matching(groups: Groups, mine: Reach) -> QuerySet[Account]:
    """The accounts in reach of which the conditions hold."""
    rows: QuerySet[Account] = accounts_in_use().filter(mine.q(Account)).filter(holding(groups))
    return rows


def holding(groups: Groups, below: Mapping[int, Collection[int]] | None = None) -> Q:
    """The conditions as a question to the database: the same accounts that `accounts.rules.deciding` finds.

    `below`: the families of the parents that they name, where these are known already.
    """
    below = families(groups) if below is None else below
    return reduce(or_, (reduce(and_, (_holding(one, below) for one in group)) for group in groups))


def families(*all_groups: Groups) -> dict[int, frozenset[int]]:
    """For each account that these conditions name as a parent: itself and all below it, in reach or not."""
    named = {
        pk
        for groups in all_groups
        for group in groups
        for one in group
        if one.kind == conditions.PARENT
        for pk in one.keys
    }
    if not named:
        return {}
    with widened("account"):
        return bulk.families(named)


def _holding(condition: Condition, below: Mapping[int, Collection[int]]) -> Q:
    kind, keys = condition.kind, condition.keys
    if kind == conditions.POSTCODE:
        return _beginning(keys)
    if kind == conditions.POSTCODE_RANGE:
        least, most = condition.bounds
        is_long = Q(GreaterThanOrEqual(Length("postcode_key"), len(least)))
        return Q(postcode_key__gte=least, postcode_key__lt=most + LAST) & is_long
    if kind == conditions.ACCOUNT:
        return Q(AnyOf(F("pk"), Value(sorted(keys))))
    if kind == conditions.PARENT:
        return Q(AnyOf(F("pk"), Value(sorted(frozenset[int]().union(*(below.get(pk, ()) for pk in keys))))))
    if kind in conditions.TEXTS:
        return Q(**{f"{kind}_key__in": sorted(keys)})
    column = "employees" if kind == "employees" else "annual_revenue_minor"
    ends = {"gte": condition.least, "lte": condition.most}
    return Q(**{f"{column}__{name}": end for name, end in ends.items() if end is not None})


def _beginning(keys: Collection[str]) -> Q:
    """Postal codes that begin with one of these; as many comparisons as there are lengths, however many they are.

    The range around all of them finds the index.
    """
    around = Q(postcode_key__gte=min(keys), postcode_key__lt=max(key + LAST for key in keys))
    if len(keys) == 1:
        return around
    by_length: dict[int, list[str]] = defaultdict(list)
    for key in sorted(keys):
        by_length[len(key)].append(key)
    begin = (Q(AnyOf(Left("postcode_key", length), Value(some))) for length, some in by_length.items())
    return around & reduce(or_, begin)


@dataclass(frozen=True)
class Matched:
    """How many accounts in reach conditions match, some of them, and values that no account has."""

    count: Count
    examples: list[Account]
    unknown: list[str]


def matched(groups: Groups, mine: Reach) -> Matched:
    rows = matching(groups, mine)
    examples = list(rows.select_related("territory").order_by("name_key", "id")[:SHOWN])
    return Matched(capped_count(rows), examples, unknown_values(groups))


def unknown_values(groups: Groups) -> list[str]:
    """Places, classes and beginnings of postal codes that no account has: perhaps a slip."""
    asked = [
        (value, one.kind, key)
        for group in groups
        for one in group
        if one.kind in (*conditions.TEXTS, conditions.POSTCODE)
        for value in one.values
        for key in Condition(one.kind, (value,)).keys
    ]
    keys: dict[str, set[str]] = defaultdict(set)
    for _value, kind, key in asked:
        keys[kind].add(key)
    with widened("account"):
        nobody = {kind: bulk.of_nobody(kind, some) for kind, some in keys.items()}
    return [value for value, kind, key in asked if key in nobody[kind]]


def matches_all(groups: Groups) -> int:
    """How many accounts there are, where the conditions match every one of several; else 0."""
    with widened("account"):
        if accounts_in_use().exclude(holding(groups)).exists():
            return 0
        count = accounts_in_use().count()
    return count if count > 1 else 0


def rules_in_use(coverage: str = "") -> QuerySet[Rule]:
    rows = Rule.objects.filter(is_active=True).select_related("territory").order_by(*ORDER)
    return rows.filter(coverage=coverage) if coverage else rows


def ruling_of(rule: Any) -> Ruling:
    """A rule, or what history keeps of it, as it decides."""
    return Ruling(
        pk=getattr(rule, "pgh_obj_id", rule.pk),
        version=rule.version,
        priority=rule.priority,
        territory_id=rule.territory_id,
        groups=conditions.read(rule.conditions),
        spares_placed=rule.spares_placed,
    )


def misfit(coverage: str, territory: Territory) -> str:
    """Why accounts of that coverage can't be in that territory; empty where they can."""
    is_overlay = territory.kind == Territory.Kind.OVERLAY
    if coverage == Coverage.FIELD and is_overlay:
        words = _("%(name)s is an overlay, which takes accounts of specialists and partners only. ")
        return (words + _("Choose another territory, or another coverage.")) % {"name": territory.name}
    if coverage != Coverage.FIELD and not is_overlay:
        words = _("%(name)s is no overlay, and specialists and partners have their accounts in overlays. ")
        return (words + _("Choose an overlay, or field coverage.")) % {"name": territory.name}
    return ""


def account_ids(numbers: Collection[str]) -> dict[str, int]:
    """The accounts in reach of these numbers."""
    return dict(accounts_in_use().filter(number__in=numbers).values_list("number", "pk"))


def account_numbers(ids: Collection[int]) -> dict[int, str]:
    """The numbers of these accounts in reach."""
    return dict(Account.objects.filter(pk__in=ids).values_list("pk", "number"))
