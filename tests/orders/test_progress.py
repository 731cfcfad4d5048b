"""From booking to cash: what is noted on an order, and the state that follows."""

from datetime import date
from typing import Any

import pytest

from common.access import Reach
from common.errors import Conflict, Forbidden, Refused, Stale
from common.transaction import reach, work
from orders.models import Order
from orders.rules import state_of
from orders.selectors.orders import lacking_purchase_order, renewable_orders
from orders.services import (
    LineInput,
    ShareInput,
    amend,
    book,
    book_on_another_day,
    cancel,
    correct,
    note_progress,
)
from pipeline.models import Opportunity
from tests.calls import Api
from tests.cast import Cast
from tests.conftest import Acting
from tests.orders.test_book import ledger, order_of
from tests.salesops.conftest import plain

MAY = date(2026, 5, 12)
DAYS = {"delivered_on": date(2026, 5, 13), "invoiced_on": date(2026, 5, 14), "paid_on": date(2026, 5, 20)}
NOTHING: dict[str, date | None] = dict.fromkeys(DAYS)


@pytest.fixture
def order(cast: Cast, acting: Acting) -> Order:
    with acting(cast.rep):
        return order_of(cast)


def noted(cast: Cast, acting: Acting, order: Order, *names: str, who: Any = None, **days: date) -> Order:
    """The order once these days are noted on it."""
    person = who or cast.coordinator
    with acting(person):
        version = Order.objects.get(pk=order.pk).version
        asked = {**NOTHING, **{name: DAYS[name] for name in names}, **days}
        return note_progress(by=person.pk, order_id=order.pk, version=version, **asked)  # type: ignore[arg-type]


class TestTheRule:
    @pytest.mark.parametrize(
        ("names", "state"),
        [
            ((), "booked"),
            (("invoiced_on",), "booked"),
            (("invoiced_on", "paid_on"), "booked"),
            (("delivered_on",), "fulfilled"),
            (("delivered_on", "invoiced_on"), "fulfilled"),
            (("delivered_on", "paid_on"), "fulfilled"),
            (("delivered_on", "invoiced_on", "paid_on"), "closed"),
        ],
    )
    def test_the_days_say_how_far_it_is(self, names: tuple[str, ...], state: str) -> None:
        assert state_of(*(DAYS[name] if name in names else None for name in DAYS)) == state


class TestTheAct:
    def test_the_state_follows_and_goes_back(self, cast: Cast, acting: Acting, order: Order) -> None:
        assert noted(cast, acting, order, "delivered_on").state == "fulfilled"
        closed = noted(cast, acting, order, *DAYS)
        assert (closed.state, closed.version) == ("closed", 3)
        assert (closed.delivered_on, closed.invoiced_on, closed.paid_on) == tuple(DAYS.values())
        assert noted(cast, acting, order, "invoiced_on", who=cast.admin).state == "booked"
        assert len(ledger()) == 1

    def test_the_booking_date_and_today_are_early_and_late_enough(
        self, cast: Cast, acting: Acting, order: Order
    ) -> None:
        done = noted(cast, acting, order, delivered_on=MAY, paid_on=date(2026, 5, 20))
        assert (done.state, done.delivered_on, done.paid_on) == ("fulfilled", MAY, date(2026, 5, 20))

    @pytest.mark.parametrize("name", list(DAYS))
    @pytest.mark.parametrize("day", [date(2026, 5, 11), date(2026, 5, 21)])
    def test_other_days_are_refused(
        self, cast: Cast, acting: Acting, order: Order, name: str, day: date
    ) -> None:
        with pytest.raises(Refused) as refusal:
            noted(cast, acting, order, **{name: day})
        assert (refusal.value.path, refusal.value.code) == (name, "date_range")

    @pytest.mark.parametrize("who", ["rep", "manager", "director", "executive"])
    def test_others_read_it_only(self, cast: Cast, acting: Acting, order: Order, who: str) -> None:
        with pytest.raises(Forbidden):
            noted(cast, acting, order, "delivered_on", who=getattr(cast, who))

    def test_a_stale_version_is_refused(self, cast: Cast, acting: Acting, order: Order) -> None:
        noted(cast, acting, order, "delivered_on")
        with acting(cast.admin), pytest.raises(Stale):
            note_progress(by=cast.admin.pk, order_id=order.pk, version=1, **NOTHING)  # type: ignore[arg-type]

    def test_nothing_is_noted_on_a_cancelled_order_which_keeps_its_days(
        self, cast: Cast, acting: Acting, order: Order
    ) -> None:
        noted(cast, acting, order, "delivered_on")
        with acting(cast.coordinator):
            cancel(by=cast.coordinator.pk, order_id=order.pk, version=2, booked_on=MAY, reason="returned")
        with pytest.raises(Conflict) as refusal:
            noted(cast, acting, order, *DAYS)
        assert refusal.value.code == "cancelled"
        with acting(cast.coordinator):
            now = Order.objects.get(pk=order.pk)
        assert (now.state, now.delivered_on) == ("cancelled", DAYS["delivered_on"])

    @pytest.mark.parametrize(
        "changes",
        [
            {"state": "fulfilled"},
            {"state": "closed", "delivered_on": MAY, "invoiced_on": MAY},
            {"delivered_on": MAY},
            {"state": "fulfilled", "delivered_on": MAY, "invoiced_on": MAY, "paid_on": MAY},
            {"invoiced_on": date(2026, 5, 11)},
        ],
    )
    def test_the_database_ties_the_state_to_the_days(
        self, cast: Cast, order: Order, changes: dict[str, Any]
    ) -> None:
        with (
            pytest.raises(Exception, match=r"order_state_of_progress|order_progress_since_booking"),
            work(by=None, why="past the act", reach=Reach.everything()),
        ):
            Order.objects.filter(pk=order.pk).update(**changes)


