"""Disputes: who may raise, answer and withdraw them, what grants one, and what is told to whom."""

import threading
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, connections, transaction

from accounts.models import AccountTerritory
from common.access import Reach, table
from common.errors import Conflict, Forbidden, NotInReach, Refused, Stale
from common.selectors import today
from common.transaction import reach, work
from orders.models import BookingEvent, Credit, Dispute, Order
from orders.selectors.disputes import disputes_of, in_dispute, to_answer
from orders.services import (
    LineInput,
    OpeningInput,
    ShareInput,
    answer_dispute,
    book_on_another_day,
    cancel,
    correct,
    post_opening,
    put_right,
    raise_dispute,
    withdraw_dispute,
)
from territories.selectors import reach_for
from tests.cast import Cast
from tests.conftest import Acting
from tests.orders.test_book import FORTY, HALF, MAY, SIXTY, ledger, order_of
from workspace.models import Message

LATER = date(2026, 5, 19)


@pytest.fixture
def order(cast: Cast, acting: Acting) -> Order:
    """1,000.00 of Acorn in East 1: Rita has 60 %, Oscar of the West 40 %."""
    with acting(cast.rep):
        shares = [ShareInput(cast.rep.pk, SIXTY), ShareInput(cast.other_rep.pk, FORTY)]
        return order_of(cast, shares=shares)


@pytest.fixture
def credit(cast: Cast, order: Order) -> Credit:
    return next(row for row in ledger() if row.person_id == cast.rep.pk)


@pytest.fixture
def dispute(cast: Cast, acting: Acting, credit: Credit) -> Dispute:
    with acting(cast.rep):
        return raise_dispute(by=cast.rep.pk, cause="share", text="It was 80 %.", credit_id=credit.pk)


def corrected(cast: Cast, who: Any, order: Order, act: Callable[..., Any] = correct, **changes: Any) -> Any:
    """The order at half each, dated later."""
    values: dict[str, Any] = {
        "by": who.pk,
        "order_id": order.pk,
        "version": 1,
        "booked_on": LATER,
        "reason": "half each",
        "cause": "split",
        "lines": [LineInput(cast.products["Licence"].pk, 1, 1_000_00)],
        "shares": [ShareInput(cast.rep.pk, HALF), ShareInput(cast.other_rep.pk, HALF)],
    }
    return act(**{**values, **changes})


def now(dispute: Dispute) -> Dispute:
    with work(by=None, why="look", reach=Reach.everything()):
        dispute.refresh_from_db()
    return dispute


def told() -> list[tuple[str, str]]:
    with work(by=None, why="look", reach=Reach.everything()):
        rows = Message.objects.filter(event__startswith="dispute").select_related("person")
        return sorted((row.event, row.person.name) for row in rows)


def was_in_the_west(cast: Cast, order: Order) -> None:
    """Its account, until the end of March."""
    west, april = cast.territories["West 1"], date(2026, 4, 1)
    with work(by=None, why="it was of the West", reach=Reach.everything()):
        east = AccountTerritory.objects.get(account=order.account_id, superseded_at=None)
        begun = east.starts_on
        east.replaced(starts_on=april)
        AccountTerritory.objects.create(
            account=order.account, territory=west, starts_on=begun, stops_on=april
        )


def test_whoever_has_the_territory_of_another_day_answers(
    cast: Cast, acting: Acting, order: Order, dispute: Dispute
) -> None:
    was_in_the_west(cast, order)
    with acting(cast.coordinator):
        book_on_another_day(
            by=cast.coordinator.pk,
            order_id=order.pk,
            version=1,
            booked_on=date(2026, 3, 2),
            reason="signed then",
        )
    assert now(dispute).territory_id == cast.territories["West 1"].pk


