"""Whether two rules can match one account at all, by what they ask alone: most rules of a company can't."""

from collections.abc import Collection
from itertools import product

from accounts.rules.conditions import (
    ACCOUNT,
    POSTCODE,
    POSTCODE_RANGE,
    SIZES,
    TEXTS,
    Condition,
    Group,
    Groups,
)


def may_meet(mine: Groups, theirs: Groups) -> bool:
    """Whether an account could be in both. Example: two countries can't, a country and an industry may."""
    return any(not _apart(one, other) for one, other in product(mine, theirs))


def _apart(mine: Group, theirs: Group) -> bool:
    """Whether no account is in both groups, for what is asked of one thing in each."""
    return any(_exclude(one, other) for one, other in product(mine, theirs))


def _exclude(one: Condition, other: Condition) -> bool:
    kinds = {one.kind, other.kind}
    if len(kinds) == 1 and one.kind in (*TEXTS, ACCOUNT):
        return one.keys.isdisjoint(other.keys)
    if len(kinds) == 1 and one.kind in SIZES:
        return _ends_before(one, other) or _ends_before(other, one)
    if kinds <= {POSTCODE, POSTCODE_RANGE}:
        return not _codes_meet(one, other)
    return False


def _ends_before(one: Condition, other: Condition) -> bool:
    return one.most is not None and other.least is not None and one.most < other.least


def _codes_meet(one: Condition, other: Condition) -> bool:
    if one.kind == other.kind == POSTCODE:
        return _begins(one.keys, other.keys) or _begins(other.keys, one.keys)
    return any(_overlap(mine, theirs) for mine, theirs in product(_spans(one), _spans(other)))


def _begins(short: Collection[str], long: Collection[str]) -> bool:
    """Whether one of these codes begins like one of those."""
    lengths = {len(key) for key in short}
    return any(key[:length] in short for key in long for length in lengths if length <= len(key))


def _spans(one: Condition) -> Collection[tuple[str, str]]:
    return [one.bounds] if one.kind == POSTCODE_RANGE else [(key, key) for key in one.keys]


def _overlap(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether a code lies in both ranges, as far as the shorter one says."""
    length = min(len(one[0]), len(other[0]))
    (least, most), (first, last) = (tuple(end[:length] for end in span) for span in (one, other))
    return least <= last and first <= most