class TestWhatCustomersDoDoesNotAsk:
    """A closed order is amended, corrected, cancelled in part and renewed as a booked one is."""

    @pytest.fixture
    def closed(self, cast: Cast, acting: Acting, order: Order) -> Order:
        return noted(cast, acting, order, *DAYS)

    def test_amended_corrected_and_cancelled_in_part_it_stays_closed(
        self, cast: Cast, acting: Acting, closed: Order
    ) -> None:
        by, licence = cast.coordinator.pk, cast.products["Licence"].pk
        known = {"by": by, "order_id": closed.pk, "booked_on": date(2026, 5, 19), "reason": "asked"}
        with acting(cast.coordinator):
            amend(**known, version=2, lines=[LineInput(licence, 2, 1_500_00)])
        with acting(cast.coordinator):
            correct(**known, cause="price", version=3, lines=[LineInput(licence, 2, 1_400_00)], shares=[])
        with acting(cast.coordinator):
            cancel(**known, version=4, amount_minor=400_00)
        with acting(cast.coordinator):
            now = Order.objects.valued().get(pk=closed.pk)
        assert (now.state, now.amount_minor) == ("closed", 1_000_00)
        with acting(cast.coordinator):
            cancel(**known, version=5)
        with acting(cast.coordinator):
            assert Order.objects.get(pk=closed.pk).state == "cancelled"

    def test_its_booking_date_stays_before_what_is_noted(
        self, cast: Cast, acting: Acting, closed: Order
    ) -> None:
        known = {"by": cast.coordinator.pk, "order_id": closed.pk, "version": 2, "reason": "signed then"}
        with acting(cast.coordinator), pytest.raises(Refused) as refusal:
            book_on_another_day(**known, booked_on=date(2026, 5, 15))
        assert "Change those days first." in str(refusal.value.message)
        with acting(cast.coordinator):
            book_on_another_day(**known, booked_on=date(2026, 5, 8))
        with acting(cast.coordinator):
            assert Order.objects.get(pk=closed.pk).booked_on == date(2026, 5, 8)

    def test_it_is_renewed_once_and_its_renewal_too_is_delivered(
        self, cast: Cast, acting: Acting, closed: Order
    ) -> None:
        asked: dict[str, Any] = {
            "by": cast.coordinator.pk,
            "account_id": cast.accounts["Acorn"].pk,
            "booked_on": date(2026, 5, 19),
            "currency": "USD",
            "lines": [LineInput(cast.products["Licence"].pk, 1, 1_200_00, 1_000_00)],
            "shares": [ShareInput(cast.rep.pk, 100_000_000)],
            "motion": "renewal",
            "owner_id": cast.rep.pk,
            "renews_order_id": closed.pk,
        }
        with acting(cast.coordinator):
            renewal = book(**asked)
        noted(cast, acting, renewal, delivered_on=date(2026, 5, 20))
        with acting(cast.coordinator), pytest.raises(Conflict) as refusal:
            book(**asked)
        assert refusal.value.code == "renewed"

    def test_a_deal_that_renews_is_offered_it_and_its_purchase_order_is_missed(
        self, cast: Cast, acting: Acting, closed: Order
    ) -> None:
        deal = Opportunity(account=cast.accounts["Acorn"], motion="renewal", currency="USD")
        with acting(cast.coordinator):
            assert [row.pk for row in renewable_orders(reach(), deal)] == [closed.pk]
            assert [row.pk for row in lacking_purchase_order(reach())] == [closed.pk]


