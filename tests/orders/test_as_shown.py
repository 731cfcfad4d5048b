"""What stands when a form is sent as it was shown, and what acts on an order refuse or keep besides their figures."""

import re
from datetime import date
from html import unescape
from typing import Any

import pytest

from common.errors import Refused
from orders.models import Order
from orders.selectors.orders import terms_of
from orders.services import LineInput, ShareInput, amend, cancel, correct, split_anew
from tests.cast import Cast
from tests.conftest import Acting
from tests.orders.test_book import FORTY, HALF, SIXTY, WHOLE, ledger, order_of
from tests.orders.test_changing import LATER, OVERLAY, held, is_sound, line, now, of
from tests.orders.test_order_book import rows
from tests.orders.winning import asks, deal_now, sign, won


def shown(page: str) -> dict[str, str]:
    """What a browser would send of a page's form as it stands."""
    sent: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", page):
        name, value, kind = (re.search(rf' {one}="([^"]*)"', tag) for one in ("name", "value", "type"))
        if name and not (kind and kind[1] in ("submit", "checkbox", "radio", "search")):
            sent[name[1]] = unescape(value[1]) if value else ""
    for name, options in re.findall(r'<select[^>]* name="([^"]*)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        first = re.search(r'<option value="([^"]*)"', options)
        sent[name] = chosen[1] if chosen else first[1] if first else ""
    return {name: value for name, value in sent.items() if "__prefix__" not in name}


def send(client: Any, address: str, **typed: str) -> Any:
    """Get a page and send its form, with a day and a reason."""
    form = shown(client.get(address).content.decode())
    asked = {**form, "booked_on": "2026-05-19", "reason": "as agreed", **typed}
    return client.post(address, asked, follow=True)


def share(person: Any, weight: int, kind: str = "revenue") -> ShareInput:
    return ShareInput(person.pk, weight, kind)


@pytest.fixture
def mixed(cast: Cast, acting: Acting) -> Order:
    """600.00 of Rita's and 400.00 that is Paul's alone, with an overlay of 10 % for Oscar."""
    lines = [
        line(cast, "Licence", 1, 600_00),
        line(cast, "Server", 1, 400_00, shares=(share(cast.peer, WHOLE),)),
    ]
    with acting(cast.rep):
        shares = [share(cast.rep, WHOLE), share(cast.other_rep, 10_000_000, OVERLAY)]
        return order_of(cast, lines=lines, shares=shares)


class TestSentAsShown:
    def test_a_correction_keeps_who_has_what(self, cast: Cast, browse: Any, mixed: Order) -> None:
        answer = send(browse(cast.coordinator), f"/orders/{mixed.pk}/correct/", cause="split")
        assert "the correction is posted" in answer.content.decode()
        assert held() == {cast.rep.pk: 600_00, cast.peer.pk: 400_00}
        assert held(OVERLAY) == {cast.other_rep.pk: 100_00}
        assert is_sound()

    @pytest.mark.parametrize(("act", "said"), [("split", "shared now"), ("amend", "has now")])
    def test_what_changes_nothing_is_refused(
        self, cast: Cast, browse: Any, mixed: Order, act: str, said: str
    ) -> None:
        answer = send(browse(cast.coordinator), f"/orders/{mixed.pk}/{act}/")
        assert said in answer.content.decode()
        assert len(ledger()) == 4

    def test_a_higher_price_alone_can_be_corrected(self, cast: Cast, acting: Acting, browse: Any) -> None:
        with acting(cast.rep):
            order = order_of(cast, lines=[line(cast, "Licence", 10, 1_000_00)])
        with acting(cast.coordinator):
            amend(**of(order, cast.coordinator), lines=[line(cast, "Licence", 10, 1_100_00)])
        answer = send(browse(cast.coordinator), f"/orders/{order.pk}/correct/", cause="other")
        assert "the correction is posted" in answer.content.decode()
        assert held() == {cast.rep.pk: 1_100_00}

    def test_overlay_of_a_line_stays_overlay_while_it_waits(
        self, cast: Cast, acting: Acting, browse: Any
    ) -> None:
        asks(cast, acting, "contract")
        beside = (share(cast.other_rep, WHOLE, OVERLAY),)
        with acting(cast.rep):
            won(cast, lines=[LineInput(cast.products["Licence"].pk, 1, 1_000_00, shares=beside)])
        sign(cast)
        address = f"/orders/book/?opportunity={deal_now(cast).pk}"
        assert "is booked" in send(browse(cast.coordinator), address, booked_on="2026-05-12").content.decode()
        assert (held(), held(OVERLAY)) == ({cast.rep.pk: 1_000_00}, {cast.other_rep.pk: 1_000_00})

    def test_a_renewal_that_waited_counts_what_it_adds(self, cast: Cast, acting: Acting, browse: Any) -> None:
        with acting(cast.rep):
            first = order_of(cast, booked_on=date(2026, 3, 10))
        asks(cast, acting, "contract")
        lines = [LineInput(cast.products["Licence"].pk, 1, 1_200_00, 1_000_00)]
        with acting(cast.rep):
            won(cast, lines=lines, motion="renewal", renews_order_id=first.pk)
        sign(cast)
        address = f"/orders/book/?opportunity={deal_now(cast).pk}"
        answer = send(browse(cast.coordinator), address, booked_on="2026-05-12").content.decode()
        assert f"of {first.number}" in answer
        assert ledger()[-1].amount_minor == 200_00


