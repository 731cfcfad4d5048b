"""What awaits its booking on pages and over the API: won in two screens, listed, booked, sent back."""

from typing import Any

import pytest
from django.urls import reverse

from orders.services import LineInput, ShareInput
from tests.calls import Api, faults
from tests.cast import Cast
from tests.conftest import Acting
from tests.orders.test_book import ledger
from tests.orders.test_order_book import booking, rows
from tests.orders.winning import asks, deal_now, requests, sign, won
from workspace.models import ListValue


@pytest.fixture
def waiting(cast: Cast, acting: Acting) -> None:
    """Rita's deal is won at 60/40 with Paul, without its contract."""
    asks(cast, acting, "contract")
    shares = [ShareInput(cast.rep.pk, 60_000_000), ShareInput(cast.peer.pk, 40_000_000)]
    lines = [LineInput(cast.products["Licence"].pk, 2, 1_234_56)]
    with acting(cast.rep):
        won(cast, lines=lines, shares=shares, purchase_order="PO-9", motion="renewal")


def deal_page(cast: Cast) -> str:
    return reverse("opportunity_detail", args=[cast.deals["Acorn renewal"].pk])


def panel(cast: Cast) -> str:
    return reverse("opportunity_order_panel", args=[cast.deals["Acorn renewal"].pk])


def book_page(cast: Cast) -> str:
    return f"{reverse('order_book')}?opportunity={cast.deals['Acorn renewal'].pk}"


def test_winning_without_the_contract_says_what_it_waits_for(cast: Cast, acting: Acting, browse: Any) -> None:
    asks(cast, acting, "contract")
    client = browse(cast.rep)
    answer = client.post(book_page(cast), booking(cast), follow=True)
    assert answer.redirect_chain[-1][0] == deal_page(cast)
    words = "It will be order intake once this is there: the signed contract."
    assert words in answer.content.decode()
    shown = client.get(panel(cast)).content.decode()
    assert words in shown
    assert "$1,000.00" in shown
    assert ledger() == []