class TestRaising:
    def test_ones_own_credit(self, cast: Cast, order: Order, credit: Credit, dispute: Dispute) -> None:
        assert (dispute.order_id, dispute.credit_id, dispute.about) == (order.pk, credit.pk, order.number)
        assert (dispute.state, dispute.territory_id) == ("open", cast.territories["East 1"].pk)
        names = [cast.admin.name, cast.coordinator.name, cast.director.name]
        assert told() == sorted(("dispute_raised", name) for name in names)

    def test_somebody_elses_credit_is_not_there(self, cast: Cast, acting: Acting, credit: Credit) -> None:
        with acting(cast.peer), pytest.raises(NotInReach):
            raise_dispute(by=cast.peer.pk, cause="share", text="mine", credit_id=credit.pk)
        with acting(cast.other_rep), pytest.raises(NotInReach):
            raise_dispute(by=cast.other_rep.pk, cause="share", text="mine", credit_id=credit.pk)

    def test_a_managers_rep_is_not_the_manager(self, cast: Cast, acting: Acting, credit: Credit) -> None:
        with acting(cast.manager), pytest.raises(Forbidden):
            raise_dispute(by=cast.manager.pk, cause="share", text="theirs", credit_id=credit.pk)

    @pytest.mark.parametrize("who", ["coordinator", "admin", "executive"])
    def test_who_does_not_sell_raises_none(self, cast: Cast, acting: Acting, order: Order, who: str) -> None:
        person = getattr(cast, who)
        with acting(person), pytest.raises(Forbidden):
            raise_dispute(by=person.pk, cause="share", text="mine", order_id=order.pk)

    def test_an_order_in_which_one_should_have_credit(self, cast: Cast, acting: Acting, order: Order) -> None:
        with acting(cast.manager):
            made = raise_dispute(by=cast.manager.pk, cause="person", text="I sold it", order_id=order.pk)
        assert (made.credit_id, made.order_id) == (None, order.pk)
        with acting(cast.manager), pytest.raises(Refused) as refused:
            raise_dispute(by=cast.manager.pk, cause="person", text="I did", order_id=order.pk)
        assert str(refused.value.message) == "You dispute this order already. Wait for the answer."

    def test_an_order_out_of_reach(self, cast: Cast, acting: Acting, order: Order) -> None:
        with acting(cast.peer), pytest.raises(NotInReach):
            raise_dispute(by=cast.peer.pk, cause="person", text="I sold it", order_id=order.pk)

    def test_who_has_credit_disputes_that(self, cast: Cast, acting: Acting, order: Order) -> None:
        with acting(cast.rep), pytest.raises(Refused) as refused:
            raise_dispute(by=cast.rep.pk, cause="share", text="more", order_id=order.pk)
        assert refused.value.code == "has_credit"

    @pytest.mark.usefixtures("dispute")
    def test_one_open_at_a_time(self, cast: Cast, acting: Acting, credit: Credit) -> None:
        with acting(cast.rep), pytest.raises(Refused) as refused:
            raise_dispute(by=cast.rep.pk, cause="rate", text="again", credit_id=credit.pk)
        assert str(refused.value.message) == "You dispute this credit already. Wait for the answer."

    @pytest.mark.parametrize(
        ("changes", "path"),
        [
            ({"text": " "}, "text"),
            ({"text": "x" * 501}, "text"),
            ({"text": "x" * 2_000_000}, "text"),
            ({"text": "a\u202eb"}, "text"),
            ({"cause": "anger"}, "cause"),
            ({"order_id": 1}, "credit_id"),
            ({"credit_id": None}, "credit_id"),
        ],
    )
    def test_what_is_refused(
        self, cast: Cast, acting: Acting, credit: Credit, changes: dict[str, Any], path: str
    ) -> None:
        values = {"by": cast.rep.pk, "cause": "share", "text": "why", "credit_id": credit.pk, **changes}
        with acting(cast.rep), pytest.raises(Refused) as refused:
            raise_dispute(**values)
        assert refused.value.path == path


