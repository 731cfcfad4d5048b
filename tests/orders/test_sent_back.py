"""With whom an order without a deal is that was kept as a draft or sent back, and what is told of it to whom."""

from typing import Any

import pytest
from django.urls import reverse

from common.access import Reach
from common.errors import NotInReach
from common.transaction import reach, work
from orders.models import OrderRequest
from orders.selectors.awaiting import open_request, requests_of
from orders.services import book, cancel_kept_order, keep_order, send_order_back
from territories.models import User
from territories.services.leaving import deactivate
from tests.calls import Api
from tests.cast import Cast
from tests.conftest import Acting
from tests.orders.test_queue import kept, terms
from tests.salesops.conftest import plain
from workspace.models import Event, Message
from workspace.selectors.sentences import sentence


@pytest.fixture
def given(cast: Cast, acting: Acting) -> OrderRequest:
    """An order that Rita handed in, put on Cedar and Oscar by the coordinator, and sent back."""
    with acting(cast.rep):
        asked = kept(cast)
    with acting(cast.coordinator):
        known: dict[str, Any] = {"request_id": asked.pk, "request_version": 1, "owner_id": cast.other_rep.pk}
        keep_order(by=cast.coordinator.pk, **terms(cast, account_id=cast.accounts["Cedar"].pk, **known))
        return send_order_back(
            by=cast.coordinator.pk, request_id=asked.pk, version=2, comment="Which office?"
        )


def listed(acting: Acting, person: User) -> list[int]:
    """What that person finds under *Mine*, on the page and over the API."""
    with acting(person):
        found = [row.pk for row in requests_of(reach(), person.pk)]
    answer = Api(person).get("orders/awaiting/?show=mine").json()["results"]
    assert [row["id"] for row in answer] == found
    return found


def told(person: User) -> list[Message]:
    """What the inbox of that person has."""
    with work(by=None, why="look", reach=Reach.everything()):
        return list(Message.objects.filter(person=person).select_related("by").order_by("pk"))


class TestWithWhomItIs:
    def test_sent_back_it_is_with_whose_order_it_is(
        self, cast: Cast, acting: Acting, given: OrderRequest
    ) -> None:
        assert listed(acting, cast.other_rep) == [given.pk]
        for person in (cast.rep, cast.manager, cast.other_manager, cast.coordinator):
            assert listed(acting, person) == []
        with acting(cast.other_rep):
            again = keep_order(
                by=cast.other_rep.pk,
                **terms(cast, account_id=given.account_id, request_id=given.pk, request_version=3),
            )
        assert again.state == "waiting"

    def test_its_owner_is_told(self, cast: Cast, given: OrderRequest) -> None:
        (message,) = told(cast.other_rep)
        assert sentence(message) == "Cora Coordinator answered your order that waited: Cedar · Which office?"
        assert message.url == f"{reverse('order_book')}?request={given.pk}"

    def test_the_page_says_with_whom(self, cast: Cast, acting: Acting, browse: Any) -> None:
        with acting(cast.coordinator):
            asked = kept(cast, cast.coordinator, owner_id=cast.rep.pk)
        client, address = browse(cast.coordinator), reverse("order_request_back", args=[asked.pk])
        assert "It is with Rita Rep again" in client.get(address).content.decode()
        done = client.post(address, {"version": 1, "comment": "Which office?"}, follow=True)
        assert "The order is with Rita Rep again." in done.content.decode()

    def test_a_draft_is_with_its_owner_too(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.manager):
            draft = kept(cast, cast.manager, owner_id=cast.rep.pk, is_draft=True)
        for person in (cast.manager, cast.rep):
            assert listed(acting, person) == [draft.pk]
        for person in (cast.director, cast.coordinator):
            assert listed(acting, person) == []
            with acting(person), pytest.raises(NotInReach):
                open_request(reach(), draft.pk)

    @pytest.mark.parametrize("is_draft", [True, False])
    def test_of_somebody_who_left_it_is_with_who_reads_it(
        self, cast: Cast, acting: Acting, is_draft: bool
    ) -> None:
        with acting(cast.rep):
            asked = kept(cast, is_draft=is_draft)
        if not is_draft:
            with acting(cast.coordinator):
                send_order_back(by=cast.coordinator.pk, request_id=asked.pk, version=1, comment="Whose?")
        with acting(cast.admin):
            version = User.objects.get(pk=cast.rep.pk).version
            deactivate(by=cast.admin.pk, user_id=cast.rep.pk, version=version, why="left")
        for person in (cast.manager, cast.director, cast.coordinator):
            assert listed(acting, person) == [asked.pk]
            with acting(person):
                assert open_request(reach(), asked.pk) == asked
        for person in (cast.peer, cast.other_manager):
            assert listed(acting, person) == []


class TestWhatIsTold:
    """The account of an order is named to nobody who may not read it."""

    def test_an_account_out_of_reach_is_not_named_when_it_is_sent_back(
        self, cast: Cast, given: OrderRequest
    ) -> None:
        (message,) = told(cast.rep)
        assert sentence(message) == "Cora Coordinator answered your order that waited: Which office?"
        assert message.url == f"{reverse('order_request_list')}?show=mine"

    @pytest.mark.parametrize(("account", "about"), [("Acorn", "Acorn · Twice"), ("Cedar", "Twice")])
    def test_given_up(self, cast: Cast, acting: Acting, account: str, about: str) -> None:
        with acting(cast.rep):
            asked = kept(cast)
        with acting(cast.coordinator):
            known: dict[str, Any] = {"request_id": asked.pk, "request_version": 1, "owner_id": cast.rep.pk}
            keep_order(by=cast.coordinator.pk, **terms(cast, account_id=cast.accounts[account].pk, **known))
            cancel_kept_order(by=cast.coordinator.pk, request_id=asked.pk, version=2, comment="Twice")
        (message,) = told(cast.rep)
        assert message.about == about

    @pytest.fixture
    def elsewhere(self, cast: Cast, acting: Acting) -> OrderRequest:
        """Rita's order of Cedar, which she may not read."""
        with acting(cast.rep):
            asked = kept(cast)
        with acting(cast.coordinator):
            known: dict[str, Any] = {"request_id": asked.pk, "request_version": 1, "owner_id": cast.rep.pk}
            return keep_order(
                by=cast.coordinator.pk, **terms(cast, account_id=cast.accounts["Cedar"].pk, **known)
            )

    def test_its_pages_name_no_account(self, cast: Cast, browse: Any, elsewhere: OrderRequest) -> None:
        client = browse(cast.rep)
        pages = {
            f"{reverse('order_book')}?request={elsewhere.pk}": "Order of account out of your reach",
            reverse(
                "order_request_cancel", args=[elsewhere.pk]
            ): "Give the order of account out of your reach up",
        }
        for address, title in pages.items():
            shown = plain(client.get(address))
            assert title in shown
            assert "None" not in shown
            assert "Cedar" not in shown

    def test_booked(self, cast: Cast, acting: Acting, elsewhere: OrderRequest) -> None:
        known: dict[str, Any] = {"request_id": elsewhere.pk, "request_version": 2, "owner_id": cast.rep.pk}
        with acting(cast.coordinator):
            order = book(by=cast.coordinator.pk, **terms(cast, account_id=elsewhere.account_id, **known))
        assert [one.about for one in told(cast.rep) if one.event == Event.ORDER_ANSWERED] == [order.number]