class TestLines:
    def test_shares_stay_with_the_line_that_they_name(self, cast: Cast, acting: Acting, browse: Any) -> None:
        lines = [line(cast, "Licence", 1, 600_00), line(cast, "Server", 1, 400_00)]
        with acting(cast.rep):
            order = order_of(cast, lines=lines)
        licence, server = cast.products["Licence"].pk, cast.products["Server"].pk
        wish = {
            "booked_on": "2026-05-19",
            "reason": "typed wrong",
            "cause": "product",
            "version": "1",
            **rows(
                "lines",
                {"product": licence, "quantity": 1, "amount": "600.00", "DELETE": "on"},
                {"product": server, "quantity": 1, "amount": "400.00"},
                {"product": licence, "quantity": 1, "amount": "50.00"},
            ),
            **rows("shares", {"person": "Rita Rep", "percent": "100"}),
            **rows("own", {"line": 2, "person": "Paul Peer", "percent": "100"}),
        }
        browse(cast.coordinator).post(f"/orders/{order.pk}/correct/", wish)
        assert held() == {cast.peer.pk: 400_00, cast.rep.pk: 50_00}

    def test_two_lines_of_one_product_keep_their_shares(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            order = order_of(cast, amount=100_00)
        lines = [
            line(cast, "Licence", 1, 150_00, shares=(share(cast.peer, WHOLE),)),
            line(cast, "Licence", 1, 70_00, shares=(share(cast.rep, WHOLE),)),
        ]
        with acting(cast.coordinator):
            amend(**of(order, cast.coordinator), lines=lines)
        assert held() == {cast.rep.pk: 170_00, cast.peer.pk: 50_00}

    def test_what_is_added_goes_with_the_line_that_it_adds_to(self, cast: Cast, acting: Acting) -> None:
        lines = [
            line(cast, "Licence", 1, 100_00),
            line(cast, "Licence", 1, 100_00, shares=(share(cast.peer, WHOLE),)),
        ]
        with acting(cast.rep):
            order = order_of(cast, lines=lines)
        with acting(cast.coordinator):
            wished = [line(cast, "Licence", 2, 200_00), line(cast, "Licence", 1, 100_00)]
            amend(**of(order, cast.coordinator), lines=wished)
        assert held() == {cast.rep.pk: 200_00, cast.peer.pk: 100_00}

    def test_a_line_that_is_named_goes_on_although_another_goes(self, cast: Cast, acting: Acting) -> None:
        lines = [
            line(cast, "Licence", 1, 100_00),
            line(cast, "Licence", 1, 300_00, shares=(share(cast.peer, WHOLE),)),
        ]
        with acting(cast.rep):
            order = order_of(cast, lines=lines)
        with acting(cast.coordinator):
            second = terms_of(order).lines[1].pk
            amend(**of(order, cast.coordinator), lines=[line(cast, "Licence", 1, 300_00, origin_id=second)])
        assert held() == {cast.peer.pk: 300_00}
        assert [row.amount_minor for row in ledger()[2:]] == [-100_00]

    def test_units_change_with_a_lower_amount(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            order = order_of(cast, lines=[line(cast, "Licence", 10, 1_000_00)])
        with acting(cast.coordinator):
            amend(**of(order, cast.coordinator), lines=[line(cast, "Licence", 12, 900_00)])
            amend(**of(order, cast.coordinator), lines=[line(cast, "Licence", 15, 900_00)])
            assert [(row.quantity, row.amount_minor) for row in terms_of(now(order)).lines] == [(15, 900_00)]
        assert held() == {cast.rep.pk: 900_00}


class TestRenewedParts:
    def test_only_of_an_order_that_renews(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            order = order_of(cast)
        lines = [line(cast, "Licence", 1, 1_000_00, renewed_minor=900_00)]
        for act, more in ((correct, {"cause": "amount"}), (amend, {})):
            with acting(cast.coordinator), pytest.raises(Refused, match="which order this renews"):
                act(**of(order, cast.coordinator), lines=lines, shares=[], **more)

    def test_a_cancelled_renewal_frees_its_order(self, cast: Cast, acting: Acting) -> None:
        again: dict[str, Any] = {"motion": "renewal", "booked_on": LATER}
        again["lines"] = [line(cast, "Licence", 1, 1_200_00, renewed_minor=1_000_00)]
        with acting(cast.rep):
            first = order_of(cast)
            renewal = order_of(cast, renews_order_id=first.pk, **again)
        with acting(cast.coordinator):
            cancel(**of(renewal, cast.coordinator))
        with acting(cast.rep):
            assert order_of(cast, renews_order_id=first.pk, **again).renews_id == first.pk

    def test_a_rep_renews_all_that_there_was_and_a_coordinator_says_otherwise(
        self, cast: Cast, acting: Acting
    ) -> None:
        with acting(cast.rep):
            first = order_of(cast)
        asked: dict[str, Any] = {"motion": "renewal", "booked_on": LATER, "renews_order_id": first.pk}
        asked["lines"] = [line(cast, "Licence", 1, 1_200_00, renewed_minor=0)]
        with acting(cast.rep), pytest.raises(Refused, match=r"had \$1,000.00 of Licence") as refused:
            order_of(cast, **asked)
        assert refused.value.code == "renewed_less"
        with acting(cast.coordinator):
            order_of(cast, by=cast.coordinator, **asked)
        assert ledger()[-1].amount_minor == 1_200_00


class TestWhoTakes:
    def test_nobody_moves_credit_to_themselves(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            order = order_of(cast)
        mine = [share(cast.director, WHOLE)]
        anew = {"cause": "split", "lines": [line(cast, "Licence", 1, 1_000_00)]}
        for act, more in ((split_anew, {}), (correct, anew)):
            with acting(cast.director), pytest.raises(Refused, match="to themselves") as refused:
                act(**of(order, cast.director), shares=mine, **more)
            assert refused.value.code == "own_gain"
        assert held() == {cast.rep.pk: 1_000_00}

    def test_a_director_takes_nothing_from_whom_they_do_not_lead(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            order = order_of(cast, shares=[share(cast.rep, HALF), share(cast.other_rep, HALF)])
        wish = [share(cast.rep, SIXTY), share(cast.peer, FORTY)]
        with acting(cast.director), pytest.raises(Refused, match="Oscar Other would have less"):
            split_anew(**of(order, cast.director), shares=wish)
        with acting(cast.coordinator):
            split_anew(**of(order, cast.coordinator), shares=wish)
        assert held() == {cast.rep.pk: 600_00, cast.peer.pk: 400_00}