class TestThePages:
    def test_a_coordinator_notes_it_and_a_rep_reads_it(
        self, cast: Cast, browse: Any, order: Order, acting: Acting
    ) -> None:
        address, form = f"/orders/{order.pk}/progress/", {"version": "1", "delivered_on": "2026-05-13"}
        client = browse(cast.coordinator)
        assert address in client.get(f"/orders/{order.pk}/").content.decode()
        page = plain(client.post(address, form, follow=True))
        assert "Booked May 12, 2026 Delivered May 13, 2026 Invoiced — Paid —" in page
        assert "fulfilled" in page
        mine = browse(cast.rep).get(f"/orders/{order.pk}/")
        assert "Delivered May 13, 2026" in plain(mine)
        assert address not in mine.content.decode()
        assert browse(cast.rep).get(address).status_code == 403

    def test_what_was_typed_comes_back(self, cast: Cast, browse: Any, order: Order) -> None:
        form = {"version": "1", "paid_on": "2026-05-21"}
        answer = browse(cast.coordinator).post(f"/orders/{order.pk}/progress/", form)
        assert answer.status_code == 422
        assert "was so today or earlier" in answer.content.decode()
        assert 'value="2026-05-21"' in answer.content.decode()

    def test_the_list_is_narrowed(self, cast: Cast, browse: Any, acting: Acting, order: Order) -> None:
        noted(cast, acting, order, "delivered_on")
        client = browse(cast.rep)
        found = {
            query: order.number in client.get(f"/orders/?{query}").content.decode()
            for query in (
                "state=fulfilled",
                "state=booked",
                "without=delivered",
                "without=invoiced",
                "without=paid",
            )
        }
        assert list(found.values()) == [True, False, False, True, True]
        assert client.get("/orders/?without=hope").status_code == 400

    def test_a_deal_says_how_far_its_order_is(self, cast: Cast, browse: Any, acting: Acting) -> None:
        deal = cast.deals["Acorn renewal"]
        with acting(cast.rep):
            order = order_of(cast, opportunity_id=deal.pk, opportunity_version=1)
        noted(cast, acting, order, "delivered_on", "invoiced_on")
        page = plain(browse(cast.rep).get(f"/orders/of-opportunity/{deal.pk}/"))
        assert "fulfilled" in page
        assert "delivered May 13, 2026 · invoiced May 14, 2026" in page

    def test_over_the_api(self, cast: Cast, order: Order) -> None:
        days = {name: day.isoformat() for name, day in DAYS.items()}
        address = f"orders/{order.pk}/progress/"
        answer = Api(cast.coordinator).post(address, days, If_Match="1")
        assert answer.status_code == 200, answer.json()
        assert {name: answer.json()[name] for name in days} == days
        assert answer.json()["state"] == "closed"
        assert Api(cast.rep).post(address, days, If_Match="2").status_code == 403
        assert Api(cast.admin).post(address, {"delivered_on": None}, If_Match="2").status_code == 422
