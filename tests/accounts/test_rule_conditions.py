"""Conditions of a rule: read strictly, each fault named with its place and what would be right."""

from typing import Any

import pytest

from accounts.rules.conditions import Condition, Faulty, as_json, key_of, postcode_of, read

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
