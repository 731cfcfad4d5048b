"""Conditions as questions about an account."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

from accounts.rules.conditions import ACCOUNT, PARENT, POSTCODE, POSTCODE_RANGE, Condition


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


Known = Sequence[Any]
"""What is known of an account, in the order of `Facts`: a million named tuples would cost more than deciding."""
PK, COUNTRY, CODE = 0, 1, 3
UNKNOWN = (None, "")
"""How a number stands that is not known; one that is may stand as a text."""


Families = Mapping[int, Collection[int]]
"""For each account that is named as a parent: itself and all below it."""
Test = Callable[[Known], bool]
Index = tuple[str, ...]
"""The facts of an account by which groups are found."""


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
    return lambda facts: facts[at] not in UNKNOWN and low <= int(facts[at]) <= high


def all_of(asked: Sequence[Condition], families: Families) -> Test | None:
    """One question for several; None where nothing is asked."""
    tests = [holds(one, families) for one in asked]
    if len(tests) < 2:
        return tests[0] if tests else None
    first, second, *more = tests
    if not more:
        return lambda facts: first(facts) and second(facts)
    return lambda facts: all(test(facts) for test in tests)
