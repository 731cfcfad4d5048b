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

from accounts.rules.asking import CODE, COUNTRY, PK, Facts, Families, Index, Known, Test, all_of
from accounts.rules.conditions import ACCOUNT, PARENT, POSTCODE, POSTCODE_RANGE, Condition, Groups

EXAMPLES = 20


PLACE = (POSTCODE, POSTCODE_RANGE, "region", "country")


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


class Asked(NamedTuple):
    """One group of a rule, found by one thing that it asks: what else has to be so, None where that is all."""

    priority: int
    number: int
    ruling: Ruling
    test: Test | None


class Placed(NamedTuple):
    """One group of a rule, found by how a postal code begins: what else it asks of country, code, and account."""

    country: Test | None
    code: Test | None
    asked: Asked


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


NEVER = 1 << 62
"""After every priority."""
MOST_KNOWN = 400_000
"""So much is remembered of countries and postal codes in all: then all of it is forgotten, and found anew."""


class _Led:
    """The groups that one value leads to, in the order in which they decide, and those of rules not matched so far.

    `sure`: what decides there of every account, None where that is still to be asked. `first`: at which priority.
    """

    __slots__ = ("asked", "first", "sure", "unseen")

    def __init__(self, asked: Iterable[Asked]) -> None:
        every = sorted(asked, key=itemgetter(0, 1))
        # Behind a group that asks nothing else come only those of its own priority.
        last = next((one.priority for one in every if one.test is None), NEVER)
        self.asked = [one for one in every if one.priority <= last]
        self.first = self.asked[0].priority if self.asked else NEVER
        is_sure = all(one.test is None for one in self.asked)
        self.sure = list({one.number: one.ruling for one in self.asked}.values()) if is_sure else None
        self.unseen = every

    def matching(self, facts: Known, most: int) -> tuple[int, list[Ruling]]:
        """The rulings of the lowest priority up to `most` that match, and that priority; else `most`."""
        found = []
        for priority, _number, ruling, test in self.asked:
            if priority > most:
                break
            if test is None or test(facts):
                most = priority
                found.append(ruling)
        return most, found


NOTHING = _Led(())
"""What a value leads to of which no rule asks."""


class _Codes(dict[str, _Led]):
    """What the postal codes of one country lead to, found when a code is first met: many accounts have the same."""

    def __init__(self, placed: Mapping[str, Sequence[Placed]]) -> None:
        super().__init__()
        self.placed = placed
        self.lengths = sorted({len(key) for key in placed})
        self.leds: dict[tuple[int, ...], _Led] = {}
        """Many codes lead to the same few groups."""

    def find(self, facts: Known) -> _Led:
        code: str = facts[CODE]
        asked = [
            one.asked
            for length in self.lengths[: bisect_right(self.lengths, len(code))]
            for one in self.placed.get(code[:length], ())
            if one.code is None or one.code(facts)
        ]
        same = tuple(map(id, asked))
        if same not in self.leds:
            self.leds[same] = _Led(asked)
        self[code] = led = self.leds[same]
        return led


class _NoCodes(_Codes):
    """A country of whose postal codes no rule asks anything."""

    def get(self, _code: str, _default: object = None) -> _Led:
        return NOTHING


class _Way(NamedTuple):
    """What is found by some facts of an account, and the lowest priority there.

    While `has_unseen`, rules are found there that matched no account so far: they are looked for even where they can't
    decide.
    """

    names: Index
    key_of: Callable[[Known], Any]
    led_by: Callable[[Any], _Led | None]
    first: int
    numbers: frozenset[int]
    has_unseen: bool = True


