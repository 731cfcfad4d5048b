"""An order that waits is saved before everything is right: of a won deal as without one, on pages and over the API."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from catalog.models import Product
from common.errors import Conflict, Missing, NotInReach, Refused, Stale
from common.models import Rate
from common.services import set_policy
from common.transaction import reach
from orders.models import OrderRequest
from orders.selectors.awaiting import awaited, explained, requests_in
from orders.selectors.queue_times import times_to_book
from orders.services import (
    LineInput,
    ShareInput,
    book,
    claim_order,
    keep_order,
    keep_won_order,
    send_order_back,
)
from tests.calls import Api, faults
from tests.cast import Cast
from tests.closing import close_period
from tests.conftest import Acting
from tests.orders.test_book import ledger, order_of
from tests.orders.test_book_by_split import split
from tests.orders.test_order_book import rows
from tests.orders.test_queue import HALF, everything, kept, terms, why
from tests.orders.winning import MAY, asks, deal_now, requests, sign, won
from tests.planning.test_draft_statements import statements
from tests.salesops.conftest import plain
from workspace.models import ListValue

SIXTY, FORTY = 60_000_000, 40_000_000
PAPERS = ("purchase_order", "contract_number", "signed_on", "bill_to", "ship_to", "ticks")
TERMS = ("account_id", "owner_id", "booked_on", "currency", "motion", "renews_order_id", "lines", "shares")
SENT_AGAIN = (*TERMS, *PAPERS)
"""What a program sends again as it has read it."""


@pytest.fixture
def waiting(cast: Cast, acting: Acting) -> OrderRequest:
    """Rita's deal is won for 1,000.00 without its contract; the version of the deal is 2 from then on."""
    asks(cast, acting, "contract")
    with acting(cast.rep):
        done = won(cast)
    assert isinstance(done, OrderRequest)
    return done


def mended(cast: Cast, by: Any, **changes: Any) -> OrderRequest:
    """The order of that deal kept with what is typed now, as one has read the deal."""
    deal = cast.deals["Acorn renewal"].pk
    said = {"opportunity_id": deal, "opportunity_version": deal_now(cast).version, **changes}
    return keep_won_order(by=by.pk, **{**terms(cast), **said})


