"""A deal is won: booked at once, or awaiting what Settings ask for until it is booked or sent back."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common.access import Reach
from common.errors import Conflict, NotInReach, Refused, Stale
from common.models import Period
from common.transaction import work
from orders.models import Order, OrderRequest
from orders.selectors.awaiting import awaited
from orders.services import LineInput, ShareInput, book, send_order_back
from pipeline.models import Opportunity
from pipeline.services import edit_opportunity, move_stage
from tests.cast import Cast
from tests.conftest import Acting
from tests.orders.test_book import ledger, order_of
from tests.orders.winning import MAY, asks, deal_now, requests, sign, won
from tests.planning.test_territory_retire_race import at_once, holding, waits
from workspace.models import ListValue, Message
from workspace.selectors.sentences import sentence

SIXTY, FORTY = 60_000_000, 40_000_000


def send_back(cast: Cast, by: Any, comment: str = "The contract lacks a signature") -> OrderRequest:
    (request,) = requests()
    return send_order_back(by=by.pk, request_id=request.pk, version=request.version, comment=comment)


class TestWhy:
    def test_a_win_says_why_as_the_list_writes_it(self, cast: Cast, acting: Acting) -> None:
        with work(by=None, why="a list", reach=Reach.everything()):
            ListValue.objects.create(list="won_reason", value="Best offer", position=90)
        with acting(cast.rep):
            order = won(cast, won_reason="best OFFER ")
        assert isinstance(order, Order)
        deal = deal_now(cast)
        assert (deal.state, deal.won_reason) == ("won", "Best offer")
        assert (deal.close_on, deal.closed_on) == (MAY, MAY)
        assert not deal.awaits_booking

    def test_nobody_has_to_say_why_unless_settings_ask(self, cast: Cast, acting: Acting) -> None:
        asks(cast, acting, "required", "won_reason")
        with acting(cast.rep), pytest.raises(Refused, match="Say why it was won") as refused:
            won(cast)
        assert (refused.value.path, refused.value.code) == ("won_reason", "required")
        assert (deal_now(cast).state, ledger()) == ("open", [])

    def test_a_reason_that_is_not_in_the_list_is_refused(self, cast: Cast, acting: Acting) -> None:
        with work(by=None, why="a list", reach=Reach.everything()):
            ListValue.objects.create(list="won_reason", value="Best offer", position=90)
        with acting(cast.rep), pytest.raises(Refused, match="One of: ") as refused:
            won(cast, won_reason="Luck")
        assert refused.value.path == "won_reason"


class TestAwaiting:
    def test_without_the_contract_it_is_won_and_not_booked(self, cast: Cast, acting: Acting) -> None:
        asks(cast, acting, "contract")
        shares = [ShareInput(cast.rep.pk, SIXTY), ShareInput(cast.peer.pk, FORTY)]
        with acting(cast.rep):
            request = won(cast, shares=shares, purchase_order=" PO-1 ", won_reason="")
        assert isinstance(request, OrderRequest)
        deal = deal_now(cast)
        assert (deal.state, deal.stage.name, deal.close_on, deal.awaits_booking) == ("won", "Won", MAY, True)
        assert (request.booked_on, request.purchase_order, request.motion) == (MAY, "PO-1", "new")
        [line] = request.lines
        typed = {"product_id": cast.products["Licence"].pk, "quantity": 1, "amount_minor": 1_000_00}
        assert typed.items() <= line.items()
        assert [(row["person_id"], row["weight"]) for row in request.shares] == [
            (cast.rep.pk, SIXTY),
            (cast.peer.pk, FORTY),
        ]
        assert ledger() == []

    @pytest.mark.parametrize(
        ("asked", "number", "is_signed", "is_booked"),
        [
            ("nothing", "", False, True),
            ("purchase_order", "", True, False),
            ("purchase_order", "PO-1", False, True),
            ("contract", "PO-1", False, False),
            ("contract", "", True, True),
            ("both", "PO-1", False, False),
            ("both", "", True, False),
            ("both", "PO-1", True, True),
        ],
    )
    def test_what_settings_ask_for_decides(
        self, cast: Cast, acting: Acting, asked: str, number: str, is_signed: bool, is_booked: bool
    ) -> None:
        asks(cast, acting, asked)
        if is_signed:
            sign(cast)
        with acting(cast.rep):
            done = won(cast, purchase_order=number)
        assert isinstance(done, Order) is is_booked
        assert deal_now(cast).awaits_booking is not is_booked

    def test_a_contract_that_was_removed_and_another_document_are_none(
        self, cast: Cast, acting: Acting
    ) -> None:
        asks(cast, acting, "contract")
        sign(cast, is_removed=True)
        sign(cast, kind="offer")
        sign(cast, "Beech renewal")
        with acting(cast.rep):
            assert isinstance(won(cast), OrderRequest)

    def test_expected_in_june_and_won_in_april_counts_in_april(self, cast: Cast, acting: Acting) -> None:
        """Neither the expected month nor that in which the contract came, but the one in which it was won."""
        asks(cast, acting, "contract")
        april = date(2026, 4, 20)
        with acting(cast.rep):
            won(cast, booked_on=april)
        sign(cast)
        with acting(cast.coordinator):
            won(cast, by=cast.coordinator, booked_on=april)
        assert [(row.booked_on, row.plan_minor) for row in ledger()] == [(april, 1_000_00)]
        assert (deal_now(cast).close_on, deal_now(cast).closed_on) == (april, april)

    def test_what_could_not_be_booked_does_not_wait(self, cast: Cast, acting: Acting) -> None:
        asks(cast, acting, "contract")
        with work(by=None, why="close the books", reach=Reach.everything()):
            Period.objects.filter(code="2026-Q1").update(is_closed=True)
        wrong: list[tuple[dict[str, Any], type[Refused], str]] = [
            ({"booked_on": date(2026, 3, 3)}, Conflict, "period_closed"),
            ({"booked_on": date(2026, 5, 21)}, Refused, "date_range"),
            ({"lines": []}, Refused, "line_count"),
            ({"lines": [LineInput(987_654, 1, 1)]}, Refused, "unknown_product"),
            ({"shares": [ShareInput(cast.rep.pk, SIXTY)]}, Refused, "split_total"),
            ({"motion": "sideways"}, Refused, "unknown_motion"),
            ({"account_id": cast.accounts["Beech"].pk}, Refused, "other_account"),
            ({"opportunity_version": 9}, Stale, "stale"),
        ]
        for changes, kind, code in wrong:
            with acting(cast.rep), pytest.raises(kind) as refused:
                won(cast, **changes)
            assert refused.value.code == code
        assert (deal_now(cast).state, requests()) == ("open", [])

    def test_it_stands_apart_in_plan_money_on_its_booking_date(self, cast: Cast, acting: Acting) -> None:
        asks(cast, acting, "contract")
        with acting(cast.admin):
            deal = cast.deals["Acorn renewal"]
            type(deal).objects.filter(pk=deal.pk).update(currency="EUR")
        with acting(cast.rep) as context:
            won(cast)
            (part,) = awaited(context.reach, cast.q2.span)
            assert awaited(context.reach, cast.q1.span) == []
            assert awaited(context.reach, cast.q2.span, cast.families["Hardware"].pk) == []
        east = cast.territories["East 1"].pk
        assert (part.person_id, part.seat_id, part.territory_id) == (cast.rep.pk, east, east)
        assert (part.booked_on, part.plan_minor) == (MAY, 1_100_00)

    def test_the_rates_of_many_days_are_read_at_once(self, cast: Cast, acting: Acting) -> None:
        asks(cast, acting, "contract")
        with acting(cast.admin):
            Opportunity.objects.update(currency="EUR")
            for name, day in (("Acorn renewal", date(2026, 4, 7)), ("Beech renewal", MAY)):
                won(cast, name, by=cast.admin, booked_on=day)
        with acting(cast.admin) as context, CaptureQueriesContext(connection) as asked:
            parts = awaited(context.reach, cast.q2.span)
        assert [(part.booked_on, part.plan_minor) for part in parts] == [
            (date(2026, 4, 7), 1_100_00),
            (MAY, 1_100_00),
        ]
        assert len([query for query in asked if 'FROM "common_rate"' in query["sql"]]) == 1


class TestBooking:
    def test_it_is_refused_while_it_is_missing_and_then_booked_as_typed(
        self, cast: Cast, acting: Acting
    ) -> None:
        asks(cast, acting, "both")
        with acting(cast.rep):
            won(cast)
        with acting(cast.coordinator), pytest.raises(Refused, match="signed contract is missing") as refused:
            won(cast, by=cast.coordinator, purchase_order="PO-1")
        assert refused.value.code == "contract_missing"
        sign(cast)
        with acting(cast.coordinator), pytest.raises(Refused, match="purchase order number") as refused:
            won(cast, by=cast.coordinator)
        assert refused.value.path == "purchase_order"
        assert ledger() == []
        with acting(cast.coordinator):
            order = won(cast, by=cast.coordinator, purchase_order="PO-1")
        (request,), deal = requests(), deal_now(cast)
        assert (request.state, request.order_id) == ("booked", order.pk)
        assert (deal.state, deal.awaits_booking) == ("won", False)
        assert [(row.person_id, row.amount_minor) for row in ledger()] == [(cast.rep.pk, 1_000_00)]

    def test_when_what_was_missing_arrives_nothing_books_itself(self, cast: Cast, acting: Acting) -> None:
        asks(cast, acting, "contract")
        with acting(cast.rep):
            won(cast)
        sign(cast)
        assert (ledger(), deal_now(cast).awaits_booking) == ([], True)

    def test_an_order_without_a_deal_needs_the_number_and_no_contract(
        self, cast: Cast, acting: Acting
    ) -> None:
        asks(cast, acting, "both")
        with acting(cast.rep), pytest.raises(Refused) as refused:
            order_of(cast)
        assert refused.value.code == "purchase_order_missing"
        with acting(cast.rep):
            assert order_of(cast, purchase_order="PO-1").state == "booked"

    def test_a_won_deal_goes_to_no_other_stage(self, cast: Cast, acting: Acting) -> None:
        asks(cast, acting, "contract")
        with acting(cast.rep):
            won(cast)
        deal, stage = deal_now(cast), cast.stages["Proposal"].pk
        with acting(cast.rep), pytest.raises(Conflict):
            move_stage(by=cast.rep.pk, opportunity_id=deal.pk, version=deal.version, stage_id=stage)


class TestSendingBack:
    def test_the_deal_is_open_again_where_it_was_and_its_owner_reads_why(
        self, cast: Cast, acting: Acting
    ) -> None:
        asks(cast, acting, "contract")
        with acting(cast.rep):
            won(cast, won_reason="")
        with acting(cast.coordinator):
            send_back(cast, cast.coordinator)
        deal, (request,) = deal_now(cast), requests()
        assert (deal.state, deal.stage.name, deal.category) == ("open", "Negotiation", "commit")
        assert (deal.closed_on, deal.awaits_booking, deal.won_reason) == (None, False, "")
        assert (request.state, request.comment) == ("back", "The contract lacks a signature")
        with work(by=None, why="look", reach=Reach.everything()):
            message = Message.objects.get(person=cast.rep, event="deal_changed")
            said = "Cora Coordinator sent back Acorn renewal: The contract lacks a signature."
            assert sentence(message) == said
            assert [visit.stage.name for visit in deal.visits.all()] == ["Negotiation", "Won", "Negotiation"]

    @pytest.mark.parametrize(("by_hand", "category"), [("best_case", "best_case"), ("", "commit")])
    def test_the_expected_close_date_and_the_category_by_hand_are_those_from_before(
        self, cast: Cast, acting: Acting, by_hand: str, category: str
    ) -> None:
        asks(cast, acting, "contract")
        deal = deal_now(cast)
        with acting(cast.rep):
            said = {"close_on": date(2026, 6, 30), "category": by_hand}
            edit_opportunity(by=cast.rep.pk, opportunity_id=deal.pk, version=deal.version, **said)
        with acting(cast.rep):
            won(cast)
        assert deal_now(cast).close_on == MAY
        with acting(cast.coordinator):
            send_back(cast, cast.coordinator)
        deal = deal_now(cast)
        assert (deal.close_on, deal.category) == (date(2026, 6, 30), category)
        assert deal.category_is_manual is bool(by_hand)

    def test_it_can_be_won_again(self, cast: Cast, acting: Acting) -> None:
        asks(cast, acting, "contract")
        with acting(cast.rep):
            won(cast)
        with acting(cast.coordinator):
            send_back(cast, cast.coordinator)
        sign(cast)
        with acting(cast.rep):
            assert isinstance(won(cast), Order)
        assert [row.state for row in requests()] == ["back"]

    @pytest.mark.parametrize("who", ["rep", "manager", "director", "coordinator", "admin"])
    def test_whoever_may_book_it_may_send_it_back(self, cast: Cast, acting: Acting, who: str) -> None:
        asks(cast, acting, "contract")
        with acting(cast.rep):
            won(cast)
        (request,), person = requests(), getattr(cast, who)
        with acting(person):
            send_order_back(by=person.pk, request_id=request.pk, version=request.version, comment="No")
        assert (deal_now(cast).state, requests()[0].state) == ("open", "back")

    def test_it_asks_for_a_comment_and_is_done_once(self, cast: Cast, acting: Acting) -> None:
        asks(cast, acting, "contract")
        with acting(cast.rep):
            won(cast)
        for comment, code in ((" ", "required"), ("x" * 501, "too_long"), ("a\x00b", "bad_character")):
            with acting(cast.coordinator), pytest.raises(Refused) as refused:
                send_back(cast, cast.coordinator, comment)
            assert (refused.value.path, refused.value.code) == ("comment", code)
        with acting(cast.coordinator):
            send_back(cast, cast.coordinator)
        with acting(cast.coordinator), pytest.raises(NotInReach):
            send_back(cast, cast.coordinator)

    def test_others_cannot(self, cast: Cast, acting: Acting) -> None:
        asks(cast, acting, "contract")
        with acting(cast.rep):
            won(cast)
        with acting(cast.other_rep), pytest.raises(NotInReach):
            send_back(cast, cast.other_rep)


class TestAtOnce:
    @pytest.mark.parametrize("asked", ["nothing", "contract"])
    def test_of_two_who_win_the_same_deal_one_is_told(
        self, cast: Cast, acting: Acting, owner: Any, db: str, asked: str
    ) -> None:
        asks(cast, acting, asked)

        def go(person: Any) -> Any:
            def act() -> None:
                with acting(person):
                    won(cast, by=person, opportunity_version=1)
                    if person is cast.rep:
                        waits(owner)

            return act

        first, failed = at_once(go(cast.rep))
        second, refused = at_once(go(cast.manager))
        first.join(timeout=30)
        second.join(timeout=30)
        assert len(failed + refused) == 1
        assert type((failed + refused)[0]) in (Stale, Conflict)
        assert len(ledger()) + len(requests()) == 1

    @pytest.mark.parametrize("first", ["books", "sends"])
    def test_booking_and_sending_back_wait_for_each_other_and_never_in_a_ring(
        self, cast: Cast, acting: Acting, owner: Any, db: str, first: str
    ) -> None:
        """Who comes first has the deal and waits before the request; the other one waits for the deal and is told."""
        asks(cast, acting, "contract")
        with acting(cast.rep):
            won(cast)
        sign(cast)
        (request,), version = requests(), deal_now(cast).version

        def books() -> None:
            with acting(cast.coordinator):
                won(cast, by=cast.coordinator, opportunity_version=version)

        def sends() -> None:
            with acting(cast.admin):
                send_order_back(
                    by=cast.admin.pk, request_id=request.pk, version=request.version, comment="No"
                )

        acts = [books, sends] if first == "books" else [sends, books]
        with holding(db, f"SELECT FROM orders_orderrequest WHERE id = {request.pk} FOR UPDATE") as blocker:
            one, failed = at_once(acts[0])
            waits(owner)
            other, refused = at_once(acts[1])
            waits(owner, 2)
            blocker.rollback()
            one.join(timeout=30)
            other.join(timeout=30)
        assert failed == []
        assert [type(error) for error in refused] == [Stale]
        assert [row.state for row in requests()] == ["booked" if first == "books" else "back"]
        assert len(ledger()) == (1 if first == "books" else 0)

    def test_of_two_who_book_what_waits_one_is_told(self, cast: Cast, acting: Acting) -> None:
        asks(cast, acting, "contract")
        with acting(cast.rep):
            won(cast)
        sign(cast)
        version = deal_now(cast).version
        with acting(cast.coordinator):
            won(cast, by=cast.coordinator, opportunity_version=version)
        with acting(cast.manager), pytest.raises(Conflict) as refused:
            won(cast, by=cast.manager, opportunity_version=version)
        assert refused.value.code == "already_booked"
        assert len(ledger()) == 1


def test_booking_a_deal_directly_says_what_is_missing(cast: Cast, acting: Acting) -> None:
    """Who books over the list of orders and not by winning is told, and the deal stays open."""
    asks(cast, acting, "contract")
    deal = cast.deals["Acorn renewal"]
    with acting(cast.rep), pytest.raises(Refused, match="signed contract is missing"):
        book(
            by=cast.rep.pk,
            account_id=None,
            booked_on=MAY,
            currency="USD",
            lines=[LineInput(cast.products["Licence"].pk, 1, 1_000_00)],
            shares=[],
            motion="new",
            opportunity_id=deal.pk,
            opportunity_version=1,
        )
    assert deal_now(cast).state == "open"
