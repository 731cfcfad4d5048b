"""What becomes of an order: amended, renewed, shared anew, put on another day; with the figures of docs/domain.md."""

from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from psycopg2 import IntegrityError

from accounts.models import Account
from catalog.services import edit_product
from common.access import Reach
from common.errors import Conflict, Forbidden, NotInReach, Refused, Stale
from common.models import Period, Rate
from common.services import set_policy
from common.transaction import work
from orders.models import BookingEvent, Credit, Order, OrderLine, SplitShare
from orders.rollup import verify_ledger
from orders.rules import Item, More, amended, overlay_credit
from orders.selectors.orders import terms_of
from orders.services import LineInput, ShareInput, amend, book_on_another_day, cancel, correct, split_anew
from orders.services.winning import win
from pipeline.models import Opportunity
from planning.services.merging import merge_accounts
from tests.cast import Cast
from tests.conftest import Acting
from tests.orders.test_book import FORTY, HALF, MAY, SIXTY, WHOLE, ledger, order_of
from workspace.models import Message

LATER = date(2026, 5, 19)
MARCH = date(2026, 3, 10)
OVERLAY = SplitShare.Kind.OVERLAY


def now(order: Order) -> Order:
    return Order.objects.get(pk=order.pk)


def of(order: Order, by: Any, **changes: Any) -> dict[str, Any]:
    """What every act on an order is given."""
    return {
        "by": by.pk,
        "order_id": order.pk,
        "version": Order.objects.get(pk=order.pk).version,
        "booked_on": LATER,
        "reason": "as agreed",
        **changes,
    }


def line(cast: Cast, name: str, quantity: int, amount: int, **more: Any) -> LineInput:
    return LineInput(cast.products[name].pk, quantity, amount, **more)


def entries(since: int = 0) -> list[tuple[int, date, int, int]]:
    """Whose credit, on which day, in the order's currency and in plan money."""
    return [(row.person_id, row.booked_on, row.amount_minor, row.plan_minor) for row in ledger()[since:]]


def held(kind: str = "revenue") -> dict[int, int]:
    """What each person holds of one kind."""
    found = Counter[int]()
    for row in ledger():
        found[row.person_id] += row.amount_minor if row.kind == kind else 0
    return {person: amount for person, amount in found.items() if amount}


def is_sound() -> bool:
    with work(by=None, why="verify", reach=Reach.everything()):
        return verify_ledger().is_sound


def rate(day: date, value: str) -> None:
    """Another plan rate for euros from a day on."""
    with work(by=None, why="a new rate"):
        Rate.objects.get(kind="plan", currency="EUR", superseded_at=None).replaced(stops_on=day)
        Rate.objects.create(kind="plan", currency="EUR", value=Decimal(value), starts_on=day)


class TestTheRules:
    STANDS = (Item(1, 10, 1_000_00), Item(2, 1, 500_00))

    def test_what_is_worth_more_stays_and_the_rest_comes_beside_it(self) -> None:
        stays, comes = amended(self.STANDS, [Item(1, 14, 1_400_00)])
        assert stays == [Item(1, 10, 1_000_00), None]
        assert comes == [More(Item(1, 4, 400_00), 0, 0)]

    def test_a_higher_price_alone_has_no_units(self) -> None:
        assert amended(self.STANDS[:1], [Item(1, 10, 1_100_00)])[1] == [More(Item(1, 0, 100_00), 0, 0)]

    def test_what_is_worth_less_stays_with_that(self) -> None:
        stays, comes = amended(self.STANDS, [Item(1, 6, 600_00), Item(2, 1, 500_00)])
        assert (stays, comes) == ([Item(1, 6, 600_00), Item(2, 1, 500_00)], [])

    def test_items_of_one_product_are_matched_in_their_order(self) -> None:
        twice = (Item(1, 1, 100), Item(1, 1, 300))
        stays, comes = amended(twice, [Item(1, 1, 200), Item(1, 1, 50), Item(1, 1, 7)])
        assert stays == [Item(1, 1, 100), Item(1, 1, 50)]
        assert comes == [More(Item(1, 0, 100), 0, 0), More(Item(1, 1, 7), 2, None)]

    def test_an_item_that_names_its_line_goes_on_with_that(self) -> None:
        twice = (Item(1, 1, 100, line=7), Item(1, 1, 300, line=8))
        assert amended(twice, [Item(1, 1, 300, line=8)]) == ([None, Item(1, 1, 300, line=8)], [])

    def test_less_than_was_renewed_renews_less(self) -> None:
        stays, _comes = amended([Item(1, 1, 1_200, 1_000)], [Item(1, 1, 900)])
        assert stays == [Item(1, 1, 900, 900)]

    @pytest.mark.parametrize(
        ("amount", "share", "credit"),
        [(1_001, HALF, 501), (-1_001, HALF, -501), (100, WHOLE, 100), (7, 0, 0)],
    )
    def test_overlay_is_rounded_on_its_own(self, amount: int, share: int, credit: int) -> None:
        assert overlay_credit(amount, share) == credit


