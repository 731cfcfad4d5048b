"""Which rule decides: the matcher, the database and the plainest way agree on every account."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Account
from accounts.rules import deciding
from accounts.rules.asking import Facts
from accounts.rules.conditions import read
from accounts.rules.deciding import Decider, Ruling, belongs
from accounts.selectors.rules import accounts_in_use, families, holding
from common.access import Reach
from common.transaction import work
from tests.accounts.ruled import between, facts_of, is_in, naive
from tests.cast import Cast


def ruling(pk: int, territory: int, *groups: Any, priority: int = 100, **more: Any) -> Ruling:
    written = [group if isinstance(group, list) else [group] for group in groups]
    return Ruling(pk, 1, priority, territory, read(written), **more)


def facts(pk: int = 1, **known: Any) -> Facts:
    empty: dict[str, Any] = dict.fromkeys(Facts._fields, "")
    return Facts(**{**empty, "employees": None, "annual_revenue": None, "pk": pk, **known})


BAY, WEST, FINANCE = 1, 2, 3
EXAMPLE = [
    ruling(1, BAY, [is_in("country", "US"), is_in("postcode", "94")], priority=10),
    ruling(2, WEST, is_in("country", "US"), priority=20),
    ruling(3, FINANCE, is_in("industry", "Banking"), priority=20),
]


class TestTheWorkedExample:
    """As docs/territories.md tells it."""

    def test_the_lowest_priority_decides(self) -> None:
        decider = Decider(EXAMPLE, {})
        assert decider.decide(facts(country="us", postcode="94105", industry="banking")) == EXAMPLE[0]
        assert decider.conflicts == {}

    def test_of_one_priority_the_older_one_decides_and_the_conflict_is_named(self) -> None:
        decider = Decider(EXAMPLE, {})
        assert decider.decide(facts(7, country="us", postcode="10001", industry="banking")) == EXAMPLE[1]
        conflict = decider.conflicts[2, 3]
        assert (conflict.count, conflict.examples) == (1, [7])

    def test_what_none_matches_none_decides(self) -> None:
        assert Decider(EXAMPLE, {}).decide(facts(country="france", industry="bakery")) is None


def test_a_rule_that_never_matched_is_known_also_where_it_would_not_decide() -> None:
    rulings = [
        ruling(1, BAY, is_in("country", "US"), priority=1),
        ruling(2, WEST, [is_in("country", "US"), is_in("industry", "Banking")], priority=2),
        ruling(3, WEST, [is_in("country", "US"), is_in("industry", "Mining")], priority=3),
        ruling(4, WEST, between("employees", 10), priority=4),
        ruling(5, WEST, is_in("account", 9), priority=5),
        ruling(6, WEST, is_in("account", 99), priority=6),
    ]
    decider = Decider(rulings, {})
    decider.decide(facts(8, country="us", industry="banking"))
    assert decider.unmatched == {3, 4, 5, 6}
    decider.decide(facts(9, country="us", industry="banking", employees=10))
    assert decider.unmatched == {3, 6}


def test_two_that_say_the_same_are_no_conflict_and_only_some_examples_are_kept() -> None:
    rulings = [
        ruling(1, BAY, is_in("tier", "A")),
        ruling(2, BAY, is_in("segment", "B")),
        ruling(3, WEST, is_in("tier", "A")),
    ]
    decider = Decider(rulings, {})
    for pk in range(1, 31):
        assert decider.decide(facts(pk, tier="a", segment="b")) == rulings[0]
    assert {pair: (one.count, len(one.examples)) for pair, one in decider.conflicts.items()} == {
        (1, 3): (30, 20)
    }


def test_two_conditions_of_one_kind_both_have_to_hold() -> None:
    both = [
        ruling(1, BAY, [is_in("postcode", "94", "95"), is_in("postcode", "941", "10")]),
        ruling(2, BAY, [is_in("account", 1, 2), is_in("account", 2, 3), is_in("parent", 7)], priority=2),
        ruling(3, BAY, [is_in("country", "A", "B"), is_in("country", "B", "C")], priority=3),
        ruling(
            4,
            BAY,
            [between("postcode_range", "940", "959"), between("postcode_range", "950", "999")],
            priority=4,
        ),
    ]
    decider = Decider(both, {7: [2, 7]})
    assert decider.decide(facts(postcode="94105")) == both[0]
    assert decider.decide(facts(postcode="95001")) == both[3]
    assert decider.decide(facts(2)) == both[1]
    assert [decider.decide(facts(pk)) for pk in (1, 3, 7)] == [None, None, None]
    assert [decider.decide(facts(country=name)) for name in "abc"] == [None, both[2], None]


def test_many_values_of_several_kinds_are_not_multiplied() -> None:
    countries, tiers = [f"C{n}" for n in range(60)], [f"T{n}" for n in range(60)]
    many = ruling(1, BAY, [is_in("country", *countries), is_in("tier", *tiers)])
    few = ruling(
        2, WEST, [is_in("country", "C1", "C2"), is_in("tier", "T1"), is_in("segment", "S")], priority=1
    )
    decider = Decider([many, few], {})
    assert decider.decide(facts(country="c59", tier="t59")) == many
    assert decider.decide(facts(country="c2", tier="t1", segment="s")) == few
    assert decider.decide(facts(country="c59", tier="t60")) is None
    assert decider.unmatched == set()


def test_more_places_than_are_remembered_are_decided_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deciding, "MOST_KNOWN", 2)
    decider = Decider(EXAMPLE, {})
    for code in ("94105", "94106", "94107", "94105"):
        assert decider.decide(facts(country="us", postcode=code)) == EXAMPLE[0]


def test_so_much_is_remembered_of_all_countries_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deciding, "MOST_KNOWN", 50)
    decider = Decider([ruling(1, BAY, is_in("postcode", "94"))], {})
    for number in range(200):
        assert decider.decide(facts(country=f"c{number % 40}", postcode=f"94{number}")) == decider.rulings[0]
        assert len(decider._codes) + sum(map(len, decider._codes.values())) <= 50


class TestWhereAnAccountThenBelongs:
    """A rule's territory, *Unassigned*, or where it is: (decided, in, because of) → where."""

    NOBODY, HERE, THERE = 1, 2, 3
    SPARES, TAKES = ruling(1, 3, is_in("tier", "A")), ruling(2, 3, is_in("tier", "A"), spares_placed=False)

    @pytest.mark.parametrize(
        ("decided", "at", "cause", "expected"),
        [
            (SPARES, HERE, "import", THERE),
            (SPARES, HERE, "rule", THERE),
            (SPARES, HERE, "manual", HERE),
            (SPARES, HERE, "realignment", HERE),
            (SPARES, NOBODY, "manual", THERE),
            (SPARES, None, "", THERE),
            (TAKES, HERE, "manual", THERE),
            (None, HERE, "rule", NOBODY),
            (None, HERE, "import", HERE),
            (None, HERE, "manual", HERE),
            (None, None, "", None),
        ],
    )
    def test_in_the_field(self, decided: Any, at: Any, cause: str, expected: Any) -> None:
        assert belongs(decided, at, cause, self.NOBODY) == expected

    def test_elsewhere_what_no_rule_takes_is_in_none(self) -> None:
        assert belongs(None, self.HERE, "rule", None) is None
        assert belongs(None, self.HERE, "import", None) == self.HERE


