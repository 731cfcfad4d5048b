"""The same purchase order number twice: refused, unless a second order under it is confirmed."""

from datetime import date
from typing import Any

import pytest

from common.errors import Refused
from common.importing import Row
from orders.models import Order
from orders.rules import purchase_order_key
from orders.services import apply_import, cancel, note_purchase_order
from planning.services.merging import merge_accounts
from tests.calls import Api, faults
from tests.cast import Cast
from tests.conftest import Acting
from tests.orders.test_book import MAY, order_of
from tests.orders.test_order_book import booking
from tests.orders.test_own_columns import LINE
from tests.salesops.conftest import plain


@pytest.fixture
def order(cast: Cast, acting: Acting) -> Order:
    """SO-2026-00001 of Acorn under PO 17, booked on 12 May over 1,000.00."""
    with acting(cast.rep):
        return order_of(cast, purchase_order="PO 17")


def wish_of(cast: Cast) -> dict[str, Any]:
    """An order of Acorn over 10.00 as a program sends it."""
    return {
        "account_id": cast.accounts["Acorn"].pk,
        "booked_on": "2026-05-12",
        "currency": "USD",
        "motion": "new",
        "lines": [{"product_id": cast.products["Licence"].pk, "quantity": 1, "amount": "10.00"}],
    }


@pytest.mark.parametrize(
    ("number", "key"),
    [
        ("PO 4711", "po4711"),
        ("po4711", "po4711"),
        (" p o\t47 11", "po4711"),
        ("ＰＯ\u300047１１", "po4711"),
        ("PO №7", "pono7"),
        (" ", ""),
    ],
)
def test_case_spaces_and_width_do_not_matter(number: str, key: str) -> None:
    assert purchase_order_key(number) == key


class TestBooking:
    @pytest.mark.parametrize("number", ["PO 17", "po17", " Po  17 "])
    def test_the_other_order_is_named(self, cast: Cast, acting: Acting, order: Order, number: str) -> None:
        with acting(cast.rep), pytest.raises(Refused) as refusal:
            order_of(cast, purchase_order=number)
        assert (refusal.value.path, refusal.value.code) == ("purchase_order", "purchase_order_taken")
        said = f"{order.number} of May 12, 2026 over $1,000.00 has that purchase order already."
        assert str(refusal.value.message).startswith(said)
        with acting(cast.rep):
            assert Order.objects.count() == 1

    def test_an_order_out_of_reach_is_not_named(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.other_rep):
            theirs = order_of(cast, "Cedar", by=cast.other_rep, purchase_order="PO 9")
        with acting(cast.admin):
            merge_accounts(
                by=cast.admin.pk,
                survivor_id=cast.accounts["Acorn"].pk,
                merged_id=cast.accounts["Cedar"].pk,
                reason="one company",
            )
        with acting(cast.rep), pytest.raises(Refused) as refusal:
            order_of(cast, purchase_order="po 9")
        assert theirs.number not in str(refusal.value.message)
        assert str(refusal.value.message).startswith("Another order of this account has that purchase order")

    def test_another_account_another_number_none_and_a_cancelled_one_are_free(
        self, cast: Cast, acting: Acting, order: Order
    ) -> None:
        with acting(cast.peer):
            order_of(cast, "Beech", by=cast.peer, purchase_order="PO 17")
        with acting(cast.rep):
            order_of(cast, purchase_order="PO 18")
            order_of(cast)
            order_of(cast)
        with acting(cast.coordinator):
            cancel(by=cast.coordinator.pk, order_id=order.pk, version=1, booked_on=MAY, reason="void")
        with acting(cast.rep):
            assert order_of(cast, purchase_order="PO 17").state == "booked"

    def test_a_second_order_is_booked_where_that_is_said(
        self, cast: Cast, acting: Acting, order: Order
    ) -> None:
        with acting(cast.rep):
            assert order_of(cast, purchase_order="PO 17", is_second=True).purchase_order == "PO 17"

    @pytest.mark.parametrize("number", ["po 17", "ＰＯ １７"])
    def test_over_the_api(self, cast: Cast, order: Order, number: str) -> None:
        wish = {**wish_of(cast), "purchase_order": number}
        refused = Api(cast.rep).post("orders/", wish)
        assert faults(refused) == [("purchase_order_taken", "purchase_order")]
        assert Api(cast.rep).post("orders/", {**wish, "is_second": True}).status_code == 201