class TestOfAWonDeal:
    def test_what_is_typed_stays_and_the_row_says_what_still_lacks(
        self, cast: Cast, acting: Acting, waiting: OrderRequest
    ) -> None:
        typed = {
            "booked_on": date(2026, 5, 14),
            "lines": [LineInput(cast.products["Licence"].pk, 3, 1_500_00, term_months=24)],
            "shares": [ShareInput(cast.rep.pk, SIXTY)],
            "purchase_order": "PO-9",
            "contract_number": "C-9",
            "signed_on": date(2026, 5, 13),
            "bill_to": "Acorn Ltd",
            "ship_to": "Dock 4",
        }
        with acting(cast.coordinator):
            row = mended(cast, cast.coordinator, **typed)
            assert why(row) == [
                ("contract", "the signed contract", ""),
                ("split_total", "The shares total 60 %", "shares-0-percent"),
            ]
        (row,) = requests()
        papers = ("booked_on", "purchase_order", "contract_number", "signed_on", "bill_to", "ship_to")
        assert {name: getattr(row, name) for name in papers} == {name: typed[name] for name in papers}
        assert (row.pk, row.state, row.asked_at) == (waiting.pk, "waiting", waiting.asked_at)
        assert (row.lines[0]["quantity"], row.lines[0]["amount_minor"], row.lines[0]["term_months"]) == (
            3,
            1_500_00,
            24,
        )
        assert row.shares == [{"person_id": cast.rep.pk, "weight": SIXTY, "kind": "revenue"}]
        deal = deal_now(cast)
        assert (deal.state, deal.awaits_booking, deal.close_on) == ("won", True, date(2026, 5, 14))
        assert ledger() == []

    def test_once_it_is_right_it_is_booked_as_it_stands(
        self, cast: Cast, acting: Acting, waiting: OrderRequest
    ) -> None:
        split = [ShareInput(cast.rep.pk, SIXTY), ShareInput(cast.peer.pk, FORTY)]
        with acting(cast.coordinator):
            mended(cast, cast.coordinator, shares=split[:1])
            mended(cast, cast.coordinator, shares=split)
        sign(cast)
        with acting(cast.coordinator):
            won(cast, by=cast.coordinator, shares=split)
        assert {row.person_id: row.amount_minor for row in ledger()} == {
            cast.rep.pk: 600_00,
            cast.peer.pk: 400_00,
        }
        assert [row.state for row in requests()] == ["booked"]

    def test_half_a_split_is_shared_as_the_deal_is_until_it_is_whole(
        self, cast: Cast, acting: Acting, waiting: OrderRequest
    ) -> None:
        with acting(cast.coordinator):
            mended(cast, cast.coordinator, shares=[ShareInput(cast.peer.pk, FORTY)])
        with acting(cast.rep) as context:
            parts = awaited(context.reach, cast.q2.span)
        assert [(part.person_id, part.plan_minor) for part in parts] == [(cast.rep.pk, 1_000_00)]

    def test_who_read_another_state_of_the_deal_is_told(
        self, cast: Cast, acting: Acting, waiting: OrderRequest
    ) -> None:
        with acting(cast.coordinator):
            mended(cast, cast.coordinator, purchase_order="PO-1")
        sign(cast)
        with acting(cast.manager), pytest.raises(Stale):
            mended(cast, cast.manager, opportunity_version=2)
        with acting(cast.manager), pytest.raises(Stale):
            won(cast, by=cast.manager, opportunity_version=2)
        assert requests()[0].purchase_order == "PO-1"

    def test_who_takes_it_out_of_the_queue_changes_nothing_of_the_deal(
        self, cast: Cast, acting: Acting, waiting: OrderRequest
    ) -> None:
        with acting(cast.coordinator):
            claim_order(by=cast.coordinator.pk, request_id=waiting.pk, version=1)
            row = mended(cast, cast.coordinator, opportunity_version=2)
        assert (row.claimed_by_id, row.version) == (cast.coordinator.pk, 3)

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"currency": "EUR"}, "other_currency"),
            ({"lines": []}, "line_count"),
            ({"booked_on": date(2026, 5, 21)}, "date_range"),
            ({"shares": [ShareInput(999_999, HALF)]}, "unknown_person"),
        ],
    )
    def test_what_no_order_can_say_is_refused(
        self, cast: Cast, acting: Acting, waiting: OrderRequest, changes: dict[str, Any], code: str
    ) -> None:
        with acting(cast.coordinator), pytest.raises(Refused) as refused:
            mended(cast, cast.coordinator, **changes)
        assert refused.value.code == code
        with acting(cast.coordinator), pytest.raises(Missing):
            mended(cast, cast.coordinator, opportunity_version=None)
        assert deal_now(cast).version == 2

    def test_nobody_takes_from_another_ones_share_of_the_deal_by_it(self, cast: Cast, acting: Acting) -> None:
        deal = cast.deals["Acorn renewal"].pk
        with acting(cast.manager):
            split(cast.manager, deal, MAY, {cast.rep.pk: SIXTY, cast.peer.pk: FORTY})
        asks(cast, acting, "contract")
        with acting(cast.rep):
            won(cast)
        alone = [ShareInput(cast.rep.pk, SIXTY)]
        with acting(cast.rep), pytest.raises(Refused) as refused:
            mended(cast, cast.rep, shares=alone)
        assert (refused.value.code, refused.value.path) == ("share_lowered", "shares")
        with acting(cast.coordinator):
            assert mended(cast, cast.coordinator, shares=alone).shares[0]["weight"] == SIXTY

    def test_its_day_goes_into_no_closed_period_and_stays_in_one(
        self, cast: Cast, acting: Acting, waiting: OrderRequest
    ) -> None:
        march = date(2026, 3, 31)
        with acting(cast.coordinator):
            mended(cast, cast.coordinator, booked_on=march)
        with everything():
            close_period(cast.q1.pk)
        with acting(cast.coordinator):
            row = mended(cast, cast.coordinator, booked_on=march, purchase_order="PO-1")
            assert [code for code, _text, _field in why(row)] == ["contract", "period_closed"]
            mended(cast, cast.coordinator, booked_on=MAY)
        with acting(cast.coordinator), pytest.raises(Conflict) as refused:
            mended(cast, cast.coordinator, booked_on=march)
        assert (refused.value.code, deal_now(cast).closed_on) == ("period_closed", MAY)

    @pytest.mark.parametrize("who", ["other_rep", "other_manager"])
    def test_others_cannot(self, cast: Cast, acting: Acting, waiting: OrderRequest, who: str) -> None:
        with acting(getattr(cast, who)), pytest.raises(NotInReach):
            mended(cast, getattr(cast, who))

    def test_a_deal_that_is_open_again_is_won_first(
        self, cast: Cast, acting: Acting, waiting: OrderRequest
    ) -> None:
        with acting(cast.coordinator):
            send_order_back(by=cast.coordinator.pk, request_id=waiting.pk, version=1, comment="No")
        with acting(cast.coordinator), pytest.raises(NotInReach):
            mended(cast, cast.coordinator)
        again = {"request_id": waiting.pk, "request_version": 2}
        with acting(cast.coordinator), pytest.raises(Conflict) as refused:
            keep_order(by=cast.coordinator.pk, **terms(cast, **again))
        assert refused.value.code == "opportunity_open"

    @pytest.mark.parametrize("changes", [{"owner_id": "peer"}, {"is_draft": True}])
    def test_it_is_its_owners_and_no_draft(
        self, cast: Cast, acting: Acting, waiting: OrderRequest, changes: dict[str, Any]
    ) -> None:
        named = {**changes, **({"owner_id": cast.peer.pk} if "owner_id" in changes else {})}
        again = {"request_id": waiting.pk, "request_version": 1, **named}
        with acting(cast.coordinator), pytest.raises(Refused) as refused:
            keep_order(by=cast.coordinator.pk, **terms(cast, **again))
        assert (refused.value.code, refused.value.path) == ("has_opportunity", next(iter(changes)))