class TestAnswering:
    def test_refused_with_a_reason(self, cast: Cast, acting: Acting, dispute: Dispute) -> None:
        with acting(cast.director), pytest.raises(Refused) as refused:
            answer_dispute(by=cast.director.pk, dispute_id=dispute.pk, version=1, is_granted=False)
        assert refused.value.code == "reason_needed"
        with acting(cast.director):
            answer_dispute(
                by=cast.director.pk, dispute_id=dispute.pk, version=1, is_granted=False, answer="as agreed"
            )
        done = now(dispute)
        assert (done.state, done.answer, done.answered_by_id) == ("refused", "as agreed", cast.director.pk)
        assert ("dispute_answered", "Rita Rep") in told()
        with acting(cast.rep):  # and may be raised again
            raise_dispute(by=cast.rep.pk, cause="share", text="no", credit_id=dispute.credit_id)

    def test_granted_by_the_correction_in_one_step(
        self, cast: Cast, acting: Acting, order: Order, dispute: Dispute
    ) -> None:
        with acting(cast.coordinator):
            event = corrected(
                cast, cast.coordinator, order, put_right, how="correct", dispute_id=dispute.pk, answer="right"
            )
        done = now(dispute)
        assert (done.state, done.event_id, done.answer) == ("granted", event.pk, "right")
        held = sum(row.amount_minor for row in ledger() if row.person_id == cast.rep.pk)
        assert held == 500_00

    def test_granted_by_a_new_split_or_another_day(
        self, cast: Cast, acting: Acting, order: Order, dispute: Dispute
    ) -> None:
        shares = [ShareInput(cast.rep.pk, HALF), ShareInput(cast.other_rep.pk, HALF)]
        asked = {"by": cast.coordinator.pk, "order_id": order.pk, "reason": "half each"}
        with acting(cast.coordinator):
            split = put_right(
                **asked, dispute_id=dispute.pk, how="split", version=1, booked_on=LATER, shares=shares
            )
        assert (now(dispute).state, now(dispute).event_id, split.kind) == ("granted", split.pk, "new_split")
        with acting(cast.rep):
            credit = Credit.objects.filter(person=cast.rep).latest("ledger_seq")
            again = raise_dispute(by=cast.rep.pk, cause="date", text="In April.", credit_id=credit.pk)
        with acting(cast.coordinator):
            day = date(2026, 4, 30)
            moved = put_right(
                **asked, dispute_id=again.pk, how="day", version=2, booked_on=day, answer="Yes."
            )
        assert (now(again).state, now(again).event_id, moved.kind) == ("granted", moved.pk, "new_date")

    def test_another_day_may_put_it_out_of_the_answerers_reach(
        self, cast: Cast, acting: Acting, order: Order
    ) -> None:
        """The account was in the West then: the East's director grants what Oscar of the West disputes."""
        was_in_the_west(cast, order)
        with acting(cast.other_rep):
            theirs = Credit.objects.get(person=cast.other_rep)
            raised = raise_dispute(by=cast.other_rep.pk, cause="date", text="In March.", credit_id=theirs.pk)
        asked = {
            "by": cast.director.pk,
            "order_id": order.pk,
            "dispute_id": raised.pk,
            "reason": "signed then",
        }
        with acting(cast.director):
            event = put_right(**asked, how="day", version=1, booked_on=date(2026, 3, 2))
        west = cast.territories["West 1"].pk
        assert (now(raised).state, now(raised).event_id, now(raised).territory_id) == (
            "granted",
            event.pk,
            west,
        )

    def test_a_correction_that_is_refused_answers_nothing(
        self, cast: Cast, acting: Acting, order: Order, dispute: Dispute
    ) -> None:
        with acting(cast.coordinator), pytest.raises(Stale):
            corrected(
                cast, cast.coordinator, order, put_right, how="correct", dispute_id=dispute.pk, version=7
            )
        assert now(dispute).state == "open"
        assert len(ledger()) == 2

    def test_granted_by_an_entry_posted_since(
        self, cast: Cast, acting: Acting, order: Order, dispute: Dispute
    ) -> None:
        with acting(cast.coordinator):
            event = corrected(cast, cast.coordinator, order)
        with acting(cast.coordinator):
            answer_dispute(
                by=cast.coordinator.pk,
                dispute_id=dispute.pk,
                version=1,
                is_granted=True,
                event_id=event.pk,
            )
        assert now(dispute).event_id == event.pk

    def test_not_by_what_was_there_before_nor_by_another_order(
        self, cast: Cast, acting: Acting, order: Order, dispute: Dispute
    ) -> None:
        with acting(cast.rep):
            other = order_of(cast)
        with work(by=None, why="look", reach=Reach.everything()):
            before = BookingEvent.objects.get(order=order).pk
            another = BookingEvent.objects.get(order=other).pk
        for event in (before, another, 999_999, None):
            with acting(cast.coordinator), pytest.raises(Refused) as refused:
                answer_dispute(
                    by=cast.coordinator.pk,
                    dispute_id=dispute.pk,
                    version=1,
                    is_granted=True,
                    event_id=event,
                )
            assert refused.value.path == "event_id"
        with acting(cast.coordinator), pytest.raises(Refused):
            corrected(cast, cast.coordinator, other, put_right, how="correct", dispute_id=dispute.pk)

    @pytest.mark.parametrize(
        ("who", "error"),
        [
            ("rep", Forbidden),
            ("manager", Forbidden),
            ("peer", NotInReach),
            ("other_rep", NotInReach),
            ("other_director", NotInReach),
            ("executive", Forbidden),
        ],
    )
    def test_who_may_not(
        self, cast: Cast, acting: Acting, dispute: Dispute, who: str, error: type[Exception]
    ) -> None:
        person = getattr(cast, who)
        with acting(person), pytest.raises(error):
            answer_dispute(by=person.pk, dispute_id=dispute.pk, version=1, is_granted=False, answer="no")

    def test_nobody_answers_their_own(self, cast: Cast, acting: Acting, order: Order) -> None:
        with acting(cast.director):
            own = raise_dispute(by=cast.director.pk, cause="person", text="me", order_id=order.pk)
        for act in (
            lambda: answer_dispute(
                by=cast.director.pk, dispute_id=own.pk, version=1, is_granted=False, answer="no"
            ),
            lambda: corrected(cast, cast.director, order, put_right, how="correct", dispute_id=own.pk),
        ):
            with acting(cast.director), pytest.raises(Forbidden):
                act()
        assert cast.director.name not in [name for _event, name in told()]
        with acting(cast.director):
            assert list(to_answer(reach())) == []
        with pytest.raises(IntegrityError), transaction.atomic(), acting(cast.admin):
            Dispute.objects.filter(pk=own.pk).update(
                state="refused", answer="x", answered_by=cast.director, answered_at=own.raised_at
            )

    def test_the_first_answer_stands(self, cast: Cast, acting: Acting, dispute: Dispute) -> None:
        refusal: dict[str, Any] = {"dispute_id": dispute.pk, "is_granted": False, "answer": "no"}
        with acting(cast.director):
            answer_dispute(by=cast.director.pk, version=1, **refusal)
        with acting(cast.coordinator), pytest.raises(Conflict) as conflict:
            answer_dispute(by=cast.coordinator.pk, version=2, **refusal)
        assert str(conflict.value.message).startswith("Dora Director answered this dispute ")
        with acting(cast.rep), pytest.raises(Conflict):
            withdraw_dispute(by=cast.rep.pk, dispute_id=dispute.pk, version=2)

    def test_a_stale_answer(self, cast: Cast, acting: Acting, dispute: Dispute) -> None:
        with acting(cast.director), pytest.raises(Stale):
            answer_dispute(
                by=cast.director.pk, dispute_id=dispute.pk, version=9, is_granted=False, answer="no"
            )


