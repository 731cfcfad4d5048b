"""What the pages of the queue say and offer to each reader, and where a refusal stands."""

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account, AccountTerritory
from catalog.models import Product
from common.services import set_policy
from orders.models import OrderRequest
from orders.services import LineInput, ShareInput, keep_won_order
from tests.cast import Cast
from tests.conftest import Acting
from tests.orders.test_book import ledger, order_of
from tests.orders.test_order_book import rows
from tests.orders.test_queue import MAY, everything, kept
from tests.orders.winning import asks, deal_now, requests, won
from tests.salesops.conftest import plain

QUEUE = "/orders/awaiting/"
OLD = "Booked 6 working days back; 5 are free"
LOW = "Licence (line 1) is below 80 % of its list price of $2,000.00"


def form_of(asked: OrderRequest) -> str:
    return f"{reverse('order_book')}?request={asked.pk}"


def typed(cast: Cast, **changes: Any) -> dict[str, Any]:
    """The order of a licence as the form sends it, all of it Rita's."""
    licence = {"product": cast.products["Licence"].pk, "quantity": "1", "amount": "1,000.00"}
    return {
        "account_name": "Acorn",
        "booked_on": MAY.isoformat(),
        "motion": "new",
        "currency": "USD",
        "owner_id": "Rita Rep",
        "version": "1",
        **rows("lines", licence),
        **rows("shares", {"person": "Rita Rep", "percent": "100"}),
        **changes,
    }


class TestWhatACoordinatorDecides:
    @pytest.fixture
    def doubtful(self, cast: Cast, acting: Acting) -> OrderRequest:
        """Rita handed it in: 6 working days back, at half of its list price."""
        with everything():
            Product.objects.filter(name="Licence").update(list_price_minor=2_000_00, currency="USD")
        with acting(cast.admin):
            set_policy(by=cast.admin.pk, name="backdate_days", value=5)
        with acting(cast.admin):
            set_policy(by=cast.admin.pk, name="price_limit_percent", value=80)
        with acting(cast.rep):
            return kept(cast)

    def test_a_director_is_offered_no_booking(self, cast: Cast, browse: Any, doubtful: OrderRequest) -> None:
        client = browse(cast.director)
        page = client.get(QUEUE).content.decode()
        assert "waits for a coordinator" in page
        assert 'aria-label="Book Acorn"' not in page
        form = client.get(form_of(doubtful))
        assert "It waits for a coordinator. What you change here is saved." in plain(form)
        assert 'data-key="b"' not in form.content.decode()
        assert "Book the order" not in form.content.decode()

    def test_asked_nevertheless_it_names_every_reason(
        self, cast: Cast, browse: Any, doubtful: OrderRequest
    ) -> None:
        answer = browse(cast.director).post(form_of(doubtful), typed(cast))
        assert answer.status_code == 422
        assert f"{OLD}. {LOW}. A coordinator decides about it and books it." in plain(answer)
        assert ledger() == []

    def test_what_a_director_mends_is_saved_and_then_booked(
        self, cast: Cast, browse: Any, doubtful: OrderRequest
    ) -> None:
        client = browse(cast.director)
        licence = {"product": cast.products["Licence"].pk, "quantity": "1", "amount": "1,800.00"}
        mended = {"booked_on": "2026-05-20", **rows("lines", licence)}
        client.post(form_of(doubtful), typed(cast, way="in", **mended))
        (row,) = requests()
        assert (row.state, row.amount_minor) == ("waiting", 1_800_00)
        assert 'aria-label="Book Acorn"' in client.get(QUEUE).content.decode()
        client.post(form_of(doubtful), typed(cast, version="2", **mended))
        assert [entry.amount_minor for entry in ledger()] == [1_800_00]

    def test_a_coordinator_books_it(self, cast: Cast, browse: Any, doubtful: OrderRequest) -> None:
        client = browse(cast.coordinator)
        assert "waits for a coordinator" not in client.get(QUEUE).content.decode()
        assert 'data-key="b"' in client.get(form_of(doubtful)).content.decode()
        client.post(form_of(doubtful), typed(cast, accepted_because="Agreed by phone"))
        assert [entry.amount_minor for entry in ledger()] == [1_000_00]


class TestAccounts:
    def test_one_out_of_reach_is_said_to_be_that(self, cast: Cast, acting: Acting, browse: Any) -> None:
        with acting(cast.rep):
            order_of(cast)
            kept(cast)
        with everything():
            elsewhere = cast.accounts["Cedar"].territory_id
            Account.objects.filter(pk=cast.accounts["Acorn"].pk).update(territory_id=elsewhere)
        client = browse(cast.director)
        for address in ("/orders/", QUEUE):
            page = client.get(address).content.decode()
            assert "account out of your reach" in page, address
            assert "Acorn" not in page, address

    def test_one_in_no_territory_leads_to_its_page(self, cast: Cast, acting: Acting, browse: Any) -> None:
        with everything():
            held = AccountTerritory.objects.filter(account=cast.accounts["Acorn"])
            held.update(superseded_at=timezone.now())
        with acting(cast.coordinator):
            asked = kept(cast, cast.coordinator)
        words = "The account is in no territory on May 12, 2026"
        link = f'<a href="{reverse("account_detail", args=[cast.accounts["Acorn"].pk])}">{words}</a>'
        client = browse(cast.coordinator)
        for address in (QUEUE, form_of(asked)):
            assert link in client.get(address).content.decode(), address


