"""Conditions of a rule: read strictly, each fault named with its place and what would be right."""

from typing import Any

import pytest

from accounts.models import Account
from accounts.rules.conditions import Condition, Faulty, as_json, key_of, postcode_of, read, read_new
from accounts.selectors.rules import holding
from tests.cast import Cast

ACCOUNTS = [*range(1, 10_002)]


def test_they_come_back_as_they_were_written() -> None:
    written = [
        [{"kind": "country", "values": ["US", "Canada"]}, {"kind": "postcode", "values": ["94", "SW1 A"]}],
        [
            {"kind": "postcode_range", "from": "94000", "to": "94999"},
            {"kind": "industry", "values": ["Banking"]},
        ],
        [{"kind": "employees", "from": 50, "to": None}, {"kind": "annual_revenue", "from": None, "to": 100}],
        [{"kind": "parent", "values": [7]}, {"kind": "account", "values": [1, 2]}],
    ]
    assert as_json(read(written)) == written


def test_texts_are_compared_without_case_and_blanks() -> None:
    assert (key_of(" New  York"), key_of("NEWYORK")) == ("newyork", "newyork")
    assert (key_of("Straße"), key_of("İ")) == ("straße", "İ")  # letter by letter, as the database does it
    assert (postcode_of("sw1a-1 aa"), postcode_of("ß1")) == ("SW1A1AA", "ß1")


def test_what_is_named_twice_counts_once() -> None:
    read_back = read([[{"kind": "country", "values": ["US", " u s", "Canada"]}]])
    assert read_back == ((Condition("country", ("US", "Canada")),),)
    assert read([[{"kind": "account", "values": [5, 5]}]]) == ((Condition("account", (5,)),),)


@pytest.mark.parametrize(
    ("written", "place", "said"),
    [
        (None, (0, 0), "There is no condition."),
        ([], (0, 0), "There is no condition."),
        ([[{"kind": "country", "values": ["x"]}]] * 21, (0, 0), "more than 20 groups"),
        ([[{"kind": "tier", "values": ["A"]}], []], (2, 0), "This group is empty. Add a condition"),
        (["country"], (1, 0), "This group is empty."),
        ([[{"kind": "tier", "values": ["A"]}] * 21], (1, 0), "more than 20 conditions"),
        ([[7]], (1, 1), "There is no such condition. Known are: country, region"),
        ([[{"kind": "colour"}]], (1, 1), "There is no such condition."),
        ([[{"kind": "tier", "values": ["A"], "from": 1}]], (1, 1), "from is not part of this condition."),
        (
            [[{"kind": "employees", "values": [1]}]],
            (1, 1),
            "values is not part of this condition. It takes from,",
        ),
        ([[{"kind": "tier", "values": ["A"]}, {"kind": "tier"}]], (1, 2), "Nothing is named."),
        ([[{"kind": "tier", "values": []}]], (1, 1), "Nothing is named."),
        ([[{"kind": "tier", "values": ["A", " "]}]], (1, 1), "One of the values is empty."),
        ([[{"kind": "postcode", "values": [" - "]}]], (1, 1), "One of the values is empty."),
        ([[{"kind": "tier", "values": [3]}]], (1, 1), "One of the values is empty."),
        ([[{"kind": "tier", "values": ["A" * 81]}]], (1, 1), "is longer than 80 characters"),
        (
            [[{"kind": "postcode", "values": [str(n) for n in range(1001)]}]],
            (1, 1),
            "More than 1000 are named.",
        ),
        ([[{"kind": "account", "values": ACCOUNTS}]], (1, 1), "More than 10000 are named."),
        ([[{"kind": "account", "values": ["A-1"]}]], (1, 1), "A-1 is no account."),
        ([[{"kind": "parent", "values": [True]}]], (1, 1), "True is no account."),
        ([[{"kind": "employees", "from": None, "to": None}]], (1, 1), "Neither end is given."),
        ([[{"kind": "employees", "from": -1, "to": None}]], (1, 1), "-1 is no whole number"),
        ([[{"kind": "employees", "from": None, "to": "x"}]], (1, 1), "x is no whole number"),
        ([[{"kind": "employees", "from": 9, "to": 8}]], (1, 1), "The range is reversed: 9 is more than 8."),
        ([[{"kind": "postcode_range", "from": "94", "to": ""}]], (1, 1), "One of the values is empty."),
        ([[{"kind": "postcode_range", "from": "94", "to": "950"}]], (1, 1), "94 and 950 differ in length."),
        (
            [[{"kind": "postcode_range", "from": "95", "to": "94"}]],
            (1, 1),
            "The range is reversed: 95 comes after 94.",
        ),
    ],
)
def test_what_cannot_be_meant_is_named(written: Any, place: tuple[int, int], said: str) -> None:
    with pytest.raises(Faulty) as refused:
        read(written)
    assert (refused.value.group, refused.value.place) == place
    assert said in str(refused.value)


def test_ten_thousand_accounts_are_not_too_many() -> None:
    assert len(read([[{"kind": "account", "values": ACCOUNTS[:10_000]}]])[0][0].keys) == 10_000


def codes(count: int, first: int = 0) -> list[dict[str, Any]]:
    """A group of one condition that names so many postal codes."""
    return [{"kind": "postcode", "values": [f"{number:05}" for number in range(first, first + count)]}]


def test_two_thousand_values_in_all_groups_are_enough() -> None:
    wide = [codes(1_000), codes(1_000, 1_000)]
    assert len(read_new(wide)) == 2
    with pytest.raises(Faulty, match=r"together name more than 2000 values\. Make two rules of it\."):
        read_new([*wide, codes(1)])
    assert len(read([*wide, codes(1)])) == 3  # what stands already is still read
    half = {"kind": "account", "values": ACCOUNTS[:6_000]}
    with pytest.raises(Faulty, match="together name more than 10000 values"):
        read_new([[half], [half]])


def test_many_postal_codes_are_few_comparisons() -> None:
    asked = str(Account.objects.filter(holding(read([codes(1_000), codes(1_000, 50_000)]))).query)
    assert asked.count('"postcode_key"') - asked.split(" FROM ")[0].count('"postcode_key"') == 6


@pytest.mark.parametrize(
    ("values", "names"),
    [
        (["021"], ["Acorn"]),
        (["021", "03"], ["Acorn", "Beech"]),
        (["02139-5", "0210"], ["Acorn"]),
        (["0213950", "031", "9"], []),
        (["SW1", "sw1a 1", "0"], ["Acorn", "Beech", "Cedar"]),
    ],
)
def test_beginnings_of_all_lengths_are_found(
    cast: Cast, acting: Any, values: list[str], names: list[str]
) -> None:
    with acting(cast.admin):
        for name, code in (("Acorn", "02139-5"), ("Beech", "03"), ("Cedar", "SW1A 1AA")):
            Account.objects.filter(pk=cast.accounts[name].pk).update(postcode=code)
        groups = read([[{"kind": "postcode", "values": values}]])
        found = Account.objects.filter(holding(groups)).order_by("name")
        assert list(found.values_list("name", flat=True)) == names