TEXTS = st.sampled_from(
    ["", "US", "u s", "Canada", "CA", "New York", "NEWYORK", "banking", "Banking", "A\\b", "Ä", "ä"]
)
CODES = st.sampled_from(["", "94105", "94105-1234", "9 4 1", "94", "94999", "sw1a 1aa", "SW1", "10001", "95"])
SIZES = st.one_of(st.none(), st.integers(0, 5))
ENDS = st.tuples(st.integers(0, 5), st.integers(0, 5)).map(sorted)
RANGES = st.one_of(
    ENDS.map(tuple), st.integers(0, 5).map(lambda n: (n, None)), st.integers(0, 5).map(lambda n: (None, n))
)
CODE_RANGES = st.sampled_from(
    [("94000", "94999"), ("94", "95"), ("SW1A", "sw1b"), ("00000", "99999"), ("941", "941")]
)
NUMBERS = st.lists(st.integers(0, 11), min_size=1, max_size=4)
CONDITIONS = st.one_of(
    st.builds(
        lambda kind, values: is_in(kind, *values),
        st.sampled_from(["country", "region", "industry", "segment", "tier"]),
        st.lists(TEXTS.filter(bool), min_size=1, max_size=3),
    ),
    st.lists(CODES.filter(bool), min_size=1, max_size=3).map(lambda values: is_in("postcode", *values)),
    CODE_RANGES.map(lambda ends: between("postcode_range", *ends)),
    st.builds(
        lambda kind, ends: between(kind, *ends), st.sampled_from(["employees", "annual_revenue"]), RANGES
    ),
    st.builds(lambda kind, values: is_in(kind, *values), st.sampled_from(["parent", "account"]), NUMBERS),
)
GROUPS = st.lists(st.lists(CONDITIONS, min_size=1, max_size=3), min_size=1, max_size=3)
RULES = st.lists(st.tuples(GROUPS, st.integers(1, 3), st.integers(1, 3)), min_size=1, max_size=8)
ACCOUNTS = st.lists(
    st.fixed_dictionaries(
        {
            **dict.fromkeys(("country", "region", "industry", "segment", "tier"), TEXTS),
            "postcode": CODES,
            "employees": SIZES,
            "annual_revenue_minor": SIZES,
        }
    ),
    min_size=12,
    max_size=12,
)