def test_a_double_click_waits_once(cast: Cast, acting: Acting, browse: Any) -> None:
    asks(cast, acting, "contract")
    client, form = browse(cast.rep), booking(cast, idempotency_key="one-and-the-same")
    answers = [client.post(book_page(cast), form) for _turn in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert len(requests()) == 1


def test_the_booking_form_asks_why(cast: Cast, acting: Acting, browse: Any) -> None:
    with acting(cast.admin):
        ListValue.objects.create(list="won_reason", value="Best offer", position=90)
    asks(cast, acting, "required", "won_reason")
    client = browse(cast.rep)
    assert "Best offer" in client.get(book_page(cast)).content.decode()
    refused = client.post(book_page(cast), booking(cast))
    assert (refused.status_code, "Say why it was won." in refused.content.decode()) == (422, True)
    client.post(book_page(cast), booking(cast, won_reason="Best offer"))
    page = client.get(deal_page(cast)).content.decode()
    assert "<dt>Reason for the win</dt><dd>Best offer</dd>" in page


@pytest.mark.usefixtures("waiting")
class TestTheList:
    def test_it_shows_what_waits_since_when_and_what_is_missing(
        self, cast: Cast, browse: Any, clock: Any
    ) -> None:
        page = browse(cast.coordinator).get(reverse("order_request_list")).content.decode()
        for words in ("Acorn renewal", "$1,234.56", "less than a day", "Rita Rep", "the signed contract"):
            assert words in page, words
        clock.shift(3 * 24 * 3600)
        assert "3 days" in browse(cast.coordinator).get(reverse("order_request_list")).content.decode()

    def test_once_it_is_there_nothing_is_missing(self, cast: Cast, browse: Any) -> None:
        sign(cast)
        page = browse(cast.coordinator).get(reverse("order_request_list")).content.decode()
        assert '<span class="badge good">nothing</span>' in page
        home = browse(cast.coordinator).get("/").content.decode()
        assert "Nothing is missing any more of Acorn renewal" in home

    @pytest.mark.parametrize(
        ("who", "status", "is_listed"),
        [
            ("rep", 200, True),
            ("manager", 200, True),
            ("peer", 200, False),
            ("other_rep", 200, False),
            ("executive", 403, False),
        ],
    )
    def test_who_finds_it(self, cast: Cast, browse: Any, who: str, status: int, is_listed: bool) -> None:
        answer = browse(getattr(cast, who)).get(reverse("order_request_list"))
        assert answer.status_code == status
        assert ("Acorn renewal" in answer.content.decode()) is is_listed

    def test_the_form_is_filled_with_what_was_typed_and_books_it(self, cast: Cast, browse: Any) -> None:
        client = browse(cast.coordinator)
        page = client.get(book_page(cast)).content.decode()
        for typed in ("PO-9", "1,234.56", "2026-05-12", "Paul Peer", "60", "40"):
            assert f'value="{typed}"' in page, typed
        assert "Book the order of a won deal" in page
        licence = {"product": cast.products["Licence"].pk, "quantity": "2", "amount": "1,234.56"}
        split = ({"person": "Rita Rep", "percent": "60"}, {"person": "Paul Peer", "percent": "40"})
        known = {"booked_on": "2026-05-12", "purchase_order": "PO-9", "motion": "renewal", "version": "2"}
        form = {**known, **rows("lines", licence), **rows("shares", *split)}
        missing = client.post(book_page(cast), form)
        assert missing.status_code == 422
        assert "The signed contract is missing." in missing.content.decode()
        sign(cast)
        answer = client.post(book_page(cast), form, follow=True)
        assert "is booked" in answer.content.decode()
        assert {row.person_id: row.amount_minor for row in ledger()} == {
            cast.rep.pk: 740_74,
            cast.peer.pk: 493_82,
        }
        assert "Acorn renewal" not in client.get(reverse("order_request_list")).content.decode()

    def test_it_is_sent_back_with_a_comment(self, cast: Cast, browse: Any) -> None:
        (request,) = requests()
        client, address = browse(cast.coordinator), reverse("order_request_back", args=[request.pk])
        refused = client.post(address, {"version": 1, "comment": ""})
        assert refused.status_code == 422
        answer = client.post(address, {"version": 1, "comment": "Signed by nobody"})
        assert answer["Location"] == reverse("order_request_list")
        assert deal_now(cast).state == "open"
        assert "Signed by nobody" in browse(cast.rep).get(panel(cast)).content.decode()
        assert client.get(address).status_code == 404

    def test_the_reps_home_shows_it_apart(self, cast: Cast, browse: Any) -> None:
        """Each of the two their own part."""
        for person, shown in ((cast.rep, "$741"), (cast.peer, "$494")):
            page = browse(person).get("/").content.decode()
            assert "Awaiting booking" in page
            assert shown in page


class TestTheApi:
    def test_a_program_wins_what_waits_and_reads_why(self, cast: Cast, acting: Acting) -> None:
        asks(cast, acting, "both")
        path = f"opportunities/{cast.deals['Acorn renewal'].pk}/win/"
        line = {"product_id": cast.products["Licence"].pk, "quantity": 1, "amount": "1000.00"}
        wish = {"booked_on": "2026-05-12", "motion": "new", "lines": [line]}
        same = {"If_Match": "1", "Idempotency_Key": "one-and-the-same"}
        answers = [Api(cast.rep).post(path, wish, **same) for _turn in range(1)]
        pk = cast.deals["Acorn renewal"].pk
        assert answers[0].json() == {
            "opportunity_id": pk,
            "order_id": None,
            "awaits": ["purchase_order", "contract"],
        }
        (listed,) = Api(cast.coordinator).get("orders/awaiting/").json()["results"]
        assert (listed["opportunity_id"], listed["amount"], listed["currency"]) == (pk, "1000.00", "USD")
        assert listed["awaits"] == ["purchase_order", "contract"]
        deal = Api(cast.rep).get(f"opportunities/{pk}/").json()
        assert (deal["state"], deal["awaits_booking"]) == ("won", True)
        sign(cast)
        booked = Api(cast.coordinator).post(path, {**wish, "purchase_order": "PO-1"}, If_Match="2")
        assert (booked.status_code, booked.json()["awaits"]) == (200, [])
        assert booked.json()["order_id"] is not None
        assert Api(cast.coordinator).get("orders/awaiting/").json()["results"] == []

    def test_the_same_key_wins_once(self, cast: Cast, acting: Acting) -> None:
        api, path = Api(cast.rep), f"opportunities/{cast.deals['Acorn renewal'].pk}/win/"
        line = {"product_id": cast.products["Licence"].pk, "quantity": 1, "amount": "1000.00"}
        wish = {"booked_on": "2026-05-12", "motion": "new", "lines": [line], "won_reason": ""}
        same = {"If_Match": "1", "Idempotency_Key": "one-and-the-same"}
        answers = [api.post(path, wish, **same) for _turn in range(2)]
        assert [answer.status_code for answer in answers] == [200, 200]
        assert answers[0].json() == answers[1].json()
        assert len(ledger()) == 1

    @pytest.mark.usefixtures("waiting")
    def test_a_program_sends_back(self, cast: Cast) -> None:
        (request,) = requests()
        path = f"orders/awaiting/{request.pk}/back/"
        assert faults(Api(cast.coordinator).post(path, {"comment": ""}, If_Match="1")) == [
            ("blank", "comment")
        ]
        assert Api(cast.other_rep).post(path, {"comment": "No"}, If_Match="1").status_code == 404
        assert Api(cast.coordinator).post(path, {"comment": "No"}, If_Match="1").status_code == 200
        assert deal_now(cast).state == "open"

    def test_an_order_with_something_missing_is_not_booked_over_the_list(
        self, cast: Cast, acting: Acting
    ) -> None:
        asks(cast, acting, "purchase_order")
        line = {"product_id": cast.products["Licence"].pk, "quantity": 1, "amount": "1000.00"}
        wish = {"booked_on": "2026-05-12", "motion": "new", "lines": [line], "currency": "USD"}
        answer = Api(cast.rep).post("orders/", {**wish, "account_id": cast.accounts["Acorn"].pk})
        assert (answer.status_code, faults(answer)) == (422, [("purchase_order_missing", "purchase_order")])