class TestGivingUp:
    def test_whoever_did_not_enter_it_says_why(self, cast: Cast, acting: Acting, browse: Any) -> None:
        with acting(cast.rep):
            asked = kept(cast)
        address, client = reverse("order_request_cancel", args=[asked.pk]), browse(cast.coordinator)
        assert "Why (optional)" not in plain(client.get(address))
        answer = client.post(address, {"comment": "", "version": "1"})
        assert answer.status_code == 422
        assert "Say why; whoever entered it is told." in plain(answer)
        assert "Why (optional)" in plain(browse(cast.rep).get(address))
        browse(cast.rep).post(address, {"comment": "", "version": "1"})
        (row,) = requests()
        assert (row.state, row.comment) == ("cancelled", "")


class TestRefusals:
    def test_a_split_is_refused_beside_its_share_and_the_reasons_stay(
        self, cast: Cast, acting: Acting, browse: Any
    ) -> None:
        sixty = [ShareInput(cast.rep.pk, 60_000_000)]
        with acting(cast.rep):
            asked = kept(cast, shares=sixty)
        split = rows("shares", {"person": "Rita Rep", "percent": "60"})
        answer = browse(cast.coordinator).post(form_of(asked), typed(cast, **split))
        assert answer.status_code == 422
        page = answer.content.decode()
        assert '<a href="#id_shares-0-percent">Share in percent</a>: The shares total 60 %.' in page
        field = page.split('id="id_shares-0-percent"')[0].rpartition("<input")[2]
        assert 'aria-invalid="true"' in field + page.split('id="id_shares-0-percent"')[1].split(">")[0]
        assert "Why it is not booked yet" in page

    def test_a_removed_row_is_passed_over(self, cast: Cast, acting: Acting, browse: Any) -> None:
        with acting(cast.rep):
            asked = kept(cast)
        split = rows(
            "shares",
            {"person": "Paul Peer", "percent": "40", "DELETE": "on"},
            {"person": "Rita Rep", "percent": "60"},
        )
        page = browse(cast.coordinator).post(form_of(asked), typed(cast, **split)).content.decode()
        assert '<a href="#id_shares-1-percent">Share in percent</a>: The shares total 60 %.' in page


class TestTaken:
    def test_the_form_begins_with_the_first_field_to_mend(
        self, cast: Cast, acting: Acting, browse: Any
    ) -> None:
        with acting(cast.rep):
            wrong = kept(cast, shares=[ShareInput(cast.rep.pk, 60_000_000)])
            right = kept(cast)
        client = browse(cast.coordinator)
        begun = client.get(f"{form_of(wrong)}&queue=1").content.decode()
        assert begun.count(" autofocus") == 1
        assert (
            'id="id_shares-0-percent"'
            in begun.split(" autofocus")[0][-400:] + begun.split(" autofocus")[1][:200]
        )
        assert " autofocus" not in client.get(f"{form_of(right)}&queue=1").content.decode()

    def test_who_saves_it_has_it(self, cast: Cast, acting: Acting, browse: Any) -> None:
        asks(cast, acting, "purchase_order")
        with acting(cast.rep):
            won(cast)
        deal = deal_now(cast)
        terms: dict[str, Any] = {
            "account_id": deal.account_id,
            "booked_on": MAY,
            "currency": "USD",
            "lines": [LineInput(cast.products["Licence"].pk, 1, 2_000_00)],
            "shares": [],
            "motion": "new",
            "opportunity_id": deal.pk,
        }
        with acting(cast.rep):
            keep_won_order(by=cast.rep.pk, opportunity_version=deal.version, **terms)
        (row,) = requests()
        assert row.claimed_by_id is None
        with acting(cast.coordinator):
            keep_won_order(by=cast.coordinator.pk, opportunity_version=deal_now(cast).version, **terms)
        (row,) = requests()
        assert (row.claimed_by_id, row.amount_minor) == (cast.coordinator.pk, 2_000_00)
        taken = browse(cast.coordinator).post(reverse("order_request_next"))
        assert taken["Location"] == f"{reverse('order_book')}?opportunity={deal.pk}&queue=1"


class TestTheList:
    def test_it_says_how_many_wait_and_what_they_come_to(
        self, cast: Cast, acting: Acting, browse: Any
    ) -> None:
        with acting(cast.rep):
            kept(cast)
            kept(cast, lines=[LineInput(cast.products["Licence"].pk, 1, 500_25)])
            kept(cast, currency="EUR", lines=[LineInput(cast.products["Licence"].pk, 1, 70_00)])
            kept(cast, is_draft=True)
        assert "3 orders · €70.00 · $1,500.25" in plain(browse(cast.coordinator).get(QUEUE))
        assert "1 order · $1,000.00" in plain(browse(cast.rep).get(QUEUE, {"show": "mine"}))
        assert "$1,500.25" not in plain(browse(cast.other_rep).get(QUEUE))

    def test_who_works_on_one_stands_with_its_owner(self, cast: Cast, acting: Acting, browse: Any) -> None:
        with acting(cast.rep):
            kept(cast)
        client = browse(cast.coordinator)
        client.post(reverse("order_request_next"))
        assert "Rita Rep Cora Coordinator works on it" in plain(client.get(QUEUE))

    def test_the_tile_of_entry_time_says_that_it_is_the_share_in_time(self, cast: Cast, browse: Any) -> None:
        page = plain(browse(cast.rep).get("/orders/accuracy/"))
        assert "Entered in time —" in page
