"""Booking: what the ledger holds afterwards, who may, and what is refused."""

import threading
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connections

from accounts.models import Account
from catalog.models import Product
from common.access import Reach
from common.errors import Conflict, Forbidden, NotInReach, Refused, Stale
from common.models import Period, Rate
from common.transaction import reach, work
from orders.models import BookingEvent, Credit, DirtyCell, Order, Participant
from orders.rollup import verify_ledger
from orders.selectors.credits import CreditFilter, credit_total
from orders.selectors.orders import orders_in
from orders.services import LineInput, ShareInput, book, correct
from pipeline.models import Opportunity
from pipeline.services import lines as lines_of_deals
from territories.models import Seat, User
from tests.cast import Cast
from tests.conftest import Acting

SIXTY, FORTY, HALF, WHOLE = 60_000_000, 40_000_000, 50_000_000, 100_000_000
MAY = date(2026, 5, 12)


def order_of(
    cast: Cast, account: str = "Acorn", *, by: Any = None, amount: int = 1_000_00, **changes: Any
) -> Order:
    """An order of one licence, booked on 12 May without a deal unless said otherwise."""
    values: dict[str, Any] = {
        "by": (by or cast.rep).pk,
        "account_id": cast.accounts[account].pk,
        "booked_on": MAY,
        "currency": "USD",
        "lines": [LineInput(cast.products["Licence"].pk, 1, amount)],
        "shares": [],
        "motion": "new",
        **changes,
    }
    return book(**values)


def ledger() -> list[Credit]:
    with work(by=None, why="look", reach=Reach.everything()):
        return list(Credit.objects.order_by("ledger_seq"))


