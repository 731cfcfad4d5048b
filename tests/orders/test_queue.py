"""Orders that cannot book themselves: kept as typed, each reason told, worked through, booked, sent back, given up."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccountTerritory
from catalog.models import BundlePart, Product
from common.access import Reach
from common.errors import Conflict, Forbidden, Missing, NotInReach, Refused, Stale
from common.models import Rate
from common.services import set_policy
from common.transaction import reach, work
from orders.models import OrderRequest, ReviewTick
from orders.selectors.awaiting import explained, requests_in, requests_of
from orders.selectors.queue_times import times_to_book
from orders.services import (
    LineInput,
    ShareInput,
    add_point,
    book,
    book_on_another_day,
    cancel_kept_order,
    claim_next,
    claim_order,
    keep_order,
    release_order,
    remove_point,
    send_order_back,
)
from tests.calls import Api, faults
from tests.cast import Cast
from tests.closing import close_period
from tests.conftest import Acting
from tests.orders.test_book import ledger, order_of
from tests.orders.test_order_book import rows
from tests.orders.winning import asks, deal_now, requests, won
from tests.planning.test_draft_statements import statements
from tests.salesops.conftest import plain

MAY = date(2026, 5, 12)
HALF = 50_000_000


def terms(cast: Cast, **changes: Any) -> dict[str, Any]:
    """An order of a licence for 1,000.00, booked on 12 May without a deal unless said otherwise."""
    return {
        "account_id": cast.accounts["Acorn"].pk,
        "booked_on": MAY,
        "currency": "USD",
        "lines": [LineInput(cast.products["Licence"].pk, 1, 1_000_00)],
        "shares": [],
        "motion": "new",
        **changes,
    }


def kept(cast: Cast, by: Any = None, **changes: Any) -> OrderRequest:
    return keep_order(by=(by or cast.rep).pk, **terms(cast, **changes))


def why(asked: OrderRequest) -> list[tuple[str, str, str]]:
    """Why it waits: the codes, the sentences and the fields that mend it."""
    (waiting,) = explained([asked], reach())
    return [(lack.code, lack.text, lack.field) for lack in waiting.lacks]


def everything() -> Any:
    return work(by=None, why="a test", reach=Reach.everything())


class TestWhyItWaits:
    def test_nothing_keeps_it(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            assert why(kept(cast)) == []

    def test_papers_that_settings_ask_for(self, cast: Cast, acting: Acting) -> None:
        asks(cast, acting, "both")
        with acting(cast.rep):
            assert why(kept(cast)) == [
                ("purchase_order", "the purchase order number", "purchase_order"),
            ], "an order without a deal is not asked for its contract"
            assert why(kept(cast, purchase_order="PO-1")) == []

    def test_a_product_that_is_no_longer_sold(self, cast: Cast, acting: Acting) -> None:
        with everything():
            Product.objects.filter(name="Licence").update(retired_on=date(2026, 5, 1))
        with acting(cast.rep):
            asked = kept(cast)
            assert why(asked) == [("not_sold", "Licence (line 1) is no longer sold", "lines-0-product")]
            with pytest.raises(Refused) as refused:
                book(by=cast.rep.pk, **terms(cast, request_id=asked.pk, request_version=asked.version))
        assert refused.value.code == "not_sold"

    def test_no_rate(self, cast: Cast, acting: Acting) -> None:
        with everything():
            for rate in Rate.objects.filter(kind="plan"):
                rate.replaced(stops_on=date(2026, 5, 1))
        with acting(cast.rep):
            asked = kept(cast, currency="EUR")
            assert [(code, field) for code, _text, field in why(asked)] == [("no_rate", "booked_on")]
            with pytest.raises(Conflict) as refused:
                book(
                    by=cast.rep.pk,
                    **terms(cast, currency="EUR", request_id=asked.pk, request_version=asked.version),
                )
        assert refused.value.code == "no_rate"

    def test_shares_that_do_not_total_100(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            asked = kept(cast, shares=[ShareInput(cast.rep.pk, HALF)])
            assert why(asked) == [("split_total", "The shares total 50 %", "shares-0-percent")]

    def test_a_closed_period(self, cast: Cast, acting: Acting) -> None:
        with everything():
            close_period(cast.q1.pk)
        with acting(cast.rep):
            asked = kept(cast, booked_on=date(2026, 3, 31))
            assert [code for code, _text, _field in why(asked)] == ["period_closed"]

    def test_a_day_too_far_back(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.admin):
            set_policy(by=cast.admin.pk, name="backdate_days", value=5)
        with acting(cast.rep):
            free = terms(cast, booked_on=date(2026, 5, 13))
            book(by=cast.rep.pk, **free)
            with pytest.raises(Refused) as refused:
                book(by=cast.rep.pk, **terms(cast))
            asked = kept(cast)
            text = "Booked 6 working days back; 5 are free"
            assert why(asked) == [("too_old", text, "booked_on")]
        assert (refused.value.code, refused.value.path) == ("too_old", "booked_on")
        assert str(refused.value.message) == f"{text}. Hand the order in: a coordinator decides."
        with acting(cast.coordinator):
            order = book(
                by=cast.coordinator.pk,
                **terms(cast, request_id=asked.pk, request_version=asked.version, owner_id=cast.rep.pk),
                accepted_because="The signed paper came by post",
            )
        assert (order.booked_on, order.owner_id) == (MAY, cast.rep.pk)

    def test_an_account_without_a_territory(self, cast: Cast, acting: Acting) -> None:
        with everything():
            AccountTerritory.objects.filter(account=cast.accounts["Acorn"]).update(
                superseded_at=timezone.now()
            )
        with acting(cast.coordinator):
            asked = kept(cast, cast.coordinator)
            assert why(asked) == [
                ("no_territory", "The account is in no territory on May 12, 2026", "account_name")
            ]
            wish = terms(cast, request_id=asked.pk, request_version=asked.version, owner_id=cast.rep.pk)
            wish["accepted_because"] = "The territory is drawn next week"
            assert book(by=cast.coordinator.pk, **wish).territory.is_unassigned

    def test_a_price_below_the_limit(self, cast: Cast, acting: Acting) -> None:
        with everything():
            Product.objects.filter(name="Licence").update(list_price_minor=100_00, currency="USD")
        with acting(cast.admin):
            set_policy(by=cast.admin.pk, name="price_limit_percent", value=80)
        with acting(cast.rep):
            licence = cast.products["Licence"].pk
            assert why(kept(cast, lines=[LineInput(licence, 2, 160_00)])) == []
            low = [LineInput(licence, 2, 159_99)]
            text = "Licence (line 1) is below 80 % of its list price of $200.00"
            assert why(kept(cast, lines=low)) == [("price_low", text, "lines-0-amount")]
            with pytest.raises(Refused) as refused:
                book(by=cast.rep.pk, **terms(cast, lines=low))
        assert (refused.value.code, refused.value.path) == ("price_low", "lines.0.amount")

    @pytest.mark.parametrize(
        ("listed", "into", "price", "is_low"),
        [
            ("EUR", "USD", 219_99, True),
            ("EUR", "USD", 220_00, False),
            ("USD", "EUR", 181_81, True),
            ("USD", "EUR", 181_82, False),
        ],
    )
    def test_a_price_below_the_limit_in_another_currency(
        self, cast: Cast, acting: Acting, listed: str, into: str, price: int, is_low: bool
    ) -> None:
        """At the plan rate of the day: a euro is 1.10 dollars."""
        with everything():
            Product.objects.filter(name="Licence").update(list_price_minor=200_00, currency=listed)
        with acting(cast.admin):
            set_policy(by=cast.admin.pk, name="price_limit_percent", value=100)
        worth = "$220.00" if into == "USD" else "€181.82"
        text = f"Licence (line 1) is below 100 % of its list price of {worth}"
        with acting(cast.rep):
            wish = terms(cast, currency=into, lines=[LineInput(cast.products["Licence"].pk, 1, price)])
            asked = kept(cast, **{name: wish[name] for name in ("currency", "lines")})
            assert why(asked) == ([("price_low", text, "lines-0-amount")] if is_low else [])
            if is_low:
                with pytest.raises(Refused) as refused:
                    book(by=cast.rep.pk, **wish)
                assert (refused.value.code, refused.value.path) == ("price_low", "lines.0.amount")

    def test_a_list_price_without_a_rate_is_for_those_to_decide_who_work_the_queue(
        self, cast: Cast, acting: Acting
    ) -> None:
        with everything():
            Product.objects.filter(name="Licence").update(list_price_minor=200_00, currency="CHF")
        with acting(cast.admin):
            set_policy(by=cast.admin.pk, name="price_limit_percent", value=80)
        with acting(cast.rep):
            text = "Licence (line 1) has its list price in CHF, without a plan rate on May 12, 2026"
            assert why(kept(cast)) == [("price_low", text, "lines-0-amount")]

    def test_a_won_deal_waits_for_the_same(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.admin):
            set_policy(by=cast.admin.pk, name="backdate_days", value=0)
        with acting(cast.rep):
            done = won(cast)
            assert isinstance(done, OrderRequest)
            assert [code for code, _text, _field in why(done)] == ["too_old"]
        assert deal_now(cast).awaits_booking_since is not None
        assert ledger() == []

    def test_the_purchase_order_of_another_order(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            order_of(cast, purchase_order="PO 7")
            text = "Another order of this account has that purchase order"
            assert why(kept(cast, purchase_order="po7")) == [("purchase_order_taken", text, "purchase_order")]

    def test_what_no_order_can_say_is_not_kept(self, cast: Cast, acting: Acting) -> None:
        twice = [ShareInput(cast.rep.pk, HALF), ShareInput(cast.rep.pk, HALF)]
        with acting(cast.rep):
            with pytest.raises(Refused) as refused:
                kept(cast, shares=twice)
            assert refused.value.code == "splitshare_person_once"
            other = order_of(cast, currency="EUR")
            with pytest.raises(Refused):
                kept(cast, renews_order_id=other.pk, motion="renewal")

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"account_id": None}, "required"),
            ({"shares": [ShareInput(999_999, HALF)]}, "unknown_person"),
            ({"booked_on": date(2026, 5, 21)}, "date_range"),
            ({"signed_on": date(2026, 5, 21)}, "date_range"),
            ({"currency": "XXX"}, "unknown_currency"),
            ({"lines": []}, "line_count"),
        ],
    )
    def test_a_refusal_says_what(
        self, cast: Cast, acting: Acting, changes: dict[str, Any], code: str
    ) -> None:
        with acting(cast.rep):
            with pytest.raises(Refused) as refused:
                kept(cast, **changes)
            assert refused.value.code == code
            with pytest.raises(Missing):
                kept(cast, request_id=kept(cast).pk)

    def test_the_order_of_a_deal_is_booked_with_it(self, cast: Cast, acting: Acting) -> None:
        asks(cast, acting, "contract")
        with acting(cast.rep):
            asked = won(cast)
        again = terms(cast, owner_id=cast.rep.pk, request_id=asked.pk, request_version=1)
        with acting(cast.coordinator), pytest.raises(Conflict, match="booked with its opportunity"):
            book(by=cast.coordinator.pk, **again)

    def test_one_order_is_about_to_be_renewed_once(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            order = order_of(cast)
            lines = [LineInput(cast.products["Licence"].pk, 1, 1_200_00, renewed_minor=1_000_00)]
            renewal = {"renews_order_id": order.pk, "motion": "renewal", "lines": lines}
            asked = kept(cast, **renewal)
            with pytest.raises(Conflict, match="awaits its booking"):
                kept(cast, **renewal)
            kept(cast, **renewal, request_id=asked.pk, request_version=1)

    def test_an_account_out_of_reach_is_told_of_in_no_other_way(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.admin):
            set_policy(by=cast.admin.pk, name="backdate_days", value=0)
        for account in (cast.accounts["Cedar"].pk, 999_999):
            with acting(cast.rep), pytest.raises(NotInReach):
                book(by=cast.rep.pk, **terms(cast, account_id=account))

    def test_a_director_puts_no_order_where_they_could_not_book_it(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            order = order_of(cast, booked_on=date(2026, 5, 20))
        with acting(cast.admin):
            set_policy(by=cast.admin.pk, name="backdate_days", value=5)
        day = {"order_id": order.pk, "version": 1, "booked_on": MAY, "reason": "Signed then"}
        with acting(cast.director):
            with pytest.raises(Refused) as refused:
                book_on_another_day(by=cast.director.pk, **day)
            assert refused.value.code == "too_old"
        with acting(cast.coordinator):
            book_on_another_day(by=cast.coordinator.pk, **day)

    def test_many_are_looked_at_in_few_statements(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            first = kept(cast, purchase_order="PO-0")
            one, _found = statements(lambda: explained([first], reach()))
            more = [first, *(kept(cast, purchase_order=f"PO-{n}") for n in range(5))]
            several, _found = statements(lambda: explained(more, reach()))
        assert several <= one


class TestAccepting:
    """Who works the queue books what others may not, and says why."""

    WHY = "The signed paper came by post"

    @pytest.fixture
    def asked(self, cast: Cast, acting: Acting) -> OrderRequest:
        """An order of a licence at 50.00, half of its list price, booked 6 working days back where 5 are free."""
        with everything():
            Product.objects.filter(name="Licence").update(list_price_minor=100_00, currency="USD")
        with acting(cast.admin):
            set_policy(by=cast.admin.pk, name="price_limit_percent", value=80)
            set_policy(by=cast.admin.pk, name="backdate_days", value=5)
        with acting(cast.rep):
            return kept(cast, lines=[LineInput(cast.products["Licence"].pk, 1, 50_00)])

    def wish(self, cast: Cast, asked: OrderRequest, **changes: Any) -> dict[str, Any]:
        lines = [LineInput(cast.products["Licence"].pk, 1, 50_00)]
        known = {"request_id": asked.pk, "request_version": asked.version, "owner_id": cast.rep.pk}
        return terms(cast, lines=lines, **{**known, **changes})

    def test_without_a_reason_it_is_refused_and_every_exception_named(
        self, cast: Cast, acting: Acting, asked: OrderRequest
    ) -> None:
        with acting(cast.coordinator), pytest.raises(Refused) as refused:
            book(by=cast.coordinator.pk, **self.wish(cast, asked), accepted_because="  ")
        assert (refused.value.code, refused.value.path) == ("acceptance_missing", "accepted_because")
        assert str(refused.value.message) == (
            "Say why you accept this: Booked 6 working days back; 5 are free; "
            "Licence (line 1) is below 80 % of its list price of $100.00."
        )
        assert ledger() == []

    def test_the_booking_keeps_what_was_accepted_and_why(
        self, cast: Cast, acting: Acting, asked: OrderRequest
    ) -> None:
        with acting(cast.coordinator):
            order = book(by=cast.coordinator.pk, **self.wish(cast, asked), accepted_because=self.WHY)
            event = order.events.get()
        assert (event.exceptions, event.accepted_because) == (["too_old", "price_low"], self.WHY)
        assert event.by_id == cast.coordinator.pk

    def test_a_reason_lets_nobody_else_book_it(self, cast: Cast, acting: Acting, asked: OrderRequest) -> None:
        for person in (cast.rep, cast.manager):
            with acting(person), pytest.raises(Refused) as refused:
                book(by=person.pk, **self.wish(cast, asked), accepted_because=self.WHY)
            assert refused.value.code == "too_old"

    def test_a_reason_for_nothing_is_not_kept(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.coordinator):
            wish = terms(cast, owner_id=cast.rep.pk, accepted_because=self.WHY)
            event = book(by=cast.coordinator.pk, **wish).events.get()
        assert (event.exceptions, event.accepted_because) == ([], "")

    def test_a_won_deal_asks_for_it_as_well(self, cast: Cast, acting: Acting, asked: OrderRequest) -> None:
        with acting(cast.coordinator):
            with pytest.raises(Refused) as refused:
                won(cast, by=cast.coordinator)
            order = won(cast, by=cast.coordinator, accepted_because=self.WHY)
            assert order.events.get().exceptions == ["too_old"]
        assert refused.value.code == "acceptance_missing"

    def test_its_form_asks_and_its_page_tells(
        self, cast: Cast, acting: Acting, asked: OrderRequest, browse: Any
    ) -> None:
        address = f"{reverse('order_book')}?request={asked.pk}"
        client = browse(cast.coordinator)
        page = client.get(address).content.decode()
        assert 'name="accepted_because"' in page
        assert 'Why this is accepted <span class="optional">(needed to book it)</span>' in page
        assert 'data-key="b" data-key-first="id_accepted_because"' in page
        assert 'name="accepted_because"' not in client.get(reverse("order_book")).content.decode()
        assert 'name="accepted_because"' not in browse(cast.rep).get(address).content.decode()
        licence = {"product": cast.products["Licence"].pk, "quantity": "1", "amount": "50.00"}
        typed = {
            "account_name": "Acorn",
            "booked_on": MAY.isoformat(),
            "motion": "new",
            "currency": "USD",
            "owner_id": "Rita Rep",
            "version": "1",
            **rows("lines", licence),
            **rows("shares", {"person": "Rita Rep", "percent": "100"}),
        }
        refused = client.post(address, typed)
        assert refused.status_code == 422
        assert 'name="accepted_because"' in refused.content.decode()
        done = client.post(address, {**typed, "accepted_because": self.WHY}, follow=True)
        for reader in (cast.coordinator, cast.rep):
            told = plain(browse(reader).get(done.redirect_chain[-1][0]))
            assert (
                "Accepted with exceptions: booking date too far back, price below the limit. "
                f"Why: {self.WHY} Handed in by Rita Rep, " in told
            )

    def test_over_the_api(self, cast: Cast, asked: OrderRequest) -> None:
        line = {"product_id": cast.products["Licence"].pk, "quantity": 1, "amount": "50.00"}
        body = {
            "account_id": cast.accounts["Acorn"].pk,
            "owner_id": cast.rep.pk,
            "booked_on": "2026-05-12",
            "currency": "USD",
            "motion": "new",
            "lines": [line],
            "request_id": asked.pk,
            "request_version": 1,
        }
        api = Api(cast.coordinator)
        refused = api.post("orders/", body)
        assert (refused.status_code, faults(refused)) == (422, [("acceptance_missing", "accepted_because")])
        assert api.post("orders/", {**body, "accepted_because": self.WHY}).status_code == 201


class TestReview:
    def test_every_point_is_ticked_by_who_books(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.admin):
            signed = add_point(by=cast.admin.pk, text="Signed by somebody who may")
            terms_kept = add_point(by=cast.admin.pk, text="Old terms kept", motion="renewal")
        with acting(cast.rep):
            asked = kept(cast, ticks=[])
            assert why(asked) == [("review", "Open in the review: Signed by somebody who may", "ticks")], (
                "the point of renewals is not looked at"
            )
            with pytest.raises(Refused) as refused:
                book(by=cast.rep.pk, **terms(cast))
            order = book(by=cast.rep.pk, **terms(cast, ticks=[signed.pk, terms_kept.pk]))
            tick = ReviewTick.objects.get()
        assert (refused.value.code, refused.value.path) == ("review_open", "ticks")
        assert (tick.order_id, tick.point_id, tick.by_id) == (order.pk, signed.pk, cast.rep.pk)

    def test_a_point_that_is_taken_off_keeps_nothing(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.admin):
            point = add_point(by=cast.admin.pk, text="Signed")
            with pytest.raises(Refused, match="This point is there already"):
                add_point(by=cast.admin.pk, text="Signed")
            remove_point(by=cast.admin.pk, point_id=point.pk, version=1)
        with acting(cast.rep):
            assert why(kept(cast)) == []

    def test_only_an_administrator_says_what_is_looked_at(self, cast: Cast, acting: Acting) -> None:
        for person in (cast.coordinator, cast.rep, cast.director):
            with acting(person), pytest.raises(Forbidden):
                add_point(by=person.pk, text="Signed")


class TestWhatBecomesOfIt:
    def test_a_draft_is_in_no_queue(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            draft = kept(cast, is_draft=True)
            assert list(requests_of(reach(), cast.rep.pk)) == [draft]
            assert list(requests_in(reach())) == []
        with acting(cast.coordinator):
            assert claim_next(by=cast.coordinator.pk) is None
            with pytest.raises(NotInReach):
                kept(cast, cast.coordinator, request_id=draft.pk, request_version=1)
        with acting(cast.rep):
            handed = kept(cast, request_id=draft.pk, request_version=1, purchase_order="PO-7")
        assert (handed.pk, handed.state, handed.purchase_order) == (draft.pk, "waiting", "PO-7")

    def test_booking_it_ends_it_and_tells_who_entered_it(self, cast: Cast, acting: Acting) -> None:
        papers = {
            "contract_number": "C-9",
            "signed_on": date(2026, 5, 11),
            "bill_to": "Acorn Ltd\n1 Oak Street",
            "ship_to": "Dock 4",
        }
        with acting(cast.rep):
            asked = kept(cast, **papers)
        with acting(cast.coordinator):
            order = book(
                by=cast.coordinator.pk,
                **terms(cast, owner_id=cast.rep.pk, request_id=asked.pk, request_version=1, **papers),
            )
        (row,) = requests()
        assert (row.state, row.order_id) == ("booked", order.pk)
        assert {name: getattr(order, name) for name in papers} == papers
        assert [(one.person_id, one.amount_minor) for one in ledger()] == [(cast.rep.pk, 1_000_00)]
        with acting(cast.rep), pytest.raises(NotInReach):
            book(by=cast.rep.pk, **terms(cast, request_id=asked.pk, request_version=2))

    def test_what_somebody_changed_meanwhile_is_not_booked_over(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            asked = kept(cast)
            kept(cast, request_id=asked.pk, request_version=1, purchase_order="PO-8")
        with acting(cast.coordinator), pytest.raises(Stale):
            book(by=cast.coordinator.pk, **terms(cast, request_id=asked.pk, request_version=1))
        assert ledger() == []

    def test_the_next_is_the_oldest_that_nobody_has(self, cast: Cast, acting: Acting, ben: Any) -> None:
        with acting(cast.rep):
            first, second = kept(cast), kept(cast)
        with acting(ben):
            claim_order(by=ben.pk, request_id=first.pk, version=1)
        with acting(cast.coordinator):
            assert claim_next(by=cast.coordinator.pk) == second
            assert claim_next(by=cast.coordinator.pk) == second, "one's own, where nobody's is left"
            assert claim_next(by=cast.coordinator.pk, besides=second.pk) is None
            release_order(by=cast.coordinator.pk, request_id=second.pk, version=2)
            taken = claim_order(by=cast.coordinator.pk, request_id=first.pk, version=2)
            assert claim_next(by=cast.coordinator.pk) == second
        assert (taken.claimed_by_id, taken.claimed_at is not None) == (cast.coordinator.pk, True)

    def test_sent_back_it_is_with_who_entered_it(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            asked = kept(cast)
        with acting(cast.coordinator):
            claim_order(by=cast.coordinator.pk, request_id=asked.pk, version=1)
            back = send_order_back(
                by=cast.coordinator.pk, request_id=asked.pk, version=2, comment="Which office?"
            )
        assert (back.state, back.comment, back.claimed_by_id) == ("back", "Which office?", None)
        with acting(cast.rep):
            assert list(requests_of(reach(), cast.rep.pk)) == [asked]
            again = kept(cast, request_id=asked.pk, request_version=3)
        assert (again.state, again.asked_at) == ("waiting", asked.asked_at), (
            "time runs from the first handing in"
        )

    def test_given_up_it_is_gone(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            asked = kept(cast)
        with acting(cast.coordinator):
            with pytest.raises(Refused, match="Say why"):
                cancel_kept_order(by=cast.coordinator.pk, request_id=asked.pk, version=1)
            cancel_kept_order(by=cast.coordinator.pk, request_id=asked.pk, version=1, comment="Twice")
        (row,) = requests()
        assert (row.state, row.comment) == ("cancelled", "Twice")
        assert ledger() == []

    def test_who_may(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            asked = kept(cast)
            with pytest.raises(Forbidden):
                claim_order(by=cast.rep.pk, request_id=asked.pk, version=1)
            with pytest.raises(Forbidden):
                send_order_back(by=cast.rep.pk, request_id=asked.pk, version=1, comment="No")
            with pytest.raises(Forbidden):
                kept(cast, owner_id=cast.other_rep.pk)
        for person in (cast.peer, cast.other_rep, cast.other_manager):
            with acting(person), pytest.raises(NotInReach):
                cancel_kept_order(by=person.pk, request_id=asked.pk, version=1)
        with acting(cast.manager):
            cancel_kept_order(by=cast.manager.pk, request_id=asked.pk, version=1, comment="Not ours")

    def test_how_long_it_took(self, cast: Cast, acting: Acting, clock: Any) -> None:
        for hours in (1, 2, 11):
            with acting(cast.rep):
                asked = kept(cast)
            clock.shift(hours * 3600)
            with acting(cast.coordinator):
                book(
                    by=cast.coordinator.pk,
                    **terms(cast, owner_id=cast.rep.pk, request_id=asked.pk, request_version=asked.version),
                )
        with acting(cast.coordinator):
            (week,) = times_to_book(reach())
        assert (week.starts_on, week.booked) == (date(2026, 5, 18), 3)
        assert (str(week.median_hours), str(week.slow_hours)) == ("2.0", "9.2")


class TestOnPages:
    def typed(self, cast: Cast, **changes: Any) -> dict[str, Any]:
        licence = {"product": cast.products["Licence"].pk, "quantity": "1", "amount": "1,000.00"}
        return {
            "account_name": "Acorn",
            "booked_on": MAY.isoformat(),
            "motion": "new",
            "currency": "USD",
            "purchase_order": "PO-17",
            "contract_number": "C-9",
            **rows("lines", licence),
            **rows("shares", {"person": "Rita Rep", "percent": "60"}),
            **changes,
        }

    def test_a_rep_hands_in_what_they_cannot_book(self, cast: Cast, browse: Any) -> None:
        client = browse(cast.rep)
        refused = client.post(reverse("order_book"), self.typed(cast))
        assert refused.status_code == 422
        assert "total 60 %" in plain(refused)
        done = client.post(reverse("order_book"), self.typed(cast, way="in"), follow=True)
        assert done.redirect_chain[-1][0] == reverse("order_request_list")
        assert "The order is handed in. It waits for this: The shares total 60 %." in plain(done)
        assert ledger() == []

    def test_the_coordinator_takes_the_next_mends_it_and_gets_the_next_one(
        self, cast: Cast, acting: Acting, browse: Any
    ) -> None:
        with acting(cast.rep):
            first = kept(cast, shares=[ShareInput(cast.rep.pk, 60_000_000)], purchase_order="PO-17")
            second = kept(cast)
        client = browse(cast.coordinator)
        page = client.get(reverse("order_request_list"))
        assert (
            f"{reverse('order_book')}?request={first.pk}&amp;queue=1#id_shares-0-percent"
            in page.content.decode()
        )
        taken = client.post(reverse("order_request_next"))
        assert taken["Location"] == f"{reverse('order_book')}?request={first.pk}&queue=1"
        shown = client.get(taken["Location"]).content.decode()
        assert '<a href="#id_shares-0-percent">The shares total 60 %</a>' in shown
        for typed in ("PO-17", "1,000.00", "2026-05-12", "Rita Rep", "60"):
            assert f'value="{typed}"' in shown, typed
        split = rows(
            "shares", {"person": "Rita Rep", "percent": "60"}, {"person": "Paul Peer", "percent": "40"}
        )
        mended = self.typed(cast, version="2", owner_id="Rita Rep", **split)
        done = client.post(taken["Location"], mended)
        assert done["Location"] == f"{reverse('order_book')}?request={second.pk}&queue=1"
        assert [(row.person_id, row.amount_minor) for row in ledger()] == [
            (cast.rep.pk, 600_00),
            (cast.peer.pk, 400_00),
        ]
        with acting(cast.coordinator):
            assert OrderRequest.objects.get(pk=second.pk).claimed_by_id == cast.coordinator.pk

    def test_amounts_stand_in_the_currency_that_was_typed(
        self, cast: Cast, acting: Acting, browse: Any
    ) -> None:
        with everything():
            for kind in ("plan", "booked"):
                Rate.objects.create(
                    kind=kind, currency="JPY", value=Decimal("0.01"), starts_on=date(2025, 1, 1)
                )
        with acting(cast.rep):
            asked = kept(cast, currency="JPY", lines=[LineInput(cast.products["Licence"].pk, 1, 1_200_000)])
        page = browse(cast.rep).get(f"{reverse('order_book')}?request={asked.pk}").content.decode()
        assert 'value="1,200,000"' in page
        assert "Sum in JPY" in page

    def test_saving_keeps_it_in_the_queue(self, cast: Cast, acting: Acting, browse: Any) -> None:
        with acting(cast.rep):
            asked = kept(cast)
        address = f"{reverse('order_book')}?request={asked.pk}&queue=1"
        sent = self.typed(cast, version="1", owner_id="Rita Rep", way="in", purchase_order="PO-99")
        assert browse(cast.coordinator).post(address, sent).status_code == 302
        (row,) = requests()
        assert (row.state, row.purchase_order, row.contract_number) == ("waiting", "PO-99", "C-9")
        stale = browse(cast.rep).post(address, self.typed(cast, version="1"))
        assert stale.status_code == 412

    def test_an_order_is_repeated(self, cast: Cast, acting: Acting, browse: Any) -> None:
        with acting(cast.rep):
            order = order_of(cast, shares=[ShareInput(cast.rep.pk, HALF), ShareInput(cast.peer.pk, HALF)])
        page = browse(cast.rep).get(f"{reverse('order_book')}?repeat={order.pk}").content.decode()
        for typed in ("1,000.00", "2026-05-20", "Rita Rep", "Paul Peer", "Acorn"):
            assert f'value="{typed}"' in page, typed

    def test_an_order_begins_with_a_bundle(self, cast: Cast, browse: Any) -> None:
        with everything():
            Product.objects.filter(name="Licence").update(
                list_price_minor=10_00, currency="USD", kind=Product.Kind.RECURRING
            )
            whole = Product.objects.create(
                name="Suite", code="SUITE", family=cast.families["Software"], currency="USD", is_bundle=True
            )
            BundlePart.objects.create(bundle=whole, product=cast.products["Licence"], quantity=3)
        client = browse(cast.rep)
        acorn = cast.accounts["Acorn"].pk
        page = client.get(f"{reverse('order_book')}?account={acorn}").content.decode()
        assert f'<a href="?bundle={whole.pk}&amp;account={acorn}">Suite</a>' in page
        form = client.get(f"{reverse('order_book')}?bundle={whole.pk}&account={acorn}").content.decode()
        for typed in ("360.00", "3", "12", "Acorn"):
            assert f'value="{typed}"' in form, typed

    def test_the_review_stands_on_the_order(self, cast: Cast, acting: Acting, browse: Any) -> None:
        with acting(cast.admin):
            point = add_point(by=cast.admin.pk, text="Signed by somebody who may")
        client = browse(cast.rep)
        split = rows("shares", {"person": "Rita Rep", "percent": "100"})
        done = client.post(reverse("order_book"), self.typed(cast, ticks=[point.pk], **split), follow=True)
        assert "Signed by somebody who may Rita Rep" in plain(done)
        assert "C-9" in plain(done)

    def test_the_points_have_a_page(self, cast: Cast, browse: Any) -> None:
        client = browse(cast.admin)
        made = client.post(reverse("review_point_create"), {"text": "Signed", "motion": "renewal"})
        assert made.status_code == 302, plain(made)
        page = client.get(reverse("review_point_list"))
        assert "Signed orders of the motion Renewal" in plain(page)


class TestOverTheApi:
    def body(self, cast: Cast, **changes: Any) -> dict[str, Any]:
        line = {"product_id": cast.products["Licence"].pk, "quantity": 1, "amount": "1000.00"}
        return {
            "account_id": cast.accounts["Acorn"].pk,
            "booked_on": "2026-05-12",
            "currency": "USD",
            "motion": "new",
            "lines": [line],
            **changes,
        }

    def test_one_is_handed_in_claimed_and_booked(self, cast: Cast) -> None:
        rep, coordinator = Api(cast.rep), Api(cast.coordinator)
        half = [{"person_id": cast.rep.pk, "percent": "50"}]
        made = rep.post("orders/awaiting/", self.body(cast, shares=half, contract_number="C-9"))
        assert (made.status_code, made.json()["awaits"]) == (201, ["split_total"])
        assert made.json()["reasons"] == ["The shares total 50 %"]
        pk = made.json()["id"]
        claimed = coordinator.post(f"orders/awaiting/{pk}/claim/", {}, If_Match="1")
        assert (claimed.status_code, claimed.json()["claimed_by_id"]) == (200, cast.coordinator.pk)
        whole = [{"person_id": cast.rep.pk, "percent": "100"}]
        wish = self.body(cast, shares=whole, request_id=pk, request_version=2, contract_number="C-9")
        booked = coordinator.post("orders/", wish)
        assert (booked.status_code, booked.json()["contract_number"]) == (201, "C-9")
        assert [row["id"] for row in coordinator.get("orders/awaiting/").json()["results"]] == []

    def test_one_is_given_up(self, cast: Cast) -> None:
        rep = Api(cast.rep)
        pk = rep.post("orders/awaiting/", self.body(cast, is_draft=True)).json()["id"]
        assert rep.post(f"orders/awaiting/{pk}/cancel/", {}, If_Match="1").status_code == 200
        (row,) = requests()
        assert row.state == "cancelled"

    def test_a_bundle_is_no_line(self, cast: Cast) -> None:
        with everything():
            Product.objects.filter(name="Licence").update(is_bundle=True)
        answer = Api(cast.rep).post("orders/awaiting/", self.body(cast))
        assert (answer.status_code, faults(answer)) == (422, [("bundle", "lines[0].product_id")])

    def test_ticks_are_those_of_the_review(self, cast: Cast, acting: Acting) -> None:
        """A point that is taken off since stays ticked; what was never one is refused, wherever it is sent."""
        api = Api(cast.rep)
        with acting(cast.admin):
            signed, gone = (add_point(by=cast.admin.pk, text=text).pk for text in ("Signed", "Old terms"))
            remove_point(by=cast.admin.pk, point_id=gone, version=1)
        made = api.post("orders/awaiting/", self.body(cast, ticks=[gone, signed, signed]))
        assert (made.status_code, made.json()["ticks"]) == (201, [signed, gone])
        deal = cast.deals["Acorn renewal"].pk
        wish = self.body(cast)
        win = {name: wish[name] for name in ("booked_on", "motion", "lines")}
        for path, body in (
            ("orders/awaiting/", wish),
            ("orders/", wish),
            (f"opportunities/{deal}/win/", win),
        ):
            for ticks, fault in (
                ([signed, 999_999], ("unknown_point", "ticks")),
                (list(range(1, 300_001)), ("max_length", "ticks")),
            ):
                answer = api.post(path, {**body, "ticks": ticks}, If_Match="1")
                assert (answer.status_code, faults(answer)) == (422, [fault])
        assert [row.ticks for row in requests()] == [[signed, gone]]
        assert ledger() == []
