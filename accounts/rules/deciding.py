"""Which rule decides about an account: of those that match the one with the lowest priority, then the oldest.

Two thousand rules are not asked of a million accounts: each group of conditions is found by the rarest thing that it
asks, such as how a postal code begins, and only what is left to ask is asked of the account.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product, takewhile
from math import prod
from operator import itemgetter
from typing import Any, NamedTuple

from accounts.rules.conditions import ACCOUNT, PARENT, POSTCODE, POSTCODE_RANGE, SIZES, Condition, Groups

EXAMPLES = 20


class Facts(NamedTuple):
    """What is known of an account, texts as `key_of` and `postcode_of` write them."""

    pk: int
    country: str
    region: str
    postcode: str
    industry: str
    segment: str
    tier: str
    employees: int | None
    annual_revenue: int | None


PLACE = (POSTCODE, POSTCODE_RANGE, "region", "country")
Known = Sequence[Any]
"""What is known of an account, in the order of `Facts`: a million named tuples would cost more than deciding."""
PK, CODE = 0, 3


@dataclass(frozen=True)
class Ruling:
    """A rule as it stood when: what it asks, and what it says."""

    pk: int
    version: int
    priority: int
    territory_id: int
    groups: Groups
    spares_placed: bool = True

    @property
    def rank(self) -> tuple[int, int]:
        return self.priority, self.pk

    @property
    def asks_for_place(self) -> bool:
        """Whether each of its groups asks for a postal code, a region or a country."""
        return all(any(one.kind in PLACE for one in group) for group in self.groups)


Families = Mapping[int, Collection[int]]
"""For each account that is named as a parent: itself and all below it."""
Test = Callable[[Known], bool]


def holds(condition: Condition, families: Families) -> Test:
    """The condition as a question about an account. What is not known of an account lies in no range."""
    kind, keys = condition.kind, condition.keys
    if kind == POSTCODE:
        prefixes = tuple(keys)
        return lambda facts: facts[CODE].startswith(prefixes)
    if kind == POSTCODE_RANGE:
        return _in_codes(*condition.bounds)
    if kind == ACCOUNT:
        return lambda facts: facts[PK] in keys
    if kind == PARENT:
        members = frozenset[int]().union(*(families.get(pk, ()) for pk in keys))
        return lambda facts: facts[PK] in members
    at = Facts._fields.index(kind)
    return _between(at, condition.least, condition.most) if not keys else lambda facts: facts[at] in keys


def _in_codes(least: str, most: str) -> Test:
    size = len(least)
    return lambda facts: len(facts[CODE]) >= size and least <= facts[CODE][:size] <= most


def _between(at: int, least: int | None, most: int | None) -> Test:
    low, high = least or 0, most if most is not None else float("inf")
    return lambda facts: facts[at] is not None and low <= facts[at] <= high


class Asked(NamedTuple):
    """One group of a rule, found by one thing that it asks: what else has to be so, None where that is all."""

    priority: int
    number: int
    ruling: Ruling
    test: Test | None


@dataclass
class Conflict:
    """Two rules of one priority say different territories of the same accounts; the older one decides."""

    decides: Ruling
    other: Ruling
    count: int = 0
    examples: list[int] = field(default_factory=list)

    def note(self, pk: int) -> None:
        self.count += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(pk)


class _Led:
    """The groups that one value leads to, in the order in which they decide, and those of rules not matched so far."""

    __slots__ = ("asked", "first", "unseen")

    def __init__(self, asked: Iterable[Asked]) -> None:
        self.asked = sorted(asked, key=lambda one: one[:2])
        self.first = self.asked[0].priority if self.asked else 0
        self.unseen = list(self.asked)


NEVER = 1 << 62
"""After every priority."""
MOST_KNOWN = 200_000
"""So many postal codes are remembered at a time."""


class Decider:
    """Decides about accounts, one by one. `conflicts` are those it met; `unmatched` the rules that matched none so far.

    A conflict counts where it decides: two rules that come after the one that decides take nothing from each other.
    """

    def __init__(self, rulings: Iterable[Ruling], families: Families) -> None:
        self.rulings = sorted(rulings, key=lambda one: one.rank)
        self.unmatched = {ruling.pk for ruling in self.rulings}
        self.conflicts: dict[tuple[int, int], Conflict] = {}
        groups = [group for ruling in self.rulings for group in ruling.groups]
        self.asks_for_size = any(one.kind in SIZES for group in groups for one in group)
        found: dict[Index, dict[Any, list[Asked]]] = defaultdict(lambda: defaultdict(list))
        for ruling in self.rulings:
            for group in ruling.groups:
                _file(ruling, group, families, found)
        self._codes = dict(found.pop((POSTCODE,), {}))
        self._lengths = sorted({len(key) for key in self._codes})
        self._by_code: dict[str, _Led] = {}
        self._indexes = [
            (
                itemgetter(*map(Facts._fields.index, names)),
                {key: _Led(asked) for key, asked in by_key.items()}.get,
            )
            for names, by_key in found.items()
        ]

    def decide(self, facts: Known) -> Ruling | None:
        """The ruling that decides about the account; None where none matches."""
        best: Ruling | None = None
        others: list[Ruling] = []
        least = NEVER
        for led in self._leading(facts):
            if led.unseen:
                self._see(facts, led)
            if led.first > least:
                continue
            for priority, _number, ruling, test in led.asked:
                if priority > least:
                    break
                if test is None or test(facts):
                    if priority < least:
                        best, least, others = ruling, priority, []
                    elif ruling is not best:
                        others.append(ruling)
        return self._oldest(facts, [best, *others]) if best and others else best

    def _leading(self, facts: Known) -> list[_Led]:
        """What is found by the account's postal code, and by its other facts."""
        leading = [self._by_code.get(facts[CODE]) or self._look_up(facts[CODE])]
        for key_of, led_by in self._indexes:
            if (led := led_by(key_of(facts))) is not None:
                leading.append(led)
        return leading

    def _look_up(self, code: str) -> _Led:
        """What is asked of codes that begin as this one; remembered, because a code is that of many accounts."""
        if len(self._by_code) >= MOST_KNOWN:
            self._by_code.clear()
        lengths = self._lengths[: bisect_right(self._lengths, len(code))]
        asked = (one for length in lengths for one in self._codes.get(code[:length], ()))
        self._by_code[code] = led = _Led(asked)
        return led

    def _see(self, facts: Known, led: _Led) -> None:
        """Note which rules match, also those that do not decide."""
        left = []
        for asked in led.unseen:
            if asked.number in self.unmatched:
                if asked.test is None or asked.test(facts):
                    self.unmatched.discard(asked.number)
                else:
                    left.append(asked)
        led.unseen = left

    def _oldest(self, facts: Known, found: Sequence[Ruling]) -> Ruling:
        """The oldest of several of one priority; where another one says another territory, that is a conflict."""
        best = min(found, key=lambda one: one.rank)
        others = {one.pk: one for one in found if one.territory_id != best.territory_id}
        for other in others.values():
            pair = best.pk, other.pk
            self.conflicts.setdefault(pair, Conflict(best, other)).note(facts[PK])
        return best


