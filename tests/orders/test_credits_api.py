"""Credits and disputes over the API."""

from typing import Any

import pytest

from orders.models import Credit, Order
from tests.calls import Api, faults
from tests.cast import Cast
from tests.orders.test_book import ledger
from tests.orders.test_disputes import order

__all__ = ["order"]


@pytest.fixture
def credit(cast: Cast, order: Order) -> Credit:
    return next(row for row in ledger() if row.person_id == cast.rep.pk)


@pytest.fixture
def wish(credit: Credit) -> dict[str, Any]:
    return {"credit_id": credit.pk, "cause": "share", "text": "It was 80 %."}


def test_a_credit_says_why(cast: Cast, credit: Credit, order: Order) -> None:
    (row,) = Api(cast.rep).get("credits/?period=2026-Q2").json()["results"]
    assert (row["id"], row["order_id"], row["line"], row["percent"]) == (credit.pk, order.pk, 1, "60")
    assert (row["amount"], row["currency"]) == ("600.00", "USD")
    assert row["plan"] == {"currency": "USD", "amount": "600.00"}
    assert row["why"].startswith(
        "60 % of $1,000.00: your share of Licence (line 1), booked May 12, 2026; Event: "
    )
    assert row["because"]["share"] == "typed with the booking"
    assert row["dispute_id"] is None


def test_a_bad_filter_is_refused(cast: Cast) -> None:
    assert Api(cast.rep).get("credits/?persn=1").status_code == 400
    assert Api(cast.coordinator).get("credits/").status_code == 403


def test_raised_read_and_withdrawn(cast: Cast, wish: dict[str, Any]) -> None:
    api = Api(cast.rep)
    made = api.post("disputes/", wish)
    assert made.status_code == 201, made.content
    pk = made.json()["id"]
    assert Api(cast.other_rep).get(f"disputes/{pk}/").status_code == 404
    assert [row["id"] for row in Api(cast.coordinator).get("disputes/?show=answer").json()["results"]] == [pk]
    assert faults(api.post("disputes/", wish)) == [("dispute_of_credit_once", "")]
    assert api.get("credits/?period=2026-Q2").json()["results"][0]["dispute_id"] == pk
    assert api.post(f"disputes/{pk}/withdraw/", {}).status_code == 428
    assert api.post(f"disputes/{pk}/withdraw/", {}, If_Match="1").json()["state"] == "withdrawn"


def test_granted_by_an_entry_and_not_twice(cast: Cast, wish: dict[str, Any], order: Order) -> None:
    pk = Api(cast.rep).post("disputes/", wish).json()["id"]
    api, address = Api(cast.coordinator), f"disputes/{pk}/answer/"
    cancelled = api.post(
        f"orders/{order.pk}/cancel/",
        {"booked_on": "2026-05-19", "reason": "half", "amount": "500.00"},
        If_Match="1",
    )
    assert cancelled.status_code == 200
    event = next(row.event_id for row in ledger() if row.reverses_id)
    first = next(row.event_id for row in ledger())
    wrong = api.post(address, {"is_granted": True, "event_id": first}, If_Match="1")
    assert faults(wrong) == [("other_entry", "event_id")]
    own = Api(cast.rep).post(address, {"is_granted": False, "answer": "no"}, If_Match="1")
    assert own.status_code == 403
    done = api.post(address, {"is_granted": True, "event_id": event}, If_Match="1").json()
    assert (done["state"], done["event_id"]) == ("granted", event)
    assert api.post(address, {"is_granted": False, "answer": "no"}, If_Match="2").status_code == 409


def test_two_megabytes_are_refused(cast: Cast, wish: dict[str, Any]) -> None:
    answer = Api(cast.rep).post("disputes/", {**wish, "text": "x" * 2_000_000})
    assert answer.status_code in (413, 422)
