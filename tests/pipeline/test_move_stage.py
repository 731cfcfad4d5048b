"""Moving a deal: ordinary moves, losing, re-opening, and winning only by booking."""

from datetime import date

import pytest

from common.errors import Conflict, Forbidden, NotInReach, Refused, Stale
from pipeline.models import Opportunity
from pipeline.selectors.detail import path
from pipeline.services import close_won, deal_for, edit_opportunity, move_stage


def move(person, deal, stage, **more):
    return move_stage(by=person.pk, opportunity_id=deal.pk, version=deal.version, stage_id=stage.pk, **more)


def win(person, deal, day):
    """The deal as booking its order leaves it."""
    row = deal_for("book", deal.pk)
    close_won(by=person.pk, deal=row, version=deal.version, won_on=day)
    return Opportunity.objects.get(pk=deal.pk)


def test_a_move_takes_category_and_visit_with_it(cast, acting):
    with acting(cast.rep):
        deal = move(cast.rep, cast.deals["Acorn renewal"], cast.stages["Proposal"])
        assert (deal.stage.name, deal.category, deal.stage_since_on) == (
            "Proposal",
            "best_case",
            date(2026, 5, 20),
        )
        visits = list(deal.visits.values_list("stage__name", "entered_on", "by_id"))
        assert visits == [
            ("Negotiation", date(2026, 4, 1), None),
            ("Proposal", date(2026, 5, 20), cast.rep.pk),
        ]


def test_a_won_stage_is_refused_by_its_code(cast, acting):
    deal = cast.deals["Acorn renewal"]
    with acting(cast.rep):
        with pytest.raises(Refused) as refused:
            move(cast.rep, deal, cast.stages["Won"])
        assert refused.value.code == "win_by_booking"
        assert Opportunity.objects.get(pk=deal.pk).state == "open"


def test_losing_asks_why(cast, acting):
    with acting(cast.rep):
        with pytest.raises(Refused) as refused:
            move(cast.rep, cast.deals["Acorn renewal"], cast.stages["Lost"])
        assert refused.value.path == "lost_reason"


def test_a_lost_deal_is_omitted_and_can_be_reopened(cast, acting):
    with acting(cast.rep):
        deal = move(cast.rep, cast.deals["Acorn renewal"], cast.stages["Lost"], lost_reason=" Price ")
        assert (deal.state, deal.category, deal.closed_on, deal.lost_reason) == (
            "lost",
            "omitted",
            date(2026, 5, 20),
            "Price",
        )
        deal = move(cast.rep, deal, cast.stages["Qualified"])
        assert (deal.state, deal.category, deal.closed_on, deal.lost_reason) == ("open", "pipeline", None, "")


def test_a_lost_deal_is_not_won_before_it_is_reopened(cast, acting):
    with acting(cast.rep):
        deal = move(cast.rep, cast.deals["Acorn renewal"], cast.stages["Lost"], lost_reason="Price")
        with pytest.raises(Conflict):
            win(cast.rep, deal, date(2026, 5, 20))
        with pytest.raises(Conflict):
            move(cast.rep, deal, cast.stages["Won"])


def test_a_lost_deal_still_counts_once_in_each_stage_that_it_reached(cast, acting):
    deal = cast.deals["Acorn renewal"]
    with acting(cast.rep):
        for stage in ("Proposal", "Negotiation", "Proposal"):
            deal = move(cast.rep, deal, cast.stages[stage])
        deal = move(cast.rep, deal, cast.stages["Lost"], lost_reason="Price")
        steps = [(step.stage.name, step.was_reached) for step in path(deal, date(2026, 5, 25))]
        assert steps == [
            ("Prospecting", False),
            ("Qualified", False),
            ("Proposal", True),
            ("Negotiation", True),
            ("Lost", True),
        ]


def test_days_in_a_stage_are_added_over_its_visits(cast, acting, clock):
    deal = cast.deals["Acorn renewal"]
    with acting(cast.rep):
        deal = move(cast.rep, deal, cast.stages["Proposal"])
        days = {step.stage.name: step.days for step in path(deal, date(2026, 5, 25))}
    assert (days["Negotiation"], days["Proposal"]) == (49, 5)


def test_winning_takes_the_day_of_the_booking_not_the_expected_one(cast, acting):
    """Expected in June, won in April: April."""
    deal = cast.deals["Acorn renewal"]
    with acting(cast.rep):
        deal = win(cast.rep, deal, date(2026, 4, 14))
        assert (deal.state, deal.category, deal.stage.name) == ("won", "closed", "Won")
        assert (deal.closed_on, deal.close_on, deal.pushes) == (date(2026, 4, 14), date(2026, 4, 14), 0)


def test_a_won_deal_stays_won(cast, acting):
    deal = cast.deals["Acorn renewal"]
    with acting(cast.rep):
        deal = win(cast.rep, deal, date(2026, 5, 1))
        with pytest.raises(Conflict):
            move(cast.rep, deal, cast.stages["Proposal"])
        with pytest.raises(Conflict):
            win(cast.rep, deal, date(2026, 5, 2))


def test_a_coordinator_wins_by_booking_but_does_not_move(cast, acting):
    deal = cast.deals["Acorn renewal"]
    with acting(cast.coordinator):
        with pytest.raises(Forbidden):
            move(cast.coordinator, deal, cast.stages["Proposal"])
        with pytest.raises(Refused) as refused:
            move(cast.coordinator, deal, cast.stages["Won"])
        assert refused.value.code == "win_by_booking"
        won = win(cast.coordinator, deal, date(2026, 5, 1))
        assert won.state == "won"


def test_without_a_won_stage_nothing_is_won(cast, acting, owner):
    owner.execute("ALTER TABLE pipeline_stage DISABLE TRIGGER USER")
    owner.execute("DELETE FROM pipeline_stage WHERE kind = 'won'")
    deal = cast.deals["Acorn renewal"]
    with acting(cast.rep), pytest.raises(Conflict) as refused:
        win(cast.rep, deal, date(2026, 5, 1))
    assert refused.value.code == "no_won_stage"


def test_a_manual_category_ends_with_the_deal(cast, acting):
    deal = cast.deals["Acorn renewal"]
    with acting(cast.rep):
        deal = edit_opportunity(
            by=cast.rep.pk, opportunity_id=deal.pk, version=deal.version, category="best_case"
        )
        deal = move(cast.rep, deal, cast.stages["Lost"], lost_reason="Price")
        assert (deal.category, deal.category_is_manual) == ("omitted", False)


def test_the_same_stage_again_changes_nothing(cast, acting):
    deal = cast.deals["Acorn renewal"]
    with acting(cast.rep):
        assert move(cast.rep, deal, cast.stages["Negotiation"]).version == deal.version


def test_a_stale_move_and_a_strangers_move(cast, acting):
    deal = cast.deals["Acorn renewal"]
    with acting(cast.rep):
        move(cast.rep, deal, cast.stages["Proposal"])
        with pytest.raises(Stale):
            move(cast.rep, deal, cast.stages["Qualified"])
        with pytest.raises(Stale):
            win(cast.rep, deal, date(2026, 5, 1))
    with acting(cast.peer), pytest.raises(NotInReach):
        move(cast.peer, deal, cast.stages["Qualified"])