class TestTheLedger:
    def test_a_60_40_split_of_1000_is_600_and_400(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            order_of(cast, shares=[ShareInput(cast.rep.pk, SIXTY), ShareInput(cast.peer.pk, FORTY)])
        assert {row.person_id: row.amount_minor for row in ledger()} == {
            cast.rep.pk: 600_00,
            cast.peer.pk: 400_00,
        }

    def test_the_company_total_is_the_order(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            order_of(cast, shares=[ShareInput(cast.rep.pk, SIXTY), ShareInput(cast.peer.pk, FORTY)])
        assert sum(row.plan_minor for row in ledger()) == 1_000_00

    def test_a_deal_shared_by_two_of_a_team_counts_once(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            order_of(
                cast,
                amount=100_000_00,
                shares=[ShareInput(cast.rep.pk, HALF), ShareInput(cast.peer.pk, HALF)],
            )
        with acting(cast.manager):
            chosen = CreditFilter(cast.q2, node_id=cast.territories["East Team"].pk)
            assert credit_total(chosen, reach()).plan_minor == 100_000_00
            assert len(orders_in(reach())) == 1

    def test_dollars_and_euros_add_up_converted(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            order_of(cast, amount=100_00)
            order_of(cast, amount=100_00, currency="EUR")
        dollars, euros = ledger()
        assert (dollars.plan_minor, dollars.booked_minor, dollars.plan_rate_id) == (100_00, 100_00, None)
        assert (euros.plan_minor, euros.booked_minor) == (110_00, 120_00)
        assert [rate and rate.value for rate in (euros.plan_rate, euros.booked_rate)] == [
            Decimal("1.1"),
            Decimal("1.2"),
        ]

    def test_every_row_is_rounded_once_by_itself(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            order_of(cast, currency="EUR", lines=[LineInput(cast.products["Licence"].pk, 1, 5)] * 3)
        assert [row.plan_minor for row in ledger()] == [6, 6, 6]

    def test_a_hundred_in_three_sums_to_a_hundred_in_any_order(self, cast: Cast, acting: Acting) -> None:
        people = [cast.rep.pk, cast.peer.pk, cast.manager.pk]
        thirds = [33_333_334, 33_333_333, 33_333_333]
        with acting(cast.rep):
            order_of(cast, amount=100_00, shares=list(map(ShareInput, people, thirds)))
            order_of(cast, amount=100_00, shares=list(map(ShareInput, reversed(people), reversed(thirds))))
        rows = ledger()
        first, second = ({row.person_id: row.amount_minor for row in part} for part in (rows[:3], rows[3:]))
        assert first == second
        assert sorted(first.values()) == [33_33, 33_33, 33_34]

    def test_a_credit_is_stamped_as_of_the_booking_date(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            order = order_of(cast, purchase_order=" PO 7 ", motion="renewal")
        (row,) = ledger()
        east = cast.territories["East 1"].pk
        assert (row.person_id, row.seat_id, row.territory_id) == (cast.rep.pk, east, east)
        assert (row.booked_on, row.motion, row.is_new_business) == (MAY, "renewal", True)
        assert row.family_id == cast.families["Software"].pk
        assert (order.number[:8], order.purchase_order, order.owner_id) == ("SO-2026-", "PO 7", cast.rep.pk)

    def test_a_seat_of_an_earlier_day_is_the_seat_of_that_day(self, cast: Cast, acting: Acting) -> None:
        with work(by=None, why="move", reach=Reach.everything()):
            for seat in Seat.objects.filter(user__in=[cast.rep, cast.peer]):
                seat.replaced(stops_on=date(2026, 5, 1))
            Seat.objects.create(
                user=cast.rep, territory=cast.territories["East 2"], kind="owner", starts_on=date(2026, 5, 1)
            )
        with acting(cast.manager):
            order_of(cast, by=cast.manager, owner_id=cast.rep.pk, booked_on=date(2026, 4, 30))
            order_of(cast, by=cast.manager, owner_id=cast.rep.pk, booked_on=date(2026, 5, 1))
        assert [row.seat.name for row in ledger()] == ["East 1", "East 2"]

    def test_a_customer_is_new_for_twelve_months(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            days = [date(2025, 3, 15), date(2026, 3, 14), date(2026, 3, 15)]
            assert [order_of(cast, booked_on=day).is_new_business for day in days] == [True, True, False]

    def test_the_cells_fall_behind_where_credit_went(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            order_of(cast, shares=[ShareInput(cast.rep.pk, SIXTY), ShareInput(cast.other_rep.pk, FORTY)])
            cells = DirtyCell.objects.values_list("person_id", "seat__name", "territory__name", "month_on")
            assert sorted(cells) == sorted(
                [
                    (cast.rep.pk, "East 1", "East 1", date(2026, 5, 1)),
                    (cast.other_rep.pk, "West 1", "East 1", date(2026, 5, 1)),
                ]
            )

    def test_credits_follow_one_another_without_a_gap(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            order_of(cast, shares=[ShareInput(cast.rep.pk, HALF), ShareInput(cast.peer.pk, HALF)])
            order_of(cast)
        assert [row.ledger_seq for row in ledger()] == [1, 2, 3]


class TestADeal:
    def book_deal(self, cast: Cast, **changes: Any) -> Order:
        deal = cast.deals["Acorn renewal"]
        values = {
            "opportunity_id": deal.pk,
            "opportunity_version": deal.version,
            "account_id": None,
            **changes,
        }
        return order_of(cast, **values)

    def test_booking_wins_the_deal_on_the_booking_date(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            order = self.book_deal(cast)
            deal = Opportunity.objects.get(order=order)
            assert (deal.state, deal.closed_on, deal.category) == ("won", MAY, "closed")
            assert order.account_id == cast.accounts["Acorn"].pk

    def test_expected_in_june_and_booked_in_may_counts_in_may(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            self.book_deal(cast)
        assert cast.deals["Acorn renewal"].close_on == date(2026, 6, 15)
        assert [row.booked_on for row in ledger()] == [MAY]

    def test_without_shares_the_owner_of_the_deal_gets_everything(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.manager):
            order = self.book_deal(cast, by=cast.manager)
        assert order.owner_id == cast.rep.pk
        assert [(row.person_id, row.amount_minor) for row in ledger()] == [(cast.rep.pk, 1_000_00)]

    def test_a_deal_is_booked_once(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            self.book_deal(cast)
            with pytest.raises(Conflict, match="already booked"):
                self.book_deal(cast)

    def test_a_version_that_is_no_longer_is_stale(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep), pytest.raises(Stale):
            self.book_deal(cast, opportunity_version=99)
        assert ledger() == []

    @pytest.mark.parametrize(
        ("change", "path", "code"),
        [("account", "account_id", "other_account"), ("currency", "currency", "other_currency")],
    )
    def test_an_order_says_of_its_deal_what_the_deal_says(
        self, cast: Cast, acting: Acting, change: str, path: str, code: str
    ) -> None:
        changes = {"account": {"account_id": cast.accounts["Beech"].pk}, "currency": {"currency": "EUR"}}
        with acting(cast.rep), pytest.raises(Refused) as refused:
            self.book_deal(cast, **changes[change])
        assert (refused.value.path, refused.value.code) == (path, code)
        assert ledger() == []

    def test_two_people_at_once_book_it_once(self, cast: Cast, acting: Acting) -> None:
        start = threading.Barrier(2)
        answers: list[str | int] = []

        def attempt(person: User) -> None:
            try:
                with acting(person):
                    start.wait(10)
                    answers.append(self.book_deal(cast, by=person).number)
            except Refused as refused:
                answers.append(refused.status)
            finally:
                connections.close_all()

        threads = [threading.Thread(target=attempt, args=(person,)) for person in (cast.rep, cast.manager)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert sorted(str(answer)[:3] for answer in answers) in (["409", "SO-"], ["412", "SO-"])
        assert [row.amount_minor for row in ledger()] == [1_000_00]

    def test_many_at_once_leave_an_unbroken_chain(self, cast: Cast, acting: Acting) -> None:
        def attempt() -> None:
            with acting(cast.rep):
                order_of(cast, amount=100_00)
            connections.close_all()

        threads = [threading.Thread(target=attempt) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert [row.ledger_seq for row in ledger()] == [1, 2, 3, 4]
        with work(by=None, why="verify", reach=Reach.everything()):
            assert verify_ledger().is_sound


class TestWhoMay:
    def test_a_rep_credits_a_colleague_of_another_region(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            order = order_of(
                cast, shares=[ShareInput(cast.rep.pk, SIXTY), ShareInput(cast.other_rep.pk, FORTY)]
            )
            assert [row.person_id for row in Credit.objects.all()] == [cast.rep.pk]
        with acting(cast.other_rep):
            assert Order.objects.get().pk == order.pk
            assert [row.amount_minor for row in Credit.objects.all()] == [400_00]
            assert Account.objects.filter(pk=order.account_id).exists()
        with acting(cast.other_director):
            assert [row.amount_minor for row in Credit.objects.all()] == [400_00]
            assert not Order.objects.exists()

    def test_a_peer_sees_nothing_of_it(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            order_of(cast)
        with acting(cast.peer):
            assert not Order.objects.exists()
            assert not Credit.objects.exists()
            assert not BookingEvent.objects.exists()
            assert not Participant.objects.exists()

    def test_a_coordinator_books_for_the_owner_and_sees_no_credit(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.coordinator):
            order = order_of(cast, by=cast.coordinator)
            assert order.owner_id == cast.rep.pk
            assert Order.objects.exists()
            assert not Credit.objects.exists()

    def test_a_peer_cannot_book_the_deal(self, cast: Cast, acting: Acting) -> None:
        deal = cast.deals["Acorn renewal"]
        with acting(cast.peer), pytest.raises(NotInReach):
            order_of(cast, by=cast.peer, opportunity_id=deal.pk, opportunity_version=deal.version)

    def test_a_rep_cannot_book_on_an_account_out_of_reach(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep), pytest.raises(NotInReach):
            order_of(cast, "Cedar")

    def test_who_books_for_nobody_else_owns_the_order_of_an_account_that_credit_opened(
        self, cast: Cast, acting: Acting
    ) -> None:
        with acting(cast.rep):
            order_of(cast, shares=[ShareInput(cast.other_rep.pk, WHOLE)])
        with acting(cast.other_rep):
            assert order_of(cast, by=cast.other_rep).owner_id == cast.other_rep.pk

    def test_a_rep_books_for_nobody_else(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep), pytest.raises(Forbidden):
            order_of(cast, owner_id=cast.peer.pk)

    def test_an_executive_only_reads(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.executive), pytest.raises(Forbidden):
            order_of(cast, by=cast.executive)


class TestRefusals:
    @pytest.mark.parametrize(
        ("changes", "path", "code"),
        [
            ({"booked_on": date(2026, 5, 21)}, "booked_on", "date_range"),
            ({"booked_on": date(2031, 1, 1)}, "booked_on", "date_range"),
            ({"booked_on": date(1999, 1, 1)}, "booked_on", "date_range"),
            ({"lines": []}, "lines", "line_count"),
            ({"lines": [LineInput(0, 1, 100)]}, "lines.0.product_id", "unknown_product"),
            ({"motion": "gift"}, "motion", "unknown_motion"),
            ({"currency": "XXX"}, "currency", "unknown_currency"),
            ({"shares": [ShareInput(0, WHOLE)]}, "shares", "unknown_person"),
            ({"shares": [ShareInput(0, 0)] * 101}, "shares", "share_count"),
            ({"account_id": None}, "account_id", "required"),
        ],
    )
    def test_what_is_wrong_and_where(
        self, cast: Cast, acting: Acting, changes: dict[str, Any], path: str, code: str
    ) -> None:
        with acting(cast.rep), pytest.raises(Refused) as refused:
            order_of(cast, **changes)
        assert (refused.value.path, refused.value.code) == (path, code)
        assert ledger() == []

    def test_a_day_before_there_were_territories(self, cast: Cast, acting: Acting, owner: Any) -> None:
        owner.execute("SET session_replication_role = replica")
        owner.execute("UPDATE territories_edge SET starts_on = '2026-05-01'")
        with acting(cast.rep), pytest.raises(Refused, match="do not reach back to that day") as refused:
            order_of(cast, booked_on=date(2026, 4, 30))
        assert (refused.value.path, ledger()) == ("booked_on", [])

    @pytest.mark.parametrize(
        ("quantity", "amount", "path"), [(0, 5, "quantity"), (1, -1, "amount"), (1, 10**15, "amount")]
    )
    def test_a_line_out_of_range(
        self, cast: Cast, acting: Acting, quantity: int, amount: int, path: str
    ) -> None:
        line = LineInput(cast.products["Server"].pk, quantity, amount)
        with acting(cast.rep), pytest.raises(Refused) as refused:
            order_of(cast, lines=[line])
        assert refused.value.path == f"lines.0.{path}"

    def test_a_deal_is_booked_with_a_product_that_was_sold_when_it_was_offered(
        self, cast: Cast, acting: Acting
    ) -> None:
        deal, licence = cast.deals["Acorn renewal"], cast.products["Licence"].pk
        with acting(cast.rep):
            lines = [lines_of_deals.LineInput(licence, 1, 1_000_00)]
            lines_of_deals.set_lines(
                by=cast.rep.pk, opportunity_id=deal.pk, version=deal.version, lines=lines
            )
            deal.refresh_from_db()
        with work(by=None, why="off the list", reach=Reach.everything()):
            Product.objects.filter(pk=licence).update(retired_on="2026-01-01")
        with acting(cast.rep):
            booked = order_of(cast, opportunity_id=deal.pk, opportunity_version=deal.version)
        assert booked.opportunity_id == deal.pk

    def test_a_product_that_is_no_longer_sold_stays_on_its_order_alone(
        self, cast: Cast, acting: Acting
    ) -> None:
        licence = cast.products["Licence"].pk
        with acting(cast.rep):
            order = order_of(cast)
        with work(by=None, why="off the list", reach=Reach.everything()):
            Product.objects.filter(pk=licence).update(retired_on="2026-01-01")
        with acting(cast.coordinator):
            with pytest.raises(Refused, match="no longer sold") as refused:
                order_of(cast, by=cast.coordinator)
            lines = [LineInput(licence, 1, 900_00)]
            asked = {"by": cast.coordinator.pk, "order_id": order.pk, "version": 1, "booked_on": MAY}
            correct(**asked, reason="a discount", cause="price", lines=lines, shares=[])
        assert (refused.value.path, refused.value.code) == ("lines.0.product_id", "not_sold")

    def test_lines_total_no_more_than_one_amount(self, cast: Cast, acting: Acting) -> None:
        lines = [LineInput(cast.products["Server"].pk, 1, 10**15 - 1)] * 2
        with acting(cast.rep), pytest.raises(Refused, match="at most 12 digits") as refused:
            order_of(cast, lines=lines)
        assert (refused.value.path, refused.value.code) == ("lines", "amount_range")

    @pytest.mark.parametrize(("amount", "currency"), [(10**13, "USD"), (8_333_333_333_333, "EUR")])
    def test_an_order_that_the_cells_could_not_add_up_is_refused(
        self, cast: Cast, acting: Acting, amount: int, currency: str
    ) -> None:
        with acting(cast.rep):
            with pytest.raises(Refused, match=r"worth less than \$100,000,000,000\.00") as refused:
                order_of(cast, amount=amount, currency=currency)
            order_of(cast, amount=amount - 1, currency=currency)
        assert (refused.value.path, refused.value.code) == ("lines", "amount_range")
        assert 10**13 - 2 <= ledger()[0].booked_minor < 10**13

    def test_the_largest_amount_at_the_largest_rate_is_refused(self, cast: Cast, acting: Acting) -> None:
        with work(by=None, why="rates"):
            for kind in ("plan", "booked"):
                Rate.objects.create(kind=kind, currency="GBP", value=999_999, starts_on=date(2026, 1, 1))
        with acting(cast.rep), pytest.raises(Refused, match="worth less than"):
            order_of(cast, amount=99_999_999_999_999, currency="GBP")
        assert ledger() == []

    def test_a_number_that_an_import_brought_is_passed_over(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            first = order_of(cast)
        number = int(first.number.rsplit("-", 1)[1])
        with work(by=None, why="an import", reach=Reach.everything()):
            Order.objects.create(
                number=f"SO-2026-{number + 1:05}",
                account_id=first.account_id,
                owner_id=first.owner_id,
                territory_id=first.territory_id,
                motion="new",
                is_new_business=True,
                currency="USD",
                booked_on=MAY,
            )
        with acting(cast.rep):
            assert order_of(cast).number == f"SO-2026-{number + 2:05}"

    @pytest.mark.parametrize("missing", [1, -1])
    def test_shares_total_exactly_100_percent(self, cast: Cast, acting: Acting, missing: int) -> None:
        shares = [ShareInput(cast.rep.pk, SIXTY), ShareInput(cast.peer.pk, FORTY - missing * 10_000)]
        with acting(cast.rep), pytest.raises(Refused, match=r"99\.99|100\.01") as refused:
            order_of(cast, shares=shares)
        assert refused.value.code == "split_total"

    def test_a_person_stands_once_in_a_split(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep), pytest.raises(Refused, match="twice"):
            order_of(cast, shares=[ShareInput(cast.rep.pk, HALF), ShareInput(cast.rep.pk, HALF)])

    def test_a_share_lies_between_nothing_and_everything(self, cast: Cast, acting: Acting) -> None:
        shares = [ShareInput(cast.rep.pk, WHOLE + HALF), ShareInput(cast.peer.pk, -HALF)]
        with acting(cast.rep), pytest.raises(Refused, match="between 0 and 100") as refused:
            order_of(cast, shares=shares)
        assert (refused.value.path, refused.value.code) == ("shares", "share_range")

    def test_where_nobody_owned_the_territory_an_owner_is_asked_for(self, cast: Cast, acting: Acting) -> None:
        with work(by=None, why="a vacancy", reach=Reach.everything()):
            Seat.objects.get(user=cast.rep).replaced(stops_on=date(2026, 5, 1))
        with acting(cast.coordinator):
            with pytest.raises(Refused, match="Nobody owned") as refused:
                order_of(cast, by=cast.coordinator)
            assert refused.value.path == "owner_id"
            assert order_of(cast, by=cast.coordinator, owner_id=cast.rep.pk).owner_id == cast.rep.pk

    def test_a_closed_period_is_refused(self, cast: Cast, acting: Acting) -> None:
        with work(by=None, why="close the books"):
            Period.objects.filter(code="2026-Q1").update(is_closed=True)
        with acting(cast.rep), pytest.raises(Conflict) as refused:
            order_of(cast, booked_on=date(2026, 3, 31))
        assert refused.value.code == "period_closed"

    def test_a_missing_rate_is_never_one(self, cast: Cast, acting: Acting) -> None:
        with work(by=None, why="rates"):
            Rate.objects.get(kind="plan").replaced(stops_on=date(2026, 5, 1))
        with acting(cast.rep), pytest.raises(Conflict, match="EUR") as refused:
            order_of(cast, currency="EUR")
        assert refused.value.code == "no_rate"

    def test_the_booking_date_is_today_where_the_person_lives(
        self, cast: Cast, acting: Acting, clock: Any
    ) -> None:
        clock.move_to(datetime(2026, 4, 1, 4, 30, tzinfo=UTC))
        with acting(cast.rep):
            User.objects.filter(pk=cast.rep.pk).update(time_zone="America/Los_Angeles")
            assert order_of(cast, booked_on=date(2026, 3, 31)).booked_on == date(2026, 3, 31)
            with pytest.raises(Refused):
                order_of(cast, booked_on=date(2026, 4, 1))