class TestWithdrawing:
    def test_by_who_raised_it(self, cast: Cast, acting: Acting, dispute: Dispute) -> None:
        with acting(cast.coordinator), pytest.raises(Forbidden):
            withdraw_dispute(by=cast.coordinator.pk, dispute_id=dispute.pk, version=1)
        with acting(cast.rep):
            withdraw_dispute(by=cast.rep.pk, dispute_id=dispute.pk, version=1)
        assert now(dispute).state == "withdrawn"
        with acting(cast.coordinator), pytest.raises(Conflict) as conflict:
            answer_dispute(
                by=cast.coordinator.pk, dispute_id=dispute.pk, version=2, is_granted=False, answer="no"
            )
        assert conflict.value.code == "withdrawn"


class TestOpeningEntries:
    @pytest.fixture
    def entry(self, cast: Cast, acting: Acting) -> Credit:
        self.post(cast, acting, 700_00)
        return ledger()[-1]

    def post(self, cast: Cast, acting: Acting, minor: int) -> None:
        line = OpeningInput(
            person_id=cast.rep.pk,
            booked_on=MAY,
            family_id=cast.families["Software"].pk,
            amount_minor=minor,
            currency="USD",
            motion="new",
            is_new_business=True,
            source="book.xlsx, line 3",
        )
        with acting(cast.admin):
            post_opening(by=cast.admin.pk, entries=[line])

    def test_administrators_answer(self, cast: Cast, acting: Acting, entry: Credit) -> None:
        with acting(cast.rep):
            made = raise_dispute(by=cast.rep.pk, cause="amount", text="800", credit_id=entry.pk)
        assert (made.order_id, made.about) == (None, "book.xlsx, line 3")
        assert told() == [("dispute_raised", cast.admin.name)]
        with acting(cast.director), pytest.raises(Forbidden):
            answer_dispute(by=cast.director.pk, dispute_id=made.pk, version=1, is_granted=False, answer="no")
        with acting(cast.director):
            assert list(to_answer(reach())) == []
        self.post(cast, acting, 100_00)
        with acting(cast.admin):
            event = BookingEvent.objects.filter(kind="opening").latest("pk")
            answer_dispute(
                by=cast.admin.pk, dispute_id=made.pk, version=1, is_granted=True, event_id=event.pk
            )
        assert now(made).state == "granted"


