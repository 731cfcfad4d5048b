"""Whether two rules can match one account: never denied where one does, and denied where what they ask excludes."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.rules.asking import Facts
from accounts.rules.conditions import key_of, postcode_of, read
from accounts.rules.deciding import Ruling
from accounts.rules.meeting import may_meet
from tests.accounts.ruled import between, is_in, naive
from tests.accounts.test_rule_deciding import CODES, CONDITIONS, SIZES, TEXTS


def numbered(condition: dict[str, Any]) -> dict[str, Any]:
    """Accounts are numbered from 1 on."""
    if condition["kind"] not in ("parent", "account"):
        return condition
    return {**condition, "values": [number + 1 for number in condition["values"]]}


GROUPS = st.lists(st.lists(CONDITIONS.map(numbered), min_size=1, max_size=3), min_size=1, max_size=2)
KEYS = TEXTS.map(key_of)
FACTS = st.builds(
    Facts, st.integers(1, 12), KEYS, KEYS, CODES.map(postcode_of), KEYS, KEYS, KEYS, SIZES, SIZES
)
BELOW = {pk: frozenset(range(pk, 13)) for pk in range(1, 13)}


@given(GROUPS, GROUPS, FACTS)
def test_what_matches_one_account_may_meet(mine: Any, theirs: Any, facts: Facts) -> None:
    both = [Ruling(pk, 1, 1, pk, read(groups)) for pk, groups in enumerate((mine, theirs))]
    if len(naive(facts, both, BELOW)) == 2:
        assert may_meet(both[0].groups, both[1].groups)
        assert may_meet(both[1].groups, both[0].groups)


@pytest.mark.parametrize(
    ("mine", "theirs", "meet"),
    [
        (is_in("country", "US"), is_in("country", "Canada", "u s"), True),
        (is_in("country", "US"), is_in("country", "Canada"), False),
        (is_in("country", "US"), is_in("industry", "Canada"), True),
        (is_in("postcode", "94"), is_in("postcode", "941", "10"), True),
        (is_in("postcode", "942"), is_in("postcode", "941", "10"), False),
        (is_in("postcode", "9"), between("postcode_range", "94000", "94999"), True),
        (is_in("postcode", "95"), between("postcode_range", "94000", "94999"), False),
        (between("postcode_range", "94", "95"), between("postcode_range", "95900", "96000"), True),
        (between("postcode_range", "94", "95"), between("postcode_range", "96000", "96100"), False),
        (between("employees", 10, 20), between("employees", 20), True),
        (between("employees", 10, 20), between("employees", 21), False),
        (between("employees", 10, 20), between("annual_revenue", 21), True),
        (is_in("account", 1, 2), is_in("account", 3), False),
        (is_in("parent", 1), is_in("parent", 3), True),
    ],
)
def test_what_they_ask_of_one_thing_decides(mine: Any, theirs: Any, meet: bool) -> None:
    assert may_meet(read([[mine]]), read([[theirs]])) is meet
    assert may_meet(read([[theirs]]), read([[mine]])) is meet


def test_one_group_of_several_is_enough() -> None:
    us, canada = is_in("country", "US"), is_in("country", "Canada")
    small, big = between("employees", None, 9), between("employees", 10)
    assert may_meet(read([[us, small], [canada]]), read([[us, big], [canada, big]]))
    assert not may_meet(read([[us, small], [canada, small]]), read([[us, big], [canada, big]]))
