"""A deal is lost with its reason and to whom, and what was said goes when it is opened again."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from common.access import Reach
from common.errors import Conflict, Refused
from common.transaction import work
from pipeline.models import Competitor, Opportunity
from pipeline.services import lose_opportunity, move_stage
from tests.calls import Api, faults
from tests.cast import Cast
from tests.conftest import Acting
from workspace.models import ListValue
from workspace.services import add_value, merge_value


@pytest.fixture
def rivals(cast: Cast) -> None:
    """Rival is on the deal, Giant in the list of competitors."""
    with work(by=None, why="rivals", reach=Reach.everything()):
        Competitor.objects.create(opportunity=cast.deals["Acorn renewal"], name="Rival")
        ListValue.objects.create(list="competitor", value="Giant", position=90)


def lose(cast: Cast, **more: Any) -> Opportunity:
    known = {"opportunity_id": cast.deals["Acorn renewal"].pk, "version": 1, "lost_reason": "Price"}
    return lose_opportunity(by=cast.rep.pk, **{**known, **more})


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("rival ", "Rival"), ("GIANT", "Giant"), ("Somebody new", "Somebody new"), ("", "")],
)
def test_it_names_the_competitor_as_the_deal_or_the_list_writes_it(
    cast: Cast, acting: Acting, rivals: None, typed: str, kept: str
) -> None:
    with acting(cast.rep):
        deal = lose(cast, lost_to=typed)
    assert (deal.state, deal.lost_reason, deal.lost_to) == ("lost", "Price", kept)
    assert (deal.closed_on, deal.category) == (date(2026, 5, 20), "omitted")


def test_a_competitor_that_was_merged_means_the_other(cast: Cast, acting: Acting, rivals: None) -> None:
    with acting(cast.admin):
        old = add_value(by=cast.admin.pk, name="competitor", value="Giant Inc")
        into = ListValue.objects.get(list="competitor", value="Giant")
        merge_value(by=cast.admin.pk, value_id=old.pk, version=old.version, into_id=into.pk)
    with acting(cast.rep):
        assert lose(cast, lost_to="giant INC").lost_to == "Giant"


def test_opened_again_it_says_nothing_of_the_loss_and_its_age_goes_on(
    cast: Cast, acting: Acting, rivals: None
) -> None:
    with acting(cast.rep):
        lose(cast, lost_to="Rival")
        stage = {"stage_id": cast.stages["Qualified"].pk}
        deal = move_stage(by=cast.rep.pk, opportunity_id=cast.deals["Acorn renewal"].pk, version=2, **stage)
    assert (deal.state, deal.lost_reason, deal.lost_to, deal.closed_on) == ("open", "", "", None)
    assert deal.created_on == date(2026, 2, 2)


@pytest.mark.parametrize(
    ("changes", "path", "code"),
    [
        ({"lost_reason": " "}, "lost_reason", "required"),
        ({"lost_reason": "Weather"}, "lost_reason", "unknown_lost_reason"),
        ({"lost_to": "x" * 81}, "lost_to", "too_long"),
        ({"lost_to": "a\x00"}, "lost_to", "bad_character"),
    ],
)
def test_what_is_wrong_is_said_in_its_place(
    cast: Cast, acting: Acting, changes: dict[str, str], path: str, code: str
) -> None:
    with acting(cast.rep), pytest.raises(Refused) as refused:
        lose(cast, **changes)
    assert (refused.value.path, refused.value.code) == (path, code)


def test_it_is_lost_once(cast: Cast, acting: Acting) -> None:
    with acting(cast.rep):
        lose(cast)
    with acting(cast.rep), pytest.raises(Conflict) as refused:
        lose(cast, version=2)
    assert refused.value.code == "opportunity_closed"


def test_the_form_suggests_the_deals_competitors_first(cast: Cast, browse: Any, rivals: None) -> None:
    client, pk = browse(cast.rep), cast.deals["Acorn renewal"].pk
    page = client.get(reverse("opportunity_move", args=[pk])).content.decode()
    assert page.index('<option value="Rival">') < page.index('<option value="Giant">')
    form = {"stage": cast.stages["Lost"].pk, "version": 1, "lost_reason": "Price", "lost_to": "Rival"}
    client.post(reverse("opportunity_move", args=[pk]), form)
    shown = client.get(reverse("opportunity_detail", args=[pk])).content.decode()
    assert "<dt>Lost to</dt><dd>Rival</dd>" in shown


def test_a_program_loses(cast: Cast, rivals: None) -> None:
    api, path = Api(cast.rep), f"opportunities/{cast.deals['Acorn renewal'].pk}/lose/"
    same = {"If_Match": "1", "Idempotency_Key": "one-and-the-same"}
    answers = [api.post(path, {"lost_reason": "Price", "lost_to": "giant"}, **same) for _turn in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    lost = answers[1].json()
    assert (lost["state"], lost["lost_reason"], lost["lost_to"]) == ("lost", "Price", "Giant")
    assert lost["version"] == 2
    wrong = api.post(path, {"lost_to": "Giant"}, If_Match="2")
    assert faults(wrong) == [("required", "lost_reason")]