class TestNotedLater:
    @pytest.fixture
    def bare(self, cast: Cast, acting: Acting, order: Order) -> Order:
        """A second order of Acorn, without a number."""
        with acting(cast.rep):
            return order_of(cast)

    def test_the_number_of_another_order_is_refused(self, cast: Cast, acting: Acting, bare: Order) -> None:
        known: dict[str, Any] = {
            "by": cast.rep.pk,
            "order_id": bare.pk,
            "version": 1,
            "purchase_order": "PO17",
        }
        with acting(cast.rep), pytest.raises(Refused) as refusal:
            note_purchase_order(**known)
        assert refusal.value.code == "purchase_order_taken"
        with acting(cast.rep):
            note_purchase_order(**known, is_second=True)
        with acting(cast.rep):  # what it has it keeps
            note_purchase_order(**{**known, "version": 2, "purchase_order": "PO 17"})
        with acting(cast.rep):
            assert Order.objects.get(pk=bare.pk).purchase_order == "PO 17"

    def test_the_page_asks_once_it_was_refused(self, cast: Cast, browse: Any, bare: Order) -> None:
        client, address = browse(cast.rep), f"/orders/{bare.pk}/purchase-order/"
        assert "second order" not in client.get(address).content.decode()
        form = {"purchase_order": "PO 17", "version": "1"}
        refused = client.post(address, form)
        assert refused.status_code == 422
        assert "has that purchase order already" in plain(refused)
        assert "This is a second order under the same purchase order" in plain(refused)
        saved = client.post(address, {**form, "is_second": "on"}, follow=True)
        assert "PO 17" in plain(saved)

    def test_over_the_api(self, cast: Cast, bare: Order) -> None:
        place, api = f"orders/{bare.pk}/", Api(cast.rep)
        refused = api.patch(place, {"purchase_order": "PO 17"}, If_Match="1")
        assert faults(refused) == [("purchase_order_taken", "purchase_order")]
        answer = api.patch(place, {"purchase_order": "PO 17", "is_second": True}, If_Match="1")
        assert (answer.status_code, answer.json()["purchase_order"]) == (200, "PO 17")


def test_the_booking_form_asks_once_it_was_refused(cast: Cast, browse: Any, order: Order) -> None:
    address = f"/orders/book/?opportunity={cast.deals['Acorn renewal'].pk}"
    client, form = browse(cast.rep), booking(cast, purchase_order="PO 17")
    assert "second order" not in client.get(address).content.decode()
    refused = client.post(address, form)
    assert refused.status_code == 422
    assert f"{order.number} of May 12, 2026 over $1,000.00" in plain(refused)
    assert "This is a second order under the same purchase order" in plain(refused)
    assert client.post(address, {**form, "is_second": "on"}).status_code == 302


def test_files(cast: Cast, acting: Acting, order: Order) -> None:
    """One that is there, one that is there in the file, one that says that it is a second one, and two others."""

    def bring(*asked: dict[str, Any]) -> Any:
        rows = [Row("orders.csv", line, {**LINE, **values}) for line, values in enumerate(asked, 2)]
        return apply_import(by=cast.admin.pk, entity="order", rows=rows)

    with acting(cast.admin):
        outcome = bring(
            {"number": "F-1", "purchase_order": "po17"},
            {"number": "F-2", "purchase_order": "PO 20"},
            {"number": "F-3", "purchase_order": "PO20", "booked_on": date(2026, 5, 5)},
            {"number": "F-4", "purchase_order": "PO 17", "is_second": True},
            {"number": "F-5"},
            {"number": "F-6"},
        )
        assert [(one.line, one.column) for one in outcome.rejects] == [
            (2, "purchase_order"),
            (4, "purchase_order"),
        ]
        booked = Order.objects.filter(number__startswith="F-").order_by("number")
        assert [row.number for row in booked] == ["F-2", "F-4", "F-5", "F-6"]
        assert bring({"number": "F-4", "purchase_order": "PO 17"}).unchanged == 1


