"""The pages of disputes, and what of them stands on other pages."""

import re
from typing import Any

import pytest

from orders.models import Credit, Dispute, Order
from orders.services import raise_dispute
from tests.cast import Cast
from tests.conftest import Acting
from tests.orders.test_book import ledger, order_of
from tests.orders.test_credit_list import plain
from tests.orders.test_disputes import now, order
from tests.orders.test_order_book import rows
from tests.orders.test_order_cancel import correction

__all__ = ["order"]


@pytest.fixture
def credit(cast: Cast, order: Order) -> Credit:
    return next(row for row in ledger() if row.person_id == cast.rep.pk)


@pytest.fixture
def dispute(cast: Cast, acting: Acting, credit: Credit) -> Dispute:
    with acting(cast.rep):
        return raise_dispute(by=cast.rep.pk, cause="share", text="It was 80 %.", credit_id=credit.pk)


def text_of(client: Any, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.content
    return plain(answer.content.decode())


class TestRaising:
    def test_from_the_credit_to_the_mark_beside_it(
        self, cast: Cast, browse: Any, credit: Credit, order: Order
    ) -> None:
        client = browse(cast.rep)
        address = f"/orders/disputes/new/?credit={credit.pk}"
        for page in ("/orders/credits/", f"/orders/{order.pk}/", "/quotas/mine/"):
            assert address in client.get(page).content.decode()
        assert "60 % of $1,000.00: your share of Licence (line 1)" in text_of(client, address)
        sent = client.post(address, {"cause": "share", "text": "It was 80 %."}, follow=True)
        page = plain(sent.content.decode())
        assert "Your dispute is raised." in page
        assert "It was 80 %." in page
        for where in ("/orders/credits/", f"/orders/{order.pk}/"):
            assert "disputed" in text_of(client, where)
            assert address not in client.get(where).content.decode()
        assert client.get(address).status_code == 302

    def test_nothing_is_said(self, cast: Cast, browse: Any, credit: Credit) -> None:
        answer = browse(cast.rep).post(f"/orders/disputes/new/?credit={credit.pk}", {"text": ""})
        assert answer.status_code == 422

    def test_who_may_come_there(self, cast: Cast, browse: Any, credit: Credit) -> None:
        address = f"/orders/disputes/new/?credit={credit.pk}"
        expected = {"peer": 404, "other_rep": 404, "manager": 403, "coordinator": 403}
        assert {who: browse(getattr(cast, who)).get(address).status_code for who in expected} == expected

    def test_two_megabytes(self, cast: Cast, browse: Any, credit: Credit) -> None:
        sent = {"cause": "share", "text": "x" * 2_000_000}
        answer = browse(cast.rep).post(f"/orders/disputes/new/?credit={credit.pk}", sent)
        assert answer.status_code == 422
        assert "at most 500 characters" in answer.content.decode()

    def test_an_order_without_credit(self, cast: Cast, browse: Any, order: Order) -> None:
        client, address = browse(cast.manager), f"/orders/disputes/new/?order={order.pk}"
        assert address in client.get(f"/orders/{order.pk}/").content.decode()
        assert address not in browse(cast.rep).get(f"/orders/{order.pk}/").content.decode()
        client = browse(cast.manager)
        client.post(address, {"cause": "person", "text": "I opened the door."})
        page = text_of(client, f"/orders/{order.pk}/")
        assert "disputed" in page
        assert "I should have credit here" not in page

    @pytest.mark.parametrize("query", ["", "?credit=1&order=1", "?credit=x", "?kredit=1"])
    def test_a_bad_query(self, cast: Cast, browse: Any, query: str) -> None:
        assert browse(cast.rep).get(f"/orders/disputes/new/{query}").status_code == 400


class TestAnswering:
    def test_the_coordinator_reads_the_credit_that_they_are_to_judge(
        self, cast: Cast, browse: Any, dispute: Dispute
    ) -> None:
        client = browse(cast.coordinator)
        page = text_of(client, f"/orders/disputes/{dispute.pk}/")
        assert "60 % of $1,000.00: the share of Rita Rep in Licence (line 1)" in page
        assert "$600.00" in page
        assert client.get("/orders/credits/").status_code == 403

    def test_by_correcting_the_order(self, cast: Cast, browse: Any, dispute: Dispute, order: Order) -> None:
        client = browse(cast.coordinator)
        address = f"/orders/{order.pk}/correct/?dispute={dispute.pk}"
        assert address in client.get(f"/orders/disputes/{dispute.pk}/").content.decode()
        assert "Rita Rep disputes the share: It was 80 %." in text_of(client, address)
        sent = {**correction(cast), "answer": "You are right."}
        page = plain(client.post(address, sent, follow=True).content.decode())
        assert "Put right by the correction of May 19, 2026 (two people)" in page
        assert "You are right." in page
        assert now(dispute).state == "granted"
        again = client.get(address)
        assert (again.status_code, again["Location"]) == (302, f"/orders/disputes/{dispute.pk}/")
        refused = client.post(address, {**correction(cast), "version": "2", "answer": ""})
        assert refused.status_code == 409
        assert "dispute granted" in text_of(browse(cast.rep), "/orders/credits/")

    @pytest.mark.parametrize(("act", "said"), [("split", "new split"), ("day", "new booking date")])
    def test_by_sharing_it_anew_or_on_another_day(
        self, cast: Cast, browse: Any, dispute: Dispute, order: Order, act: str, said: str
    ) -> None:
        client = browse(cast.coordinator)
        address = f"/orders/{order.pk}/{act}/?dispute={dispute.pk}"
        assert address in client.get(f"/orders/disputes/{dispute.pk}/").content.decode()
        assert "Rita Rep disputes the share: It was 80 %." in text_of(client, address)
        day = "2026-05-19" if act == "split" else "2026-05-04"
        sent = {"version": "1", "booked_on": day, "reason": "as agreed", "answer": "You are right."}
        sent |= rows(
            "shares", {"person": "Rita Rep", "percent": "80"}, {"person": "Oscar Other", "percent": "20"}
        )
        page = plain(client.post(address, sent, follow=True).content.decode())
        assert f"Put right by the {said} of" in page
        assert "You are right." in page
        assert now(dispute).state == "granted"

    def test_a_correction_with_another_orders_dispute_posts_nothing(
        self, cast: Cast, browse: Any, dispute: Dispute, acting: Acting
    ) -> None:
        with acting(cast.rep):
            other = order_of(cast)
        count = len(ledger())
        client = browse(cast.coordinator)
        address = f"/orders/{other.pk}/correct/?dispute={dispute.pk}"
        assert client.get(address).status_code == 302
        assert client.post(address, {**correction(cast), "answer": ""}).status_code == 422
        assert len(ledger()) == count

    def test_refused(self, cast: Cast, browse: Any, dispute: Dispute) -> None:
        client, address = browse(cast.director), f"/orders/disputes/{dispute.pk}/answer/"
        sent = {"version": "1", "decision": "refuse", "answer": ""}
        assert client.post(address, sent).status_code == 422
        page = client.post(address, {**sent, "answer": "As agreed."}, follow=True).content.decode()
        assert "As agreed." in page
        assert client.post(address, {**sent, "answer": "Again."}).status_code == 409

    def test_granted_by_what_was_posted_since(
        self, cast: Cast, browse: Any, dispute: Dispute, order: Order
    ) -> None:
        client = browse(cast.coordinator)
        client.post(f"/orders/{order.pk}/correct/", correction(cast))
        address = f"/orders/disputes/{dispute.pk}/answer/"
        page = client.get(address).content.decode()
        entry = re.search(r'name="decision" value="(\d+)"', page)
        assert entry
        assert "put right by the correction of May 19, 2026: -$100.00, two people" in page
        client.post(address, {"version": "1", "decision": entry[1], "answer": ""})
        assert now(dispute).event_id == int(entry[1])

    def test_withdrawn(self, cast: Cast, browse: Any, dispute: Dispute) -> None:
        client = browse(cast.rep)
        page = client.post(f"/orders/disputes/{dispute.pk}/withdraw/", {"version": "1"}, follow=True)
        assert "Your dispute is withdrawn." in page.content.decode()
        assert "disputed" not in text_of(client, "/orders/credits/")


class TestTheList:
    def test_mine_and_to_answer(self, cast: Cast, browse: Any, dispute: Dispute) -> None:
        assert dispute.about in text_of(browse(cast.rep), "/orders/disputes/?show=mine")
        assert dispute.about in text_of(browse(cast.coordinator), "/orders/disputes/?show=answer")
        assert "Nothing is disputed" in text_of(browse(cast.peer), "/orders/disputes/")
        manager = browse(cast.manager)
        assert dispute.about in text_of(manager, "/orders/disputes/")
        assert "Nothing is disputed" in text_of(manager, "/orders/disputes/?show=mine")

    def test_open_ones_first_over_pages(
        self, cast: Cast, browse: Any, acting: Acting, dispute: Dispute
    ) -> None:
        with acting(cast.rep):
            for number in range(51):
                order_of(cast, amount=1_00 + number)
            for row in Credit.objects.filter(line__amount_minor__lt=2_00):
                raise_dispute(by=cast.rep.pk, cause="rate", text="why", credit_id=row.pk)
        client = browse(cast.coordinator)
        client.post(
            f"/orders/disputes/{self.last(cast, acting)}/answer/",
            {"version": "1", "decision": "refuse", "answer": "no"},
        )
        first = client.get("/orders/disputes/").content.decode()
        assert dispute.about not in first
        assert "refused" not in first
        following = re.search(r'rel="next" href="([^"]+)"', first)
        assert following
        second = plain(client.get("/orders/disputes/" + following[1]).content.decode())
        assert second.index(dispute.about) < second.index("refused")

    def last(self, cast: Cast, acting: Acting) -> int:
        with acting(cast.coordinator):
            return int(Dispute.objects.latest("pk").pk)


def test_the_figures_say_what_is_in_dispute_and_stay(cast: Cast, browse: Any, dispute: Dispute) -> None:
    page = text_of(browse(cast.rep), "/quotas/mine/")
    assert "1 open dispute over $600.00" in page
    assert "1 open dispute" not in text_of(browse(cast.other_rep), "/quotas/mine/")
