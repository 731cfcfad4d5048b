"""What an own field keeps of a value, and the key that is made of a label: pure."""

from typing import Any

import pytest

from common.said import Said
from workspace.rules import own_key, own_value

CHOICES = [
    {"id": 1, "label": "Low", "is_offered": True},
    {"id": 2, "label": "Old", "is_offered": False},
    {"id": 3, "label": "High", "is_offered": True},
]


@pytest.mark.parametrize(
    ("kind", "given", "kept"),
    [
        ("text", "  Oak ", "Oak"),
        ("text", "   ", None),
        ("number", "0012.50", "12.5"),
        ("number", "-0.0", "0"),
        ("number", "-7", "-7"),
        ("number", "999999999999999.999999", "999999999999999.999999"),
        ("amount", "99.9", {"amount": "99.90", "currency": "EUR"}),
        ("amount", {"amount": "-5", "currency": "EUR"}, {"amount": "-5.00", "currency": "EUR"}),
        ("day", "2028-02-29", "2028-02-29"),
        ("list", "high", 3),
        ("list", 1, 1),
        ("flag", False, False),
        ("flag", None, None),
    ],
)
def test_a_value_is_kept_in_one_form(kind: str, given: Any, kept: Any) -> None:
    assert own_value(kind, given, choices=CHOICES, currency="EUR") == kept


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("number", "1e3"),
        ("number", "1234567890123456"),
        ("number", "0.1234567"),
        ("number", "\u0661"),
        ("amount", "9.999"),
        ("amount", 5),
        ("amount", {"amount": "5", "currency": "USD"}),
        ("day", "2026-02-30"),
        ("day", "1066-10-14"),
        ("list", "Old"),
        ("list", 2),
        ("list", True),
        ("flag", 1),
        ("text", 5),
    ],
)
def test_what_is_none_of_its_kind_says_so(kind: str, given: Any) -> None:
    with pytest.raises(Said):
        own_value(kind, given, choices=CHOICES, currency="EUR")


@pytest.mark.parametrize(
    ("label", "taken", "key"),
    [
        ("Renewal risk (%)", (), "renewal_risk"),
        ("Größe", (), "groe"),
        ("2nd choice", (), "nd_choice"),
        ("€", (), "field"),
        ("Risk", ("risk", "risk_2"), "risk_3"),
    ],
)
def test_a_key_is_made_of_its_label(label: str, taken: tuple[str, ...], key: str) -> None:
    assert own_key(label, taken) == key
