"""Opening a deal: what it starts with, who may, what is refused."""

from datetime import date

import pytest

from common.errors import Forbidden, NotInReach, Refused
from pipeline.models import Opportunity, StageVisit
from pipeline.services import create_opportunity


def opening(cast, **changes):
    values = {
        "account_id": cast.accounts["Acorn"].pk,
        "name": "New servers",
        "amount_minor": 123_456,
        "currency": "USD",
        "close_on": date(2026, 6, 30),
        "stage_id": cast.stages["Prospecting"].pk,
    }
    return {**values, **changes}


def test_a_deal_starts_with_its_owner_territory_category_and_first_visit(cast, acting):
    with acting(cast.rep):
        deal = create_opportunity(by=cast.rep.pk, **opening(cast))
        assert (deal.owner_id, deal.territory_id) == (cast.rep.pk, cast.territories["East 1"].pk)
        assert (deal.state, deal.category, deal.category_is_manual) == ("open", "pipeline", False)
        assert (deal.amount_minor, deal.created_on, deal.stage_since_on) == (
            123_456,
            date(2026, 5, 20),
            date(2026, 5, 20),
        )
        visits = StageVisit.objects.filter(opportunity=deal).values_list("stage__name", "entered_on", "by_id")
        assert list(visits) == [("Prospecting", date(2026, 5, 20), cast.rep.pk)]


def test_an_account_is_made_in_place_where_the_person_sits(cast, acting):
    with acting(cast.rep):
        values = opening(cast, account_id=None, account_name="Dogwood Ltd")
        deal = create_opportunity(by=cast.rep.pk, **values)
        assert deal.account is not None
        assert deal.account.name == "Dogwood Ltd"
        assert deal.territory_id == cast.territories["East 1"].pk


def test_a_manager_opens_a_deal_for_somebody_whom_they_lead(cast, acting):
    with acting(cast.manager):
        deal = create_opportunity(by=cast.manager.pk, **opening(cast, owner_id=cast.rep.pk))
        assert deal.owner_id == cast.rep.pk


def test_a_rep_opens_no_deal_for_a_colleague(cast, acting):
    with acting(cast.rep), pytest.raises(Forbidden):
        create_opportunity(by=cast.rep.pk, **opening(cast, owner_id=cast.peer.pk))


def test_a_manager_gives_no_deal_to_another_team(cast, acting):
    with acting(cast.manager), pytest.raises(Forbidden):
        create_opportunity(by=cast.manager.pk, **opening(cast, owner_id=cast.other_rep.pk))


def test_an_executive_reads_and_opens_nothing(cast, acting):
    with acting(cast.executive), pytest.raises(Forbidden):
        create_opportunity(by=cast.executive.pk, **opening(cast))


def test_an_account_out_of_reach_is_not_there(cast, acting):
    with acting(cast.rep), pytest.raises(NotInReach):
        create_opportunity(by=cast.rep.pk, **opening(cast, account_id=cast.accounts["Cedar"].pk))


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"name": "   "}, "name"),
        ({"amount_minor": None}, "amount_minor"),
        ({"amount_minor": -1}, "amount_minor"),
        ({"amount_minor": 10**15}, "amount_minor"),
        ({"currency": "XXX"}, "currency"),
        ({"close_on": date(26, 6, 30)}, "close_on"),
        ({"stage_id": 10**12}, "stage_id"),
        ({"motion": "sideways"}, "motion"),
        ({"account_id": None, "account_name": " "}, "account_name"),
        ({"owner_id": 10**12}, "owner_id"),
    ],
)
def test_what_is_out_of_range_is_named(cast, acting, changes, path):
    with acting(cast.rep):
        with pytest.raises(Refused) as refused:
            create_opportunity(by=cast.rep.pk, **opening(cast, **changes))
        assert refused.value.path == path
        assert Opportunity.objects.filter(name="New servers").count() == 0


@pytest.mark.parametrize("stage", ["Won", "Lost"])
def test_a_deal_starts_in_an_open_stage(cast, acting, stage):
    with acting(cast.rep):
        with pytest.raises(Refused) as refused:
            create_opportunity(by=cast.rep.pk, **opening(cast, stage_id=cast.stages[stage].pk))
        assert refused.value.code == "win_by_booking"