class TestOnThePage:
    def page(self, cast: Cast) -> str:
        return f"{reverse('order_book')}?opportunity={cast.deals['Acorn renewal'].pk}&queue=1"

    def typed(self, cast: Cast, **changes: Any) -> dict[str, Any]:
        licence = {"product": cast.products["Licence"].pk, "quantity": "2", "amount": "1,234.56"}
        return {
            "booked_on": "2026-05-13",
            "motion": "expansion",
            "purchase_order": "PO-17",
            "contract_number": "C-9",
            "bill_to": "Acorn Ltd",
            "won_reason": "Best offer",
            "version": "2",
            **rows("lines", licence),
            **rows("shares", {"person": "Rita Rep", "percent": "60"}),
            **changes,
        }

    def test_a_coordinator_saves_half_of_it_and_finds_it_again(
        self, cast: Cast, acting: Acting, browse: Any, waiting: OrderRequest
    ) -> None:
        client = browse(cast.coordinator)
        form = client.get(self.page(cast)).content.decode()
        assert '<button class="button" type="submit" name="way" value="in" data-key="s">Save ' in form
        with everything():
            ListValue.objects.create(list="won_reason", value="Best offer", position=90)
        done = client.post(self.page(cast), self.typed(cast, way="in"), follow=True)
        assert done.redirect_chain[-1][0] == reverse("order_request_list")
        shown = plain(done)
        assert "Saved. It waits for this: the signed contract, The shares total 60 %." in shown
        assert "the signed contract The shares total 60 %" in shown
        again = client.get(self.page(cast)).content.decode()
        for value in ("PO-17", "C-9", "1,234.56", "2026-05-13", "Rita Rep", "60"):
            assert f'value="{value}"' in again, value
        assert "Acorn Ltd</textarea>" in again
        assert '<option value="Best offer" selected>' in again
        assert ledger() == []

    def test_a_refusal_leaves_what_was_typed_and_saves_nothing(
        self, cast: Cast, browse: Any, waiting: OrderRequest
    ) -> None:
        client = browse(cast.coordinator)
        booking = client.post(self.page(cast), self.typed(cast, won_reason=""))
        assert booking.status_code == 422
        for text in ("The signed contract is missing", 'value="PO-17"', 'data-key="s"'):
            assert text in booking.content.decode()
        stale = client.post(self.page(cast), self.typed(cast, won_reason="", way="in", version="1"))
        assert (stale.status_code, requests()[0].purchase_order) == (412, "")
        sent = client.post(self.page(cast), self.typed(cast, won_reason="", way="in"))
        assert (sent.status_code, requests()[0].purchase_order) == (302, "PO-17")