class TestOverlay:
    @pytest.fixture
    def order(self, cast: Cast, acting: Acting) -> Order:
        shares = [
            ShareInput(cast.rep.pk, WHOLE),
            ShareInput(cast.peer.pk, HALF, OVERLAY),
            ShareInput(cast.other_rep.pk, WHOLE, OVERLAY),
        ]
        with acting(cast.rep):
            return order_of(cast, shares=shares)

    def test_it_stands_beside_order_intake(self, cast: Cast, order: Order) -> None:
        assert held() == {cast.rep.pk: 1_000_00}
        assert held(OVERLAY) == {cast.peer.pk: 500_00, cast.other_rep.pk: 1_000_00}
        assert is_sound()

    def test_it_is_cancelled_with_the_order(self, cast: Cast, acting: Acting, order: Order) -> None:
        with acting(cast.coordinator):
            cancel(**of(order, cast.coordinator), amount_minor=200_00)
        assert sorted(row[2] for row in entries(3)) == [-200_00, -200_00, -100_00]
        with acting(cast.coordinator):
            cancel(**of(order, cast.coordinator))
        assert (held(), held(OVERLAY)) == ({}, {})

    def test_who_has_it_reads_the_order(self, cast: Cast, acting: Acting, order: Order) -> None:
        with acting(cast.other_rep):
            assert now(order).pk == order.pk

    def test_alone_it_leaves_the_owner_everything(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            order_of(cast, shares=[ShareInput(cast.peer.pk, HALF, OVERLAY)])
        assert (held(), held(OVERLAY)) == ({cast.rep.pk: 1_000_00}, {cast.peer.pk: 500_00})

    def test_a_correction_moves_it_too(self, cast: Cast, acting: Acting, order: Order) -> None:
        with acting(cast.coordinator):
            correct(
                **of(order, cast.coordinator),
                cause="amount",
                lines=[line(cast, "Licence", 1, 400_00)],
                shares=[],
            )
        assert (held(), held(OVERLAY)) == ({cast.rep.pk: 400_00}, {})


class TestLinesOfTheirOwn:
    def shares(self, cast: Cast) -> dict[str, Any]:
        """600.00 at 50 % each, and 400.00 of which Paul has all."""
        own = (ShareInput(cast.peer.pk, WHOLE),)
        lines = [line(cast, "Licence", 1, 600_00), line(cast, "Server", 1, 400_00, shares=own)]
        half = [ShareInput(cast.rep.pk, HALF), ShareInput(cast.peer.pk, HALF)]
        return {"lines": lines, "shares": half}

    def test_a_line_beats_the_order(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            order_of(cast, **self.shares(cast))
        assert held() == {cast.rep.pk: 300_00, cast.peer.pk: 700_00}
        assert is_sound()

    def test_each_line_is_cancelled_by_its_own(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            order = order_of(cast, **self.shares(cast))
        with acting(cast.coordinator):
            cancel(**of(order, cast.coordinator), amount_minor=500_00)
            assert held() == {cast.rep.pk: 150_00, cast.peer.pk: 350_00}
            cancel(**of(order, cast.coordinator))
        assert held() == {}

    def test_its_shares_total_100_too(self, cast: Cast, acting: Acting) -> None:
        asked = self.shares(cast)
        asked["lines"][1] = line(cast, "Server", 1, 1, shares=(ShareInput(cast.peer.pk, SIXTY),))
        with acting(cast.rep), pytest.raises(Refused, match="total 60 %") as refused:
            order_of(cast, **asked)
        assert refused.value.path == "lines.1.shares"

    def test_the_database_holds_the_total_of_each_line(self, cast: Cast, acting: Acting, owner: Any) -> None:
        with acting(cast.rep):
            order = order_of(cast, **self.shares(cast))
            row = OrderLine.objects.filter(order=order).first()
        values = f"({row.event_id}, {row.pk}, {cast.director.pk}, 'revenue', {HALF})"
        with pytest.raises(IntegrityError, match="100 percent"):
            owner.execute(
                "INSERT INTO orders_splitshare (event_id, line_id, person_id, kind, weight) VALUES " + values
            )


class TestAmend:
    @pytest.fixture
    def order(self, cast: Cast, acting: Acting) -> Order:
        """Ten licences for 1,000.00 EUR and a server for 500.00 in March, all of it Rita's."""
        lines = [line(cast, "Licence", 10, 1_000_00), line(cast, "Server", 1, 500_00)]
        with acting(cast.rep):
            return order_of(cast, booked_on=MARCH, currency="EUR", lines=lines)

    def wish(self, cast: Cast, order: Order, **changes: Any) -> dict[str, Any]:
        """Fourteen licences for 1,400.00 and no server."""
        return of(order, cast.coordinator, lines=[line(cast, "Licence", 14, 1_400_00)], **changes)

    def test_what_goes_has_the_rate_of_the_order_and_what_comes_that_of_its_day(
        self, cast: Cast, acting: Acting, order: Order
    ) -> None:
        before = entries()
        rate(date(2026, 5, 1), "1.20")
        with acting(cast.coordinator):
            event = amend(**self.wish(cast, order))
            assert (event.kind, event.amount_minor) == ("amendment", -100_00)
        assert entries()[: len(before)] == before
        rita = cast.rep.pk
        assert entries(2) == [(rita, LATER, -500_00, -550_00), (rita, LATER, 400_00, 480_00)]
        assert is_sound()

    def test_what_stays_goes_on_with_its_credits(self, cast: Cast, acting: Acting, order: Order) -> None:
        with acting(cast.coordinator):
            amend(**self.wish(cast, order))
            rows = OrderLine.objects.filter(event__kind="amendment").order_by("pk")
            first = OrderLine.objects.order_by("pk").first()
            assert [(row.quantity, row.amount_minor, row.origin_id) for row in rows] == [
                (10, 1_000_00, first.pk if first else 0),
                (4, 400_00, None),
            ]

    def test_who_sells_more_later_sits_where_they_sit_then(
        self, cast: Cast, acting: Acting, order: Order, owner: Any
    ) -> None:
        with acting(cast.coordinator):
            amend(**self.wish(cast, order, shares=[ShareInput(cast.other_rep.pk, WHOLE)]))
        new = ledger()[-1]
        assert (new.person_id, new.seat_id) == (cast.other_rep.pk, cast.territories["West 1"].pk)
        assert held() == {cast.rep.pk: 1_000_00, cast.other_rep.pk: 400_00}

    def test_what_only_goes_needs_no_rate_of_its_day(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            order = order_of(cast, currency="EUR")
        with work(by=None, why="no rate any more"):
            Rate.objects.get(kind="plan", currency="EUR", superseded_at=None).replaced(stops_on=LATER)
        with acting(cast.coordinator):
            with pytest.raises(Conflict, match="EUR"):
                amend(**of(order, cast.coordinator), lines=[line(cast, "Licence", 1, 1_100_00)])
            amend(**of(order, cast.coordinator), lines=[line(cast, "Licence", 1, 900_00)])
        assert entries(1) == [(cast.rep.pk, LATER, -100_00, -110_00)]

    def test_an_amended_order_is_cancelled_to_nothing(self, cast: Cast, acting: Acting, order: Order) -> None:
        with acting(cast.coordinator):
            amend(**self.wish(cast, order, shares=[ShareInput(cast.peer.pk, WHOLE)]))
            cancel(**of(order, cast.coordinator), amount_minor=700_00)
            assert held() == {cast.rep.pk: 500_00, cast.peer.pk: 200_00}
            assert cancel(**of(order, cast.coordinator)).amount_minor == -700_00
        assert held() == {}
        assert sum(row.plan_minor for row in ledger()) == 0
        assert is_sound()

    def test_it_is_amended_again(self, cast: Cast, acting: Acting, order: Order) -> None:
        with acting(cast.coordinator):
            amend(**self.wish(cast, order))
            amend(**of(order, cast.coordinator), lines=[line(cast, "Licence", 3, 300_00)])
        assert held() == {cast.rep.pk: 300_00}
        assert is_sound()

    def test_after_a_part_was_cancelled_it_stands_on_what_is_left(
        self, cast: Cast, acting: Acting, order: Order
    ) -> None:
        with acting(cast.coordinator):
            cancel(**of(order, cast.coordinator), amount_minor=750_00)
            event = amend(**self.wish(cast, order))
        assert event.amount_minor == 1_400_00 - 750_00
        assert held() == {cast.rep.pk: 1_400_00}

    @pytest.mark.parametrize(
        ("lines", "code"),
        [
            ([("Licence", 10, 1_000_00), ("Server", 1, 500_00)], "nothing_changes"),
            ([("Licence", 1, 0)], "nothing_left"),
            ([], "line_count"),
        ],
    )
    def test_what_is_no_amendment(
        self, cast: Cast, acting: Acting, order: Order, lines: list[Any], code: str
    ) -> None:
        asked = [line(cast, *one) for one in lines]
        with acting(cast.coordinator), pytest.raises(Refused) as refused:
            amend(**of(order, cast.coordinator), lines=asked)
        assert (refused.value.code, refused.value.path) == (code, "lines")

    def test_not_before_the_last_entry_nor_in_a_closed_period(
        self, cast: Cast, acting: Acting, order: Order
    ) -> None:
        with acting(cast.coordinator), pytest.raises(Refused, match="that day or later"):
            amend(**self.wish(cast, order, booked_on=date(2026, 3, 9)))
        with work(by=None, why="close the books"):
            Period.objects.filter(code="2026-05").update(is_closed=True)
        with acting(cast.coordinator), pytest.raises(Conflict, match="closed period"):
            amend(**self.wish(cast, order))

    def test_who_may(self, cast: Cast, acting: Acting, order: Order) -> None:
        for person in (cast.rep, cast.manager, cast.executive):
            with acting(person), pytest.raises(Forbidden):
                amend(**{**self.wish(cast, order), "by": person.pk})
        with acting(cast.other_director), pytest.raises(NotInReach):
            amend(by=1, order_id=order.pk, version=1, booked_on=LATER, reason="no", lines=[])

    def test_a_stale_version_is_refused(self, cast: Cast, acting: Acting, order: Order) -> None:
        with acting(cast.coordinator), pytest.raises(Stale):
            amend(**{**self.wish(cast, order), "version": 7})


class TestNewSplit:
    def test_credit_moves_on_its_day_and_the_value_stays(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            order = order_of(cast, currency="EUR")
        rate(date(2026, 5, 15), "2")
        with acting(cast.coordinator):
            shares = [ShareInput(cast.rep.pk, SIXTY), ShareInput(cast.other_rep.pk, FORTY)]
            event = split_anew(**of(order, cast.coordinator), shares=shares)
            assert (event.kind, event.amount_minor) == ("new_split", 0)
        assert entries(1) == [
            (cast.rep.pk, LATER, -400_00, -440_00),
            (cast.other_rep.pk, LATER, 400_00, 440_00),
        ]
        assert ledger()[-1].seat_id == cast.territories["West 1"].pk
        assert is_sound()

    def test_one_line_alone(self, cast: Cast, acting: Acting) -> None:
        lines = [line(cast, "Licence", 1, 600_00), line(cast, "Server", 1, 400_00)]
        with acting(cast.rep):
            order = order_of(cast, lines=lines)
        with acting(cast.coordinator):
            own = [[], [ShareInput(cast.peer.pk, WHOLE)]]
            split_anew(
                **of(order, cast.coordinator), shares=[ShareInput(cast.rep.pk, WHOLE)], line_shares=own
            )
            assert held() == {cast.rep.pk: 600_00, cast.peer.pk: 400_00}
            split_anew(**of(order, cast.coordinator), shares=[ShareInput(cast.peer.pk, WHOLE)])
            assert held() == {cast.peer.pk: 1_000_00}
            cancel(**of(order, cast.coordinator))
        assert held() == {}
        assert is_sound()

    def test_overlay_comes_and_goes(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            order = order_of(cast)
        beside = [ShareInput(cast.rep.pk, WHOLE), ShareInput(cast.peer.pk, HALF, OVERLAY)]
        with acting(cast.coordinator):
            split_anew(**of(order, cast.coordinator), shares=beside)
            assert held(OVERLAY) == {cast.peer.pk: 500_00}
            split_anew(**of(order, cast.coordinator), shares=beside[:1])
        assert (held(), held(OVERLAY)) == ({cast.rep.pk: 1_000_00}, {})

    def test_the_same_split_is_none(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            order = order_of(cast)
        with acting(cast.coordinator), pytest.raises(Refused, match="shared now"):
            split_anew(**of(order, cast.coordinator), shares=[ShareInput(cast.rep.pk, WHOLE)])

    def test_after_an_amendment_each_line_keeps_its_own_day(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            order = order_of(cast, booked_on=MARCH, currency="EUR")
        rate(date(2026, 5, 1), "1.20")
        with acting(cast.coordinator):
            amend(**of(order, cast.coordinator), lines=[line(cast, "Licence", 2, 1_500_00)])
            split_anew(**of(order, cast.coordinator), shares=[ShareInput(cast.peer.pk, WHOLE)])
        # 1,000.00 at March's 1.10 and 500.00 at May's 1.20
        assert sum(row.plan_minor for row in ledger() if row.person_id == cast.peer.pk) == 1_700_00
        assert held() == {cast.peer.pk: 1_500_00}


class TestAnotherDay:
    def test_both_months_are_as_if_it_had_been_booked_there_at_once(self, cast: Cast, acting: Acting) -> None:
        rate(date(2026, 4, 1), "1.30")
        with acting(cast.rep):
            order = order_of(cast, booked_on=date(2026, 4, 2), currency="EUR")
        with acting(cast.coordinator):
            event = book_on_another_day(**of(order, cast.coordinator, booked_on=date(2026, 3, 31)))
            assert (event.kind, event.amount_minor) == ("new_date", 0)
            assert now(order).booked_on == date(2026, 3, 31)
            assert Account.objects.get(pk=order.account_id).first_ordered_on == date(2026, 3, 31)
        assert entries() == [
            (cast.rep.pk, date(2026, 4, 2), 1_000_00, 1_300_00),
            (cast.rep.pk, date(2026, 4, 2), -1_000_00, -1_300_00),
            (cast.rep.pk, date(2026, 3, 31), 1_000_00, 1_100_00),
        ]
        assert is_sound()

    def test_its_deal_is_won_on_that_day(self, cast: Cast, acting: Acting) -> None:
        deal = cast.deals["Acorn renewal"]
        with acting(cast.rep):
            order = win(
                by=cast.rep.pk,
                opportunity_id=deal.pk,
                opportunity_version=1,
                booked_on=MAY,
                lines=[line(cast, "Licence", 1, 1_000_00)],
                shares=[],
                motion="new",
            )
        assert isinstance(order, Order)
        with acting(cast.coordinator):
            book_on_another_day(**of(order, cast.coordinator, booked_on=date(2026, 5, 4)))
        with acting(cast.rep):
            won = Opportunity.objects.get(pk=deal.pk)
        assert (won.closed_on, won.close_on) == (date(2026, 5, 4), date(2026, 5, 4))

    def test_what_was_corrected_since_comes_along(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            order = order_of(cast, booked_on=date(2026, 4, 2))
        with acting(cast.coordinator):
            correct(
                **of(order, cast.coordinator),
                cause="amount",
                lines=[line(cast, "Licence", 1, 700_00)],
                shares=[],
            )
            book_on_another_day(**of(order, cast.coordinator, booked_on=date(2026, 3, 31)))
        by_day = Counter[date]()
        for row in ledger():
            by_day[row.booked_on] += row.amount_minor
        assert {day: amount for day, amount in by_day.items() if amount} == {date(2026, 3, 31): 700_00}

    @pytest.mark.parametrize("period", ["2026-03", "2026-04"])
    def test_both_days_lie_in_open_periods(self, cast: Cast, acting: Acting, period: str) -> None:
        with acting(cast.rep):
            order = order_of(cast, booked_on=date(2026, 4, 2))
        with work(by=None, why="close the books"):
            Period.objects.filter(code=period).update(is_closed=True)
        with acting(cast.coordinator), pytest.raises(Conflict) as refused:
            book_on_another_day(**of(order, cast.coordinator, booked_on=date(2026, 3, 31)))
        assert refused.value.code == "period_closed"

    def test_what_was_amended_or_cancelled_stays(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            order = order_of(cast, booked_on=date(2026, 4, 2))
        with acting(cast.coordinator):
            cancel(**of(order, cast.coordinator), amount_minor=1_00)
            with pytest.raises(Conflict, match="amended or cancelled"):
                book_on_another_day(**of(order, cast.coordinator, booked_on=date(2026, 3, 31)))

    def test_the_day_it_has_is_none(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            order = order_of(cast)
        with acting(cast.coordinator), pytest.raises(Refused, match="that day already"):
            book_on_another_day(**of(order, cast.coordinator, booked_on=MAY))

    def test_a_customer_who_ordered_later_was_new_then(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            order_of(cast, booked_on=date(2025, 2, 3))
            late = order_of(cast, booked_on=date(2026, 4, 2))
        assert not late.is_new_business
        with acting(cast.coordinator):
            book_on_another_day(**of(late, cast.coordinator, booked_on=date(2026, 1, 30)))
            assert now(late).is_new_business

    def test_what_a_merged_account_ordered_first_stays_the_first(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.coordinator):
            order_of(cast, "Beech", by=cast.coordinator, booked_on=date(2025, 2, 3))
        with acting(cast.rep):
            order = order_of(cast, booked_on=date(2026, 4, 2))
        acorn, beech = cast.accounts["Acorn"].pk, cast.accounts["Beech"].pk
        with acting(cast.admin):
            merge_accounts(by=cast.admin.pk, survivor_id=acorn, merged_id=beech, reason="the same firm")
        with acting(cast.coordinator):
            book_on_another_day(**of(order, cast.coordinator, booked_on=date(2026, 3, 31)))
            assert not now(order).is_new_business
            assert Account.objects.get(pk=acorn).first_ordered_on == date(2025, 2, 3)

    def test_between_the_orders_that_it_renews_and_is_renewed_by(self, cast: Cast, acting: Acting) -> None:
        again: dict[str, Any] = {"motion": "renewal"}
        again["lines"] = [line(cast, "Licence", 1, 1_200_00, renewed_minor=1_000_00)]
        with acting(cast.rep):
            first = order_of(cast, booked_on=MARCH)
            second = order_of(cast, booked_on=date(2026, 4, 10), renews_order_id=first.pk, **again)
        with acting(cast.coordinator):
            with pytest.raises(Refused, match=f"{first.number}.*Mar 10"):
                book_on_another_day(**of(second, cast.coordinator, booked_on=date(2026, 3, 9)))
            with pytest.raises(Refused, match=f"{second.number}.*Apr 10"):
                book_on_another_day(**of(first, cast.coordinator, booked_on=date(2026, 4, 11)))
            book_on_another_day(**of(second, cast.coordinator, booked_on=MARCH))
            book_on_another_day(**of(first, cast.coordinator, booked_on=date(2026, 3, 2)))
        assert is_sound()

    def test_it_goes_on_from_the_new_day(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            order = order_of(cast, booked_on=date(2026, 4, 2))
        with acting(cast.coordinator):
            book_on_another_day(**of(order, cast.coordinator, booked_on=date(2026, 3, 2)))
            cancel(**of(order, cast.coordinator, booked_on=MARCH), amount_minor=300_00)
        assert entries(2) == [
            (cast.rep.pk, date(2026, 3, 2), 1_000_00, 1_000_00),
            (cast.rep.pk, MARCH, -300_00, -300_00),
        ]


class TestRenew:
    def order(self, cast: Cast, acting: Acting) -> Order:
        with acting(cast.rep):
            return order_of(cast, booked_on=MARCH)

    def renewed(self, cast: Cast, order: Order, amount: int, renewed: int, **changes: Any) -> Order:
        lines = [line(cast, "Licence", 1, amount, renewed_minor=renewed)]
        values = {"motion": "renewal", "renews_order_id": order.pk, "lines": lines, **changes}
        return order_of(cast, **values)

    def test_what_it_adds_is_order_intake(self, cast: Cast, acting: Acting) -> None:
        first = self.order(cast, acting)
        lines = [line(cast, "Licence", 1, 1_200_00, renewed_minor=1_000_00), line(cast, "Server", 1, 100_00)]
        with acting(cast.rep):
            order = self.renewed(cast, first, 0, 0, lines=lines)
            event = BookingEvent.objects.get(order=order)
            assert (event.kind, event.amount_minor, order.renews_id) == ("renewal", 300_00, first.pk)
        assert [row.amount_minor for row in ledger()[1:]] == [200_00, 100_00]
        assert {row.motion for row in ledger()[1:]} == {"renewal"}
        assert is_sound()

    def test_less_than_before_counts_nothing(self, cast: Cast, acting: Acting) -> None:
        first = self.order(cast, acting)
        with acting(cast.rep):
            order = self.renewed(cast, first, 900_00, 900_00)
        assert [(row.amount_minor, row.tcv_minor) for row in ledger()[1:]] == [(0, 900_00)]
        with acting(cast.coordinator):
            cancel(**of(order, cast.coordinator))
            assert now(order).state == "cancelled"
        assert [(row.amount_minor, row.tcv_minor) for row in ledger()[2:]] == [(0, -900_00)]

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"motion": "new"}, "not_a_renewal"),
            ({"currency": "EUR"}, "other_currency"),
            ({"account": "Beech"}, "other_account"),
            ({"booked_on": date(2026, 3, 9)}, "not_standing"),
            ({"renews_order_id": None}, "required"),
        ],
    )
    def test_what_is_wrong(self, cast: Cast, acting: Acting, changes: dict[str, Any], code: str) -> None:
        first = self.order(cast, acting)
        with acting(cast.coordinator), pytest.raises(Refused) as refused:
            self.renewed(cast, first, 1_200_00, 1_000_00, by=cast.coordinator, **changes)
        assert refused.value.code == code

    def test_a_part_cannot_be_more_than_the_whole(self, cast: Cast, acting: Acting) -> None:
        first = self.order(cast, acting)
        with acting(cast.rep), pytest.raises(Refused, match="part of its amount") as refused:
            self.renewed(cast, first, 900_00, 1_000_00)
        assert refused.value.path == "lines.0.renewed"

    def test_a_retired_product_stays_in_it_and_comes_in_no_other_way(
        self, cast: Cast, acting: Acting
    ) -> None:
        first = self.order(cast, acting)
        with acting(cast.admin):
            licence = cast.products["Licence"].pk
            edit_product(by=cast.admin.pk, product_id=licence, version=1, retired_on=date(2026, 4, 1))
        with acting(cast.rep):
            with pytest.raises(Refused, match="no longer sold"):
                order_of(cast)
            order = self.renewed(cast, first, 1_200_00, 1_000_00)
            assert [row.product_id for row in terms_of(order).lines] == [licence]

    def test_an_order_is_renewed_once(self, cast: Cast, acting: Acting) -> None:
        first = self.order(cast, acting)
        with acting(cast.rep):
            self.renewed(cast, first, 1_200_00, 1_000_00)
            with pytest.raises(Conflict, match="renewed already"):
                self.renewed(cast, first, 1_200_00, 1_000_00)

    def test_by_settings_all_of_it_counts(self, cast: Cast, acting: Acting) -> None:
        first = self.order(cast, acting)
        with acting(cast.admin):
            set_policy(by=cast.admin.pk, name="renewals_count", value="whole")
        with acting(cast.rep):
            day = date(2026, 5, 20)
            with pytest.raises(Refused, match="counts in full"):
                self.renewed(cast, first, 1_200_00, 1_000_00, booked_on=day)
            self.renewed(cast, first, 1_200_00, 0, booked_on=day)
        assert ledger()[-1].amount_minor == 1_200_00

    def test_a_renewal_of_an_order_out_of_reach_is_not_there(self, cast: Cast, acting: Acting) -> None:
        first = self.order(cast, acting)
        with acting(cast.other_rep), pytest.raises(NotInReach):
            order_of(
                cast, "Cedar", by=cast.other_rep, motion="renewal", renews_order_id=first.pk, booked_on=MAY
            )


def test_every_event_is_in_the_ledger_once(cast: Cast, acting: Acting) -> None:
    """Credits of events that were posted by these acts name their event."""
    with acting(cast.rep):
        order = order_of(cast)
    with acting(cast.coordinator):
        amend(**of(order, cast.coordinator), lines=[line(cast, "Licence", 2, 1_200_00)])
        split_anew(**of(order, cast.coordinator), shares=[ShareInput(cast.peer.pk, WHOLE)])
    with acting(cast.admin):
        kinds = dict(Credit.objects.values_list("event__kind").distinct().values_list("event__kind", "kind"))
    assert kinds == {"booking": "revenue", "amendment": "revenue", "new_split": "revenue"}


class TestTelling:
    def told(self, person: Any) -> list[tuple[str, str]]:
        with work(by=None, why="look", reach=Reach.everything()):
            rows = Message.objects.filter(person=person, event="credit_changed").order_by("pk")
            return list(rows.values_list("about", "by__name"))

    def test_whose_credit_changed_is_told_and_nobody_else(self, cast: Cast, acting: Acting) -> None:
        shares = [ShareInput(cast.rep.pk, SIXTY), ShareInput(cast.peer.pk, FORTY)]
        with acting(cast.rep):
            order = order_of(cast, shares=shares)
        with acting(cast.coordinator):
            other = [ShareInput(cast.rep.pk, SIXTY), ShareInput(cast.manager.pk, FORTY)]
            split_anew(**of(order, cast.coordinator), shares=other)
        said = [(order.number, cast.coordinator.name)]
        assert [self.told(person) for person in (cast.rep, cast.peer, cast.manager)] == [[], said, said]

    def test_a_new_day_is_told_although_nothing_is_lost(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            order = order_of(cast)
        assert self.told(cast.rep) == []
        with acting(cast.coordinator):
            book_on_another_day(**of(order, cast.coordinator, booked_on=date(2026, 3, 31)))
        assert len(self.told(cast.rep)) == 1
