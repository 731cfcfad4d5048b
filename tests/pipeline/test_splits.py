"""Who gets the credit of a deal: what is recorded, what holds on which day, what is refused, and who is asked."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from common.access import Reach
from common.errors import Conflict, Forbidden, NotInReach, Refused, Stale
from common.models import Period
from common.transaction import work
from orders.services import LineInput, book
from pipeline.models import Opportunity, Split, SplitPart
from pipeline.rules.splits import in_force, losses
from pipeline.selectors.history import history
from pipeline.selectors.sharing import sharing, split_effects, waiting_split
from pipeline.selectors.team import credits_of, split_on
from pipeline.services import PartInput, edit_opportunity, move_stage, set_split
from pipeline.services.splits import set_split_as_asked
from tests.cast import Cast
from tests.orders.winning import asks
from tests.orders.winning import won as win_it
from workspace.models import Approval, Message
from workspace.services.approvals import answer, withdraw

TODAY, APRIL, JUNE, JULY = date(2026, 5, 20), date(2026, 4, 1), date(2026, 6, 1), date(2026, 7, 1)
WHOLE = 100_000_000
DAYS = [date(2026, 3, 1) + timedelta(days=number) for number in range(6)]


@given(st.lists(st.sampled_from(DAYS), max_size=8))
def test_the_last_recorded_of_those_that_began_counts(starts: list[date]) -> None:
    spans = in_force(starts)
    for day in [*DAYS, DAYS[-1] + timedelta(days=1)]:
        begun = [place for place, start in enumerate(starts) if start <= day]
        holding = [place for place, start, stop in spans if start <= day and (stop is None or day < stop)]
        assert holding == begun[-1:]


def test_whose_share_goes_down() -> None:
    assert losses([{1: WHOLE}], {1: 60_000_000, 2: 40_000_000}) == {1: 40_000_000}
    assert losses([{1: 60, 2: 40}, {1: 50, 3: 50}], {1: 55, 2: 45}) == {1: 5, 3: 50}
    assert losses([{1: WHOLE}], {1: WHOLE}) == {}


def percent(share: str) -> int:
    return int(float(share) * 1_000_000)


def put(
    cast: Cast, by: Any = None, on: date = TODAY, deal: str = "Acorn renewal", **more: Any
) -> Split | Approval:
    """`shares`: names of the cast with percent as text; `overlay` the same."""
    row = Opportunity.objects.get(pk=cast.deals[deal].pk)
    parts = {
        kind: [
            PartInput(getattr(cast, name).pk, percent(share)) for name, share in more.pop(kind, {}).items()
        ]
        for kind in ("revenue", "overlay")
    }
    values = {"version": row.version, "starts_on": on, **parts, **more}
    return set_split(by=(by or cast.rep).pk, opportunity_id=row.pk, **values)


def on(cast: Cast, day: date, deal: str = "Acorn renewal") -> dict[str, float]:
    names = {getattr(cast, key).pk: key for key in ("rep", "peer", "manager", "other_rep", "director")}
    row = Opportunity.objects.get(pk=cast.deals[deal].pk)
    return {names[pk]: share / 1_000_000 for pk, share in split_on(row, day).items()}


def the_deal(cast: Cast) -> Opportunity:
    return Opportunity.objects.get(pk=cast.deals["Acorn renewal"].pk)


def test_without_a_split_the_owner_gets_all_whoever_that_is(cast: Cast, acting: Any) -> None:
    with acting(cast.manager):
        assert on(cast, TODAY) == {"rep": 100}
        deal = the_deal(cast)
        edit_opportunity(
            by=cast.manager.pk, opportunity_id=deal.pk, version=deal.version, owner_id=cast.peer.pk
        )
        assert on(cast, TODAY) == {"peer": 100}


def test_a_split_holds_from_its_day_and_the_earlier_one_before(cast: Cast, acting: Any) -> None:
    with acting(cast.rep):
        put(cast, revenue={"rep": "60", "peer": "40"}, on=APRIL)
        put(cast, revenue={"rep": "20", "peer": "80"}, on=JUNE)
        assert on(cast, date(2026, 3, 31)) == {"rep": 100}
        assert on(cast, APRIL) == {"rep": 60, "peer": 40}
        assert on(cast, JUNE - timedelta(days=1)) == {"rep": 60, "peer": 40}
        assert on(cast, JUNE) == {"rep": 20, "peer": 80}
        spans = [(credit.starts_on, credit.stops_on) for credit in credits_of(the_deal(cast))]
        assert spans == [(date(2026, 2, 2), APRIL), (APRIL, JUNE), (JUNE, None)]


def test_one_from_an_earlier_day_takes_the_place_of_what_was_to_come(cast: Cast, acting: Any) -> None:
    with acting(cast.rep):
        put(cast, revenue={"rep": "20", "peer": "80"}, on=JUNE)
        put(cast, revenue={"rep": "10", "peer": "90"}, on=TODAY)
        assert on(cast, JULY) == {"rep": 10, "peer": 90}
        assert on(cast, TODAY - timedelta(days=1)) == {"rep": 100}


def test_who_stands_in_it_reads_the_deal_and_who_has_nothing_does_not(cast: Cast, acting: Any) -> None:
    with acting(cast.rep):
        put(cast, revenue={"rep": "60", "other_rep": "40"}, overlay={"other_manager": "15", "peer": "0"})
    for person, sees in ((cast.other_rep, True), (cast.other_manager, True), (cast.other_director, False)):
        with acting(person) as context:
            rows = Opportunity.objects.visible_to(context.reach)
            assert rows.filter(pk=cast.deals["Acorn renewal"].pk).exists() is sees
    with work(by=None, why="look", reach=Reach.everything()):
        people = the_deal(cast).participants.filter(user__in=[cast.other_rep, cast.other_manager, cast.peer])
        assert sorted(people.values_list("user__name", "reason")) == [
            ("Olga Other", "split"),
            ("Oscar Other", "split"),
        ]


def test_overlay_is_apart_and_of_any_sum(cast: Cast, acting: Any) -> None:
    with acting(cast.rep):
        put(cast, revenue={"rep": "100"}, overlay={"peer": "80", "manager": "75", "rep": "5"})
        assert on(cast, TODAY) == {"rep": 100}
        shown = sharing(the_deal(cast), TODAY).now
        assert [(part.person.name, part.amount_minor) for part in shown.overlay] == [
            ("Paul Peer", 8_000_001),
            ("Mona Manager", 7_500_001),
            ("Rita Rep", 500_000),
        ]
        assert [(part.person.name, part.amount_minor) for part in shown.revenue] == [("Rita Rep", 10_000_001)]


REFUSED = [
    (
        {"revenue": {"rep": "60", "peer": "39.99"}},
        "The shares total 99.99 %. They must total exactly 100 %.",
        "revenue",
    ),
    (
        {"revenue": {"rep": "60", "peer": "40.01"}},
        "The shares total 100.01 %. They must total exactly 100 %.",
        "revenue",
    ),
    ({"revenue": {}}, "The shares total 0 %. They must total exactly 100 %.", "revenue"),
    (
        {"revenue": {"rep": "100"}, "on": date(2026, 2, 1)},
        "The deal was created on Feb 2, 2026. Choose that day or a later one.",
        "starts_on",
    ),
    (
        {"revenue": {"rep": "60", "peer": "40"}, "on": date(2101, 1, 1)},
        "A day lies between 2000 and 2100.",
        "starts_on",
    ),
    ({"revenue": {"rep": "100"}}, "The credit is shared like this already.", ""),
    (
        {"revenue": {"rep": "60", "peer": "40"}, "reason": "x" * 201},
        "Write at most 200 characters.",
        "reason",
    ),
]


@pytest.mark.parametrize(("split", "words", "path"), REFUSED)
def test_what_is_refused(cast: Cast, acting: Any, split: dict[str, Any], words: str, path: str) -> None:
    with acting(cast.rep):
        with pytest.raises(Refused) as refused:
            put(cast, **split)
        assert (str(refused.value.message), refused.value.path) == (words, path)
        assert not Split.objects.exists()


def test_rows_are_refused_where_they_stand(cast: Cast, acting: Any) -> None:
    rep, peer = cast.rep.pk, cast.peer.pk
    with work(by=None, why="they left", reach=Reach.everything()):
        type(cast.rep).objects.filter(pk=cast.other_rep.pk).update(is_active=False)
    cases = [
        ([(rep, 60), (peer, 20), (rep, 20)], "revenue.2.person_id", "stands twice"),
        ([(rep, 60), (999_999, 40)], "revenue.1.person_id", "no such person"),
        ([(rep, 60), (cast.other_rep.pk, 40)], "revenue.1.person_id", "Oscar Other has left"),
        ([(rep, 160), (peer, -60)], "revenue.0.percent", "between 0 and 100"),
    ]
    with acting(cast.rep):
        deal = the_deal(cast)
        for parts, path, words in cases:
            shares = [PartInput(person, share * 1_000_000) for person, share in parts]
            with pytest.raises(Refused, match=words) as refused:
                set_split(
                    by=rep, opportunity_id=deal.pk, version=deal.version, starts_on=TODAY, revenue=shares
                )
            assert refused.value.path == path


def test_a_closed_period_keeps_its_split(cast: Cast, acting: Any) -> None:
    with work(by=None, why="closed", reach=Reach.everything()):
        Period.objects.filter(code__in=["2026-04", "2026-03"]).update(is_closed=True)
    with acting(cast.rep):
        with pytest.raises(Conflict, match="2026-04, which is closed") as refused:
            put(cast, revenue={"rep": "60", "peer": "40"}, on=APRIL)
        assert "Choose May 1, 2026 or a later day." in str(refused.value.message)
        assert refused.value.path == "starts_on"
        put(cast, revenue={"rep": "60", "peer": "40"}, on=date(2026, 5, 1))


def test_the_database_holds_to_the_total(cast: Cast, acting: Any) -> None:
    with acting(cast.rep), connection.cursor() as cursor:
        with transaction.atomic():
            split = Split.objects.create(opportunity=the_deal(cast), starts_on=TODAY)
            SplitPart.objects.create(split=split, person=cast.rep, weight=WHOLE - 1)
            with pytest.raises(IntegrityError, match="shares do not total 100 percent"):
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            transaction.set_rollback(True)
        assert not Split.objects.exists()


def test_who_may_and_when(cast: Cast, acting: Any) -> None:
    shares = {"revenue": {"rep": "60", "peer": "40"}, "reason": "they work on it"}
    for person, refusal in (
        (cast.peer, NotInReach),
        (cast.coordinator, Forbidden),
        (cast.other_manager, NotInReach),
    ):
        with acting(person), pytest.raises(refusal):
            set_split(
                by=person.pk,
                opportunity_id=cast.deals["Acorn renewal"].pk,
                version=1,
                starts_on=TODAY,
                revenue=[PartInput(cast.rep.pk, WHOLE)],
            )
    with acting(cast.rep):
        with pytest.raises(Stale):
            put(cast, version=7, **shares)
        deal = the_deal(cast)
        lost = cast.stages["Lost"].pk
        move_stage(
            by=cast.rep.pk, opportunity_id=deal.pk, version=deal.version, stage_id=lost, lost_reason="Price"
        )
        with pytest.raises(Conflict, match="closed"):
            put(cast, **shares)


def test_of_two_who_set_it_at_once_the_second_is_told(cast: Cast, acting: Any) -> None:
    with acting(cast.rep):
        version = the_deal(cast).version
        put(cast, revenue={"rep": "60", "peer": "40"}, version=version)
        with pytest.raises(Stale):
            put(cast, revenue={"rep": "50", "peer": "50"}, version=version, reason="no")


class TestWhoIsAsked:
    """Rita owns the deal and sits in East 1, Paul in East 2, both led by Mona; Oscar in West 1, led by Olga."""

    def shared(self, cast: Cast, acting: Any, **revenue: str) -> None:
        with acting(cast.rep):
            assert isinstance(put(cast, revenue=revenue), Split)

    def test_nobody_where_only_ones_own_share_goes_down(self, cast: Cast, acting: Any) -> None:
        self.shared(cast, acting, rep="60", peer="40")
        with acting(cast.rep):
            assert on(cast, TODAY) == {"rep": 60, "peer": 40}
        self.shared(cast, acting, rep="30", peer="70")
        with acting(cast.rep):
            assert on(cast, TODAY) == {"rep": 30, "peer": 70}
        with work(by=None, why="look", reach=Reach.everything()):
            assert not Approval.objects.exists()

    def test_nobody_where_the_actor_leads_who_loses(self, cast: Cast, acting: Any) -> None:
        self.shared(cast, acting, rep="60", peer="40")
        for person in (cast.manager, cast.director):
            with acting(person):
                shares = {"rep": "90", "peer": "10"} if person is cast.manager else {"rep": "95", "peer": "5"}
                with pytest.raises(
                    Refused, match="Say why, because the share of Paul Peer goes down"
                ) as refused:
                    put(cast, by=person, revenue=shares)
                assert refused.value.path == "reason"
                assert isinstance(put(cast, by=person, revenue=shares, reason="less to do"), Split)

    def test_the_lead_of_whoever_loses_most(self, cast: Cast, acting: Any) -> None:
        self.shared(cast, acting, rep="20", peer="30", other_rep="50")
        with acting(cast.rep):
            asked = put(cast, revenue={"rep": "60", "peer": "20", "other_rep": "20"}, reason="Oscar left it")
            assert isinstance(asked, Approval)
            assert (asked.approver, asked.reason) == (cast.other_manager, "Oscar left it")
            assert on(cast, TODAY) == {"rep": 20, "peer": 30, "other_rep": 50}

    def test_of_those_whom_the_actor_does_not_lead(self, cast: Cast, acting: Any) -> None:
        self.shared(cast, acting, rep="10", peer="60", other_rep="30")
        with acting(cast.manager):
            shares = {"rep": "80", "peer": "0", "other_rep": "20"}
            asked = put(cast, by=cast.manager, revenue=shares, reason="Rita did it")
            assert asked.approver == cast.other_manager

    def test_an_administrator_where_nobody_leads_them(self, cast: Cast, acting: Any) -> None:
        self.shared(cast, acting, rep="60", director="40")
        with acting(cast.rep):
            asked = put(cast, revenue={"rep": "100"}, reason="Dora stays out")
            assert (asked.approver, asked.role) == (None, "admin")

    def test_what_a_later_day_would_take_counts_too(self, cast: Cast, acting: Any) -> None:
        with acting(cast.rep):
            put(cast, revenue={"rep": "20", "peer": "80"}, on=JUNE)
            asked = put(cast, revenue={"rep": "90", "peer": "10"}, on=TODAY, reason="from the beginning")
            assert isinstance(asked, Approval)
            assert asked.approver == cast.manager
            assert on(cast, JUNE) == {"rep": 20, "peer": 80}


@pytest.fixture
def asked(cast: Cast, acting: Any) -> Approval:
    """Rita asks to take Oscar's 40 % back; Olga, who does not see the deal, is to answer."""
    with acting(cast.rep):
        put(cast, revenue={"rep": "60", "other_rep": "40"})
        approval = put(cast, revenue={"rep": "90", "other_rep": "10"}, on=JUNE, reason="he left it")
    assert isinstance(approval, Approval)
    return approval