class Decider:
    """Decides about accounts, one by one. `conflicts` are those it met; `unmatched` the rules that matched none so far.

    A conflict counts where it decides: two rules that come after the one that decides take nothing from each other.
    """

    def __init__(self, rulings: Iterable[Ruling], families: Families) -> None:
        self.rulings = sorted(rulings, key=lambda one: one.rank)
        self.unmatched = {ruling.pk for ruling in self.rulings}
        self.conflicts: dict[tuple[int, int], Conflict] = {}
        self._placed: dict[str, list[Placed]] = defaultdict(list)
        found: dict[Index, dict[Any, list[Asked]]] = defaultdict(lambda: defaultdict(list))
        for ruling in self.rulings:
            for group in ruling.groups:
                _file(ruling, group, families, self._placed, found)
        self._codes: dict[str, _Codes] = {}
        self._known = 0
        self._ways = sorted(
            (_way(names, by_key) for names, by_key in found.items()), key=lambda way: way.first
        )

    def decide(self, facts: Known) -> Ruling | None:
        """The ruling that decides about the account; None where none matches."""
        codes = self._codes.get(facts[COUNTRY])
        if codes is None:
            codes = self._codes_of(facts)
        led = codes.get(facts[CODE]) or self._find(codes, facts)
        if led.unseen:
            self._see(facts, led)
        least, found = led.first, led.sure
        if found is None:
            least, found = led.matching(facts, NEVER)
        for _names, key_of, led_by, first, _numbers, has_unseen in self._ways:
            if first > least and not has_unseen:
                continue
            other = led_by(key_of(facts))
            if other is None:
                continue
            if other.unseen:
                self._see(facts, other)
            if other.first <= least:
                priority, more = other.matching(facts, least)
                found = [*found, *more] if priority == least else more
                least = priority
        if len(found) > 1:
            return self._oldest(facts, found)
        return found[0] if found else None

    def _codes_of(self, facts: Known) -> _Codes:
        """What the postal codes of the account's country lead to."""
        placed = {
            key: its
            for key, every in self._placed.items()
            if (its := [one for one in every if one.country is None or one.country(facts)])
        }
        self._remember(1 + len(placed))
        self._codes[facts[COUNTRY]] = codes = _Codes(placed) if placed else _NoCodes(placed)
        return codes

    def _find(self, codes: _Codes, facts: Known) -> _Led:
        """What a postal code leads to that is met for the first time."""
        self._remember(1)
        return codes.find(facts)

    def _remember(self, more: int) -> None:
        self._known += more
        if self._known > MOST_KNOWN:
            self._known = more
            self._codes.clear()

    def _see(self, facts: Known, led: _Led) -> None:
        """Note which rules match, also those that do not decide."""
        left, known = [], len(self.unmatched)
        for asked in led.unseen:
            if asked.number in self.unmatched:
                if asked.test is None or asked.test(facts):
                    self.unmatched.discard(asked.number)
                else:
                    left.append(asked)
        led.unseen = left
        if len(self.unmatched) < known:
            unmatched = self.unmatched
            self._ways = [
                way._replace(has_unseen=not unmatched.isdisjoint(way.numbers)) for way in self._ways
            ]

    def _oldest(self, facts: Known, found: Sequence[Ruling]) -> Ruling:
        """The oldest of several of one priority; where another one says another territory, that is a conflict."""
        best = min(found, key=lambda one: one.rank)
        others = {one.pk: one for one in found if one.territory_id != best.territory_id}
        for other in others.values():
            pair = best.pk, other.pk
            self.conflicts.setdefault(pair, Conflict(best, other)).note(facts[PK])
        return best


def _way(names: Index, by_key: Mapping[Any, Sequence[Asked]]) -> _Way:
    led_by = {key: _Led(asked) for key, asked in by_key.items()}
    every = [one for asked in by_key.values() for one in asked]
    first = min(one.priority for one in every)
    numbers = frozenset(one.number for one in every)
    return _Way(names, itemgetter(*map(Facts._fields.index, names)), led_by.get, first, numbers)


def _file(
    ruling: Ruling,
    group: Sequence[Condition],
    families: Families,
    codes: dict[str, list[Placed]],
    found: dict[Index, dict[Any, list[Asked]]],
) -> None:
    """Put a group where it is found by what is rarest in it; what that alone makes sure is not asked again."""
    by_kind = {condition.kind: condition for condition in group}
    index, keys, sure = _place(by_kind, families)
    left = [one for one in group if not any(one is by_kind[kind] for kind in sure)]
    if index != (POSTCODE,):
        asked = Asked(*ruling.rank, ruling, all_of(left, families))
        for key in keys:
            found[index][key].append(asked)
        return
    country, code, others = (
        all_of([one for one in left if (one.kind if one.kind in OF_PLACE else "") in kinds], families)
        for kinds in (OF_PLACE[:1], OF_PLACE[1:], ("",))
    )
    placed = Placed(country, code, Asked(*ruling.rank, ruling, others))
    for key in keys:
        codes[key].append(placed)


OF_PLACE = ("country", POSTCODE, POSTCODE_RANGE)
"""What is asked of a country and a postal code alone."""
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