Index = tuple[str, ...]
"""The facts of an account by which groups are found."""


def _file(
    ruling: Ruling, group: Sequence[Condition], families: Families, found: dict[Index, dict[Any, list[Asked]]]
) -> None:
    """Put a group where it is found by what is rarest in it; what that alone makes sure is not asked again."""
    by_kind = {condition.kind: condition for condition in group}
    index, keys, sure = _place(by_kind, families)
    tests = [holds(one, families) for one in group if not any(one is by_kind[kind] for kind in sure)]
    asked = Asked(*ruling.rank, ruling, _all_of(tests))
    for key in keys:
        found[index][key].append(asked)


EXACT = ("region", "country", "industry", "segment", "tier")
MOST_KEYS = 2_000
"""Under so many combinations of values a group is filed."""


def _place(
    by_kind: Mapping[str, Condition], families: Families
) -> tuple[Index, Collection[Any], Collection[str]]:
    """By which facts and which values of theirs a group is found, and which of its conditions these make sure."""
    if ACCOUNT in by_kind:
        return ("pk",), by_kind[ACCOUNT].keys, (ACCOUNT,)
    if POSTCODE in by_kind:
        return (POSTCODE,), by_kind[POSTCODE].keys, (POSTCODE,)
    if POSTCODE_RANGE in by_kind:
        return (POSTCODE,), [_shared(*by_kind[POSTCODE_RANGE].bounds)], ()
    if PARENT in by_kind:
        members = (families.get(pk, ()) for pk in by_kind[PARENT].keys)
        return ("pk",), frozenset[int]().union(*members), (PARENT,)
    names = tuple(name for name in EXACT if name in by_kind)
    if prod(len(by_kind[name].keys) for name in names) > MOST_KEYS:
        names = names[:1]
    if len(names) == 1:
        return names, by_kind[names[0]].keys, names
    if names:
        return names, list(product(*(by_kind[name].keys for name in names))), names
    return (POSTCODE,), [""], ()  # it asks for a size alone: every code begins like this


def _all_of(tests: Sequence[Test]) -> Test | None:
    """One question for several."""
    if len(tests) < 2:
        return tests[0] if tests else None
    first, second, *more = tests
    if not more:
        return lambda facts: first(facts) and second(facts)
    return lambda facts: all(test(facts) for test in tests)


def _shared(least: str, most: str) -> str:
    """How all codes between two begin. Example: 94000 and 94999 → "94"."""
    same = takewhile(lambda pair: pair[0] == pair[1], zip(least, most, strict=True))
    return "".join(sign for sign, _other in same)


BY_HAND = ("manual", "realignment")
"""Causes of what a person placed."""
RULE = "rule"


def belongs(ruling: Ruling | None, territory_id: int | None, cause: str, nobody: int | None) -> int | None:
    """Where an account belongs that is in a territory by a cause, None in none, once that ruling decided about it.

    What a rule had placed and none takes goes to `nobody`: *Unassigned* in the field, none elsewhere. What a person
    placed a sparing rule leaves alone; *Unassigned* is no place that anybody chose.
    """
    if ruling is None:
        return nobody if cause == RULE else territory_id
    is_chosen = cause in BY_HAND and territory_id not in (None, nobody)
    return territory_id if ruling.spares_placed and is_chosen else ruling.territory_id