def give(acting: Any, person: Any, approval: Approval, *, is_granted: bool, text: str = "") -> None:
    with acting(person):
        answer(
            by=person.pk,
            approval_id=approval.pk,
            version=approval.version,
            is_granted=is_granted,
            answer=text,
        )


def ended(approval: Approval) -> tuple[str, Any, str]:
    with work(by=None, why="look", reach=Reach.everything()):
        approval.refresh_from_db()
        return approval.state, approval.answered_by, approval.answer


def lost(cast: Cast, acting: Any) -> None:
    """Rita's deal is Paul's."""
    with acting(cast.manager):
        deal = the_deal(cast)
        known = {"opportunity_id": deal.pk, "version": deal.version}
        edit_opportunity(by=cast.manager.pk, **known, owner_id=cast.peer.pk)


class TestTheAnswer:
    def test_who_is_asked_reads_what_it_would_do(self, cast: Cast, acting: Any, asked: Approval) -> None:
        with acting(cast.other_manager):
            assert split_effects([asked.payload]) == [
                "From Jun 1, 2026 on: Rita Rep 90 % instead of 60 %, Oscar Other 10 % instead of 40 %."
            ]
            assert Message.objects.filter(event="approval_asked", about="Split of Acorn renewal").exists()

    def test_granted_it_holds_as_what_was_asked(self, cast: Cast, acting: Any, asked: Approval) -> None:
        give(acting, cast.other_manager, asked, is_granted=True)
        with acting(cast.rep):
            assert on(cast, JUNE) == {"rep": 90, "other_rep": 10}
            assert on(cast, TODAY) == {"rep": 60, "other_rep": 40}
            assert waiting_split(cast.deals["Acorn renewal"].pk) is None
            change = next(one for one in history(the_deal(cast)) if one.text.startswith("Split"))
            assert change.text == "Split from Jun 1, 2026 on: Rita Rep 90 %, Oscar Other 10 %"
            assert (change.by, change.reason) == ("Rita Rep, approved by Olga Other", "he left it")

    def test_refused_nothing_changes(self, cast: Cast, acting: Any, asked: Approval) -> None:
        give(acting, cast.other_manager, asked, is_granted=False, text="He did half of it")
        with acting(cast.rep):
            assert on(cast, JULY) == {"rep": 60, "other_rep": 40}
            assert isinstance(put(cast, revenue={"rep": "50", "other_rep": "50"}), Split)

    def test_withdrawn_nothing_changes(self, cast: Cast, acting: Any, asked: Approval) -> None:
        with acting(cast.rep):
            withdraw(by=cast.rep.pk, approval_id=asked.pk, version=asked.version)
            assert on(cast, JULY) == {"rep": 60, "other_rep": 40}
            assert sharing(the_deal(cast), TODAY).waiting is None

    def test_while_it_waits_no_other_change_begins(self, cast: Cast, acting: Any, asked: Approval) -> None:
        with acting(cast.manager), pytest.raises(Conflict) as refused:
            put(cast, by=cast.manager, revenue={"rep": "50", "other_rep": "50"})
        words = "A change of the split of Acorn renewal waits for Olga Other. Rita Rep can withdraw it."
        assert str(refused.value.message) == words

    def test_winning_the_deal_withdraws_it(self, cast: Cast, acting: Any, asked: Approval) -> None:
        deal = cast.deals["Acorn renewal"]
        with acting(cast.rep):
            book(
                by=cast.rep.pk,
                account_id=None,
                booked_on=TODAY,
                currency="USD",
                lines=[LineInput(cast.products["Licence"].pk, 1, 1_000_00)],
                shares=[],
                motion="new",
                opportunity_id=deal.pk,
                opportunity_version=the_deal(cast).version,
            )
        assert ended(asked) == ("withdrawn", cast.rep, "Acorn renewal was won.")

    def test_so_does_winning_it_while_its_order_awaits_its_booking(
        self, cast: Cast, acting: Any, asked: Approval
    ) -> None:
        asks(cast, acting, "contract")
        with acting(cast.coordinator):
            win_it(cast, by=cast.coordinator)
            assert the_deal(cast).awaits_booking_since
        assert ended(asked) == ("withdrawn", cast.coordinator, "Acorn renewal was won.")

    def test_losing_the_deal_withdraws_it_and_moving_it_on_does_not(
        self, cast: Cast, acting: Any, asked: Approval
    ) -> None:
        for stage, reason in (("Proposal", ""), ("Lost", "Price")):
            assert ended(asked) == ("waiting", None, "")
            with acting(cast.rep):
                move_stage(
                    by=cast.rep.pk,
                    opportunity_id=the_deal(cast).pk,
                    version=the_deal(cast).version,
                    stage_id=cast.stages[stage].pk,
                    lost_reason=reason,
                )
        assert ended(asked) == ("withdrawn", cast.rep, "Acorn renewal was lost.")
        with acting(cast.rep):
            assert sharing(the_deal(cast), TODAY).waiting is None
            assert on(cast, JULY) == {"rep": 60, "other_rep": 40}

    def test_after_the_owner_changed_it_is_asked_anew(self, cast: Cast, acting: Any) -> None:
        with acting(cast.rep):
            put(cast, revenue={"rep": "20", "other_rep": "80"}, on=JULY)
        with acting(cast.manager):
            shares = {"rep": "50", "other_rep": "50"}
            approval = put(cast, by=cast.manager, revenue=shares, on=TODAY, reason="half")
            deal = the_deal(cast)
            edit_opportunity(
                by=cast.manager.pk, opportunity_id=deal.pk, version=deal.version, owner_id=cast.peer.pk
            )
        with pytest.raises(Conflict, match="changed after this was asked for"):
            give(acting, cast.other_manager, approval, is_granted=True)

    def test_after_whoever_asked_lost_the_deal_it_is_not_approved(
        self, cast: Cast, acting: Any, asked: Approval
    ) -> None:
        lost(cast, acting)
        with pytest.raises(Conflict) as refused:
            give(acting, cast.other_manager, asked, is_granted=True)
        words = "Rita Rep may not change Acorn renewal any more. Refuse it, and let its owner ask."
        assert (str(refused.value.message), refused.value.code) == (words, "asker_may_not")
        with acting(cast.peer):
            assert on(cast, JULY) == {"rep": 60, "other_rep": 40}

    def test_a_new_owner_does_not_wait_for_what_the_old_one_asked(
        self, cast: Cast, acting: Any, browse: Any, asked: Approval
    ) -> None:
        lost(cast, acting)
        page = browse(cast.peer).get(f"/opportunities/{asked.key}/team/").content.decode()
        assert "Rita Rep may not change this opportunity any more: another change takes its place." in page
        assert "Change the split" in page
        with acting(cast.peer):
            assert not sharing(the_deal(cast), TODAY).is_held
            shares = {"peer": "60", "other_rep": "40"}
            approval = put(cast, by=cast.peer, revenue=shares, reason="mine now")
            assert (approval.asked_by, approval.approver) == (cast.peer, cast.manager)
        with work(by=None, why="look", reach=Reach.everything()):
            asked.refresh_from_db()
            told = (asked.state, asked.answered_by, asked.answer)
            words = "Rita Rep may not change Acorn renewal any more."
            assert told == ("withdrawn", cast.peer, words)
        give(acting, cast.manager, approval, is_granted=True)
        with acting(cast.peer):
            assert on(cast, JULY) == {"peer": 60, "other_rep": 40}

    def test_somebody_who_left_meanwhile_gets_nothing(self, cast: Cast, acting: Any, asked: Approval) -> None:
        with work(by=None, why="they left", reach=Reach.everything()):
            type(cast.rep).objects.filter(pk=cast.other_rep.pk).update(is_active=False)
        with pytest.raises(Refused, match="Oscar Other has left"):
            give(acting, cast.other_manager, asked, is_granted=True)

    def test_a_period_closed_meanwhile_keeps_its_split(self, cast: Cast, acting: Any) -> None:
        with acting(cast.rep):
            put(cast, revenue={"rep": "60", "other_rep": "40"}, on=APRIL)
            approval = put(cast, revenue={"rep": "90", "other_rep": "10"}, on=APRIL, reason="half")
        with work(by=None, why="closed", reach=Reach.everything()):
            Period.objects.filter(code="2026-04").update(is_closed=True)
        with pytest.raises(Conflict, match="2026-04, which is closed"):
            give(acting, cast.other_manager, approval, is_granted=True)

    def test_the_act_runs_out_of_its_approval_alone(self, cast: Cast, acting: Any, asked: Approval) -> None:
        with acting(cast.admin), pytest.raises(Forbidden, match="approval of a second person"):
            set_split_as_asked(by=cast.admin.pk, approval_id=asked.pk, **asked.payload)
        with acting(cast.director), pytest.raises((Forbidden, NotInReach)):
            answer(by=cast.director.pk, approval_id=asked.pk, version=asked.version, is_granted=True)