class TestOverTheApi:
    def test_what_is_read_is_mended_and_sent_again(self, cast: Cast, acting: Acting) -> None:
        with everything():
            for kind in ("plan", "booked"):
                Rate.objects.create(
                    kind=kind, currency="JPY", value=Decimal("0.01"), starts_on=date(2025, 1, 1)
                )
        line = LineInput(
            cast.products["Licence"].pk, 2, 120_000, term_months=12, shares=(ShareInput(cast.peer.pk, HALF),)
        )
        papers = {
            "contract_number": "C-9",
            "signed_on": MAY,
            "bill_to": "Acorn\n1 Oak St",
            "ship_to": "Dock 4",
        }
        with acting(cast.rep):
            asked = kept(cast, currency="JPY", lines=[line], shares=[ShareInput(cast.rep.pk, HALF)], **papers)
        (read,) = Api(cast.coordinator).get("orders/awaiting/").json()["results"]
        assert read["lines"] == [
            {
                "product_id": cast.products["Licence"].pk,
                "quantity": 2,
                "amount": "120000",
                "renewed": "0",
                "term_months": 12,
                "shares": [{"person_id": cast.peer.pk, "percent": "50", "kind": "revenue"}],
            }
        ]
        assert read["shares"] == [{"person_id": cast.rep.pk, "percent": "50", "kind": "revenue"}]
        assert (read["amount"], read["signed_on"], read["bill_to"]) == (
            "120000",
            "2026-05-12",
            "Acorn\n1 Oak St",
        )
        assert read["awaits"] == ["split_total"]
        same = {name: read[name] for name in SENT_AGAIN}
        whole = [{"person_id": cast.rep.pk, "percent": "100", "kind": "revenue"}]
        same["lines"][0]["shares"], same["shares"] = [], whole
        change = {**same, "request_id": read["id"], "request_version": read["version"]}
        sent = Api(cast.coordinator).post("orders/awaiting/", change)
        assert (sent.status_code, sent.json()["id"], sent.json()["version"]) == (201, asked.pk, 2)
        assert (sent.json()["awaits"], sent.json()["state"]) == ([], "waiting")
        assert Api(cast.coordinator).get(f"orders/awaiting/{asked.pk}/").json() == sent.json()
        late = Api(cast.coordinator).post("orders/awaiting/", change)
        assert (late.status_code, faults(late)) == (412, [("stale", "")])
        assert Api(cast.coordinator).post("orders/", {**change, "request_version": 2}).status_code == 201

    def test_that_of_a_won_deal_too(self, cast: Cast, waiting: OrderRequest) -> None:
        api = Api(cast.coordinator)
        read = api.get(f"orders/awaiting/{waiting.pk}/").json()
        assert (read["opportunity_id"], read["shares"], read["comment"]) == (
            cast.deals["Acorn renewal"].pk,
            [],
            "",
        )
        names = ("account_id", "owner_id", "booked_on", "currency", "motion", "lines", "contract_number")
        change = {**{name: read[name] for name in names}, "purchase_order": "PO-5"}
        sent = api.post("orders/awaiting/", {**change, "request_id": waiting.pk, "request_version": 1})
        assert (sent.status_code, sent.json()["purchase_order"], sent.json()["version"]) == (201, "PO-5", 2)
        assert sent.json()["awaits"] == ["contract"]

    def test_ones_own_drafts_and_what_was_sent_back(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            draft, asked = kept(cast, is_draft=True), kept(cast)
        with acting(cast.coordinator):
            send_order_back(by=cast.coordinator.pk, request_id=asked.pk, version=1, comment="Which office?")
        read = Api(cast.rep).get("orders/awaiting/?show=mine").json()["results"]
        assert [(row["id"], row["state"], row["comment"]) for row in read] == [
            (draft.pk, "draft", ""),
            (asked.pk, "back", "Which office?"),
        ]
        assert Api(cast.coordinator).get("orders/awaiting/?show=mine").json()["results"] == []
        assert Api(cast.coordinator).get(f"orders/awaiting/{draft.pk}/").status_code == 404
        assert Api(cast.peer).get(f"orders/awaiting/{asked.pk}/").status_code == 404
        assert Api(cast.rep).get("orders/awaiting/?show=all").status_code == 400


def different(cast: Cast, number: int) -> OrderRequest:
    """The number-th of orders that are on days, in currencies and of prices of their own, and renew one each."""
    day = MAY - timedelta(days=number)
    order = order_of(
        cast, booked_on=day, currency="EUR" if number % 2 else "USD", purchase_order=f"PO-{number}"
    )
    licence = cast.products["Licence"].pk
    return kept(
        cast,
        booked_on=day,
        currency=order.currency,
        motion="renewal",
        renews_order_id=order.pk,
        lines=[LineInput(licence, 1, 1_000_00 + number, renewed_minor=1_000_00)],
        purchase_order=f"PO-{number}",
        shares=[ShareInput(cast.rep.pk, HALF)],
    )


@pytest.mark.parametrize("who", ["rep", "manager", "director", "coordinator", "admin"])
def test_a_token_that_only_reads_reads_what_waits(
    cast: Cast, acting: Acting, waiting: OrderRequest, who: str
) -> None:
    with acting(cast.rep):
        asked = kept(cast)
    api, whole = Api(getattr(cast, who), "read"), Api(getattr(cast, who))
    rows = api.get("orders/awaiting/").json()["results"]
    assert {row["id"] for row in rows} == {waiting.pk, asked.pk}
    assert [row["id"] for row in rows] == [
        row["id"] for row in whole.get("orders/awaiting/").json()["results"]
    ]
    for request in (waiting, asked):
        assert api.get(f"orders/awaiting/{request.pk}/").json()["id"] == request.pk
    refused = api.post("orders/awaiting/", {})
    assert refused.status_code == 403
    assert faults(refused) == [("forbidden", "")]


@pytest.mark.parametrize(("who", "status"), [("peer", 404), ("other_manager", 404), ("executive", 403)])
def test_it_reads_nothing_out_of_reach(cast: Cast, waiting: OrderRequest, who: str, status: int) -> None:
    for scopes in (("read",), ("read", "write")):
        api = Api(getattr(cast, who), *scopes)
        assert api.get(f"orders/awaiting/{waiting.pk}/").status_code == status


def test_statements_do_not_grow_with_what_is_different_in_the_rows(
    cast: Cast, acting: Acting, browse: Any
) -> None:
    """The list of twelve orders of twelve days, two currencies and twelve renewals asks what that of three asks."""
    with everything():
        Product.objects.filter(name="Licence").update(list_price_minor=9_000_00, currency="USD")
    with acting(cast.admin):
        set_policy(by=cast.admin.pk, name="backdate_days", value=366)
    client, address = browse(cast.coordinator), reverse("order_request_list")
    with acting(cast.rep):
        for number in range(3):
            different(cast, number)
    with acting(cast.admin):
        set_policy(by=cast.admin.pk, name="price_limit_percent", value=80)
        set_policy(by=cast.admin.pk, name="backdate_days", value=0)
    client.get(address)
    three, shown = statements(lambda: client.get(address))
    with acting(cast.admin):
        set_policy(by=cast.admin.pk, name="price_limit_percent", value=0)
        set_policy(by=cast.admin.pk, name="backdate_days", value=366)
    with acting(cast.rep):
        for number in range(3, 12):
            different(cast, number)
    with acting(cast.admin):
        set_policy(by=cast.admin.pk, name="price_limit_percent", value=80)
        set_policy(by=cast.admin.pk, name="backdate_days", value=0)
    client.get(address)
    twelve, more = statements(lambda: client.get(address))
    codes = {lack.code for row in shown.context["rows"] for lack in row.lacks}
    assert codes == {"split_total", "too_old", "price_low", "purchase_order_taken"}
    assert (len(shown.context["rows"]), len(more.context["rows"])) == (3, 12)
    assert twelve == three


def test_a_deal_that_is_won_again_waits_from_then_on(cast: Cast, acting: Acting, clock: Any) -> None:
    """What came before it was sent back was another order: neither its age nor the time to book counts that."""
    asks(cast, acting, "contract")
    with acting(cast.rep):
        first = won(cast)
    clock.shift(30 * 3600)
    with acting(cast.coordinator):
        send_order_back(by=cast.coordinator.pk, request_id=first.pk, version=1, comment="Nobody signed")
    clock.shift(20 * 3600)
    with acting(cast.rep):
        again = won(cast)
    assert again.pk != first.pk
    clock.shift(3 * 3600)
    with acting(cast.coordinator):
        (row,) = explained(list(requests_in(reach())), reach())
        assert (row.request.pk, row.days) == (again.pk, 0)
    sign(cast)
    with acting(cast.coordinator):
        won(cast, by=cast.coordinator)
        (week,) = times_to_book(reach())
    assert (week.booked, str(week.median_hours), str(week.slow_hours)) == (1, "3.0", "3.0")


def test_an_order_without_a_deal_counts_on_when_it_is_handed_in_again(
    cast: Cast, acting: Acting, clock: Any
) -> None:
    with acting(cast.rep):
        asked = kept(cast)
    clock.shift(30 * 3600)
    with acting(cast.coordinator):
        send_order_back(by=cast.coordinator.pk, request_id=asked.pk, version=1, comment="Which office?")
    clock.shift(10 * 3600)
    with acting(cast.rep):
        kept(cast, request_id=asked.pk, request_version=2)
    with acting(cast.coordinator):
        said = terms(cast, owner_id=cast.rep.pk, request_id=asked.pk, request_version=3)
        book(by=cast.coordinator.pk, **said)
        (week,) = times_to_book(reach())
    assert str(week.median_hours) == "40.0"