class TestThreeWaysAgree:
    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(rules=RULES, values=ACCOUNTS, parents=st.lists(st.integers(0, 11), min_size=12, max_size=12))
    def test_on_any_rules_and_accounts(self, cast: Cast, rules: Any, values: Any, parents: Any) -> None:
        with work(by=None, why="a test", reach=Reach.everything()):
            made = self.make(cast, values, parents)
            rulings = [
                Ruling(number, 1, priority, territory, read(named(groups, made)))
                for number, (groups, priority, territory) in enumerate(rules, 1)
            ]
            below = families(*(one.groups for one in rulings))
            decider = Decider(rulings, below)
            by_database = {
                one.pk: set(accounts_in_use().filter(holding(one.groups)).values_list("pk", flat=True))
                for one in rulings
            }
            seen = set()
            for account in accounts_in_use():
                found = naive(facts_of(account), rulings, below)
                assert decider.decide(facts_of(account)) == (found[0] if found else None)
                assert {one.pk for one in found} == {
                    pk for pk, ids in by_database.items() if account.pk in ids
                }
                seen |= {one.pk for one in found}
            assert decider.unmatched == {one.pk for one in rulings} - seen
            from django.db import transaction

            transaction.set_rollback(True)

    @staticmethod
    def make(cast: Cast, values: Any, parents: Any) -> list[Account]:
        place = cast.territories["East 1"]
        made: list[Account] = []
        for number, (facts, parent) in enumerate(zip(values, parents, strict=True)):
            above = made[parent] if parent < number else None
            made.append(
                Account.objects.create(
                    name=f"T{number}", number=f"T-{number}", territory=place, parent=above, **facts
                )
            )
        for account in made:
            account.refresh_from_db()
        return made


def named(groups: Any, made: list[Account]) -> Any:
    """The groups with the ids of accounts in the place of their order."""
    return [
        [
            {**one, "values": [made[place].pk for place in one["values"]]}
            if one["kind"] in ("parent", "account")
            else one
            for one in group
        ]
        for group in groups
    ]