class TestAfterAMerge:
    @pytest.fixture
    def both(self, cast: Cast, acting: Acting) -> tuple[Order, Order]:
        """An order of Beech under M-A and one of Acorn under M-B; Beech was merged into Acorn since."""
        with acting(cast.peer):
            first = order_of(cast, "Beech", by=cast.peer, purchase_order="M-A")
        with acting(cast.rep):
            second = order_of(cast, purchase_order="M-B")
        with acting(cast.admin):
            survivor, merged = cast.accounts["Acorn"].pk, cast.accounts["Beech"].pk
            merge_accounts(by=cast.admin.pk, survivor_id=survivor, merged_id=merged, reason="one company")
        return first, second

    def test_a_number_of_either_account_is_taken(self, cast: Cast, both: tuple[Order, Order]) -> None:
        api = Api(cast.coordinator)
        for order, number in zip(both, ("m-b", "m-a"), strict=True):
            refused = api.patch(f"orders/{order.pk}/", {"purchase_order": number}, If_Match="1")
            assert refused.status_code == 422
            assert faults(refused) == [("purchase_order_taken", "purchase_order")]
        change = {"purchase_order": "m-b", "is_second": True}
        assert api.patch(f"orders/{both[0].pk}/", change, If_Match="1").json()["purchase_order"] == "m-b"

    @pytest.mark.usefixtures("both")
    def test_what_waits_says_so(self, cast: Cast) -> None:
        made = Api(cast.rep).post("orders/awaiting/", {**wish_of(cast), "purchase_order": "m-a"})
        assert (made.status_code, made.json()["awaits"]) == (201, ["purchase_order_taken"])


class TestADraft:
    @pytest.fixture
    def api(self, cast: Cast, acting: Acting) -> Api:
        """The rep's; an order of Acorn is out of their reach, under PO 9."""
        with acting(cast.other_rep):
            order_of(cast, "Cedar", by=cast.other_rep, purchase_order="PO 9")
        with acting(cast.admin):
            survivor, merged = cast.accounts["Acorn"].pk, cast.accounts["Cedar"].pk
            merge_accounts(by=cast.admin.pk, survivor_id=survivor, merged_id=merged, reason="one company")
        return Api(cast.rep)

    def test_it_says_nothing_of_orders_out_of_reach_until_it_is_handed_in(self, cast: Cast, api: Api) -> None:
        wish = {**wish_of(cast), "purchase_order": "PO 9"}
        draft = api.post("orders/awaiting/", {**wish, "is_draft": True}).json()
        assert (draft["state"], draft["awaits"]) == ("draft", [])
        known = {"request_id": draft["id"], "request_version": 1}
        handed = api.post("orders/awaiting/", {**wish, **known}).json()
        assert (handed["state"], handed["awaits"]) == ("waiting", ["purchase_order_taken"])
        back = f"orders/awaiting/{draft['id']}/back/"
        assert Api(cast.coordinator).post(back, {"comment": "Which one?"}, If_Match="2").status_code == 200
        again = api.get(f"orders/awaiting/{draft['id']}/").json()
        assert (again["state"], again["awaits"]) == ("back", [])

    def test_it_says_so_of_orders_in_reach(self, cast: Cast, order: Order) -> None:
        wish = {**wish_of(cast), "purchase_order": "PO 17", "is_draft": True}
        made = Api(cast.rep).post("orders/awaiting/", wish).json()
        assert (order.purchase_order, made["awaits"]) == ("PO 17", ["purchase_order_taken"])