class TestReading:
    def test_each_reader_has_their_own(self, cast: Cast, acting: Acting, dispute: Dispute) -> None:
        seen_by = {}
        for who in ("rep", "peer", "manager", "director", "other_rep", "other_director", "coordinator"):
            with acting(getattr(cast, who)):
                seen_by[who] = Dispute.objects.count()
        assert seen_by == {
            "rep": 1,
            "peer": 0,
            "manager": 1,
            "director": 1,
            "other_rep": 0,
            "other_director": 0,
            "coordinator": 1,
        }

    def test_a_row_has_its_last_dispute(self, cast: Cast, acting: Acting, dispute: Dispute) -> None:
        credit = dispute.credit_id or 0
        with acting(cast.rep):
            assert disputes_of([credit], reach())[credit].pk == dispute.pk
            withdraw_dispute(by=cast.rep.pk, dispute_id=dispute.pk, version=1)
            assert disputes_of([credit], reach()) == {}

    def test_what_is_in_open_disputes(
        self, cast: Cast, acting: Acting, dispute: Dispute, order: Order
    ) -> None:
        with acting(cast.coordinator):
            cancel(
                by=cast.coordinator.pk,
                order_id=order.pk,
                version=1,
                booked_on=LATER,
                reason="half",
                amount_minor=500_00,
            )
        back = next(row for row in ledger() if row.reverses_id == dispute.credit_id)
        with acting(cast.rep):
            raise_dispute(by=cast.rep.pk, cause="amount", text="not half", credit_id=back.pk)
            found = in_dispute(cast.rep.pk, cast.q2.span)
            assert (found.count, found.plan_minor) == (2, 600_00 + 300_00)
            empty = in_dispute(cast.rep.pk, cast.q1.span)
            assert (empty.count, empty.plan_minor) == (0, 0)


def test_who_answers_may_put_the_order_right() -> None:
    """The two lines of the access table say the same."""
    assert table()["dispute"].actions["answer"] == table()["order"].actions["counter"]


def test_of_two_answers_at_once_one_stands(cast: Cast, acting: Acting, dispute: Dispute) -> None:
    outcomes: list[str] = []

    def answered(person: Any) -> None:
        try:
            with work(by=None, why="reach"):
                mine = reach_for(person, today())
            with work(by=person.pk, why="a race", reach=mine):
                refusal: dict[str, Any] = {"is_granted": False, "answer": "no"}
                answer_dispute(by=person.pk, dispute_id=dispute.pk, version=1, **refusal)
                outcomes.append("answered")
        except Conflict:
            outcomes.append("conflict")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=answered, args=[who]) for who in (cast.director, cast.coordinator)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["answered", "conflict"]
    assert sum(event == "dispute_answered" for event, _name in told()) == 1
