"""Several sales models: one board at a time, choices grouped by model, and each stage's own limit of days."""

from dataclasses import replace
from typing import Any

import pytest
from django.urls import reverse

from pipeline.models import Opportunity, SalesModel, Stage
from pipeline.services import move_stage, retire_model, start_model
from tests.cast import Cast
from tests.pipeline.selling import publish, stages_now
from tests.salesops.conftest import plain

BOARD, LIST = reverse("opportunity_board"), reverse("opportunity_list")


@pytest.fixture
def small(cast: Cast, acting: Any) -> SalesModel:
    """A second model, in which Rita's deal is."""
    with acting(cast.admin):
        model = start_model(by=cast.admin.pk, name="Small", template="small")
        first = Stage.objects.get(sales_model=model, name="New")
    with acting(cast.rep):
        deal = cast.deals["Acorn renewal"]
        move_stage(by=cast.rep.pk, opportunity_id=deal.pk, version=1, stage_id=first.pk)
    return model


def columns(answer: Any) -> dict[str, list[str]]:
    return {
        column.stage.name: [card.name for card in column.cards] for column in answer.context["board"].columns
    }


def test_the_board_begins_where_the_reader_has_deals(cast: Cast, browse: Any, small: SalesModel) -> None:
    mine = columns(browse(cast.rep).get(BOARD))
    assert (list(mine)[:2], mine["New"]) == (["New", "Contacted"], ["Acorn renewal"])
    for person, cards in ((cast.peer, ["Beech renewal"]), (cast.manager, ["Beech renewal"])):
        assert columns(browse(person).get(BOARD))["Negotiation"] == cards


def test_the_board_of_another_model_is_one_press_away(cast: Cast, browse: Any, small: SalesModel) -> None:
    answer = browse(cast.manager).get(BOARD, {"model": small.pk, "category": "pipeline"})
    assert columns(answer)["New"] == ["Acorn renewal"]
    page = answer.content.decode()
    assert f'href="{BOARD}?model={small.pk}&amp;category=pipeline" aria-current="true"' in page
    assert f'name="model" value="{small.pk}"' in page
    totals = {column.stage.name: column.count for column in answer.context["board"].columns}
    assert (totals["New"], totals["Contacted"]) == (1, 0)
    assert browse(cast.manager).get(BOARD, {"model": "x"}).status_code == 400


def test_one_model_needs_no_switch(cast: Cast, browse: Any) -> None:
    assert "Sales model" not in plain(browse(cast.rep).get(BOARD))


def test_stages_are_grouped_by_their_model(cast: Cast, acting: Any, browse: Any, small: SalesModel) -> None:
    client = browse(cast.rep)
    for address in (LIST, reverse("opportunity_create")):
        page = client.get(address).content.decode()
        assert page.index('<optgroup label="Standard">') < page.index('<optgroup label="Small">')
    move = reverse("opportunity_move", args=[cast.deals["Acorn renewal"].pk])
    page = client.get(move).content.decode()
    assert page.index('<optgroup label="Small">') < page.index('<optgroup label="Standard">')
    own, other = page.split('<optgroup label="Standard">')
    assert ("Lost" in own.split("<optgroup")[1], "Won" in other.split("</optgroup>")[0]) == (True, False)
    with acting(cast.admin):
        retire_model(by=cast.admin.pk, model_id=small.pk, version=small.version)
    assert "optgroup" not in client.get(reverse("opportunity_create")).content.decode()
    assert columns(client.get(BOARD))["New"] == ["Acorn renewal"]


def test_a_stage_says_after_how_many_days_it_is_stalled(cast: Cast, acting: Any, browse: Any) -> None:
    """In Negotiation since 1 April, on 20 May: 49 days, where the setting allows 45."""
    client = browse(cast.rep)
    assert "stalled" in plain(client.get(LIST)).rpartition("Acorn renewal")[2].split("Rita Rep")[0]
    for days, names in ((49, []), (48, ["Acorn renewal"]), (None, ["Acorn renewal"])):
        with acting(cast.admin):
            told = [
                replace(one, stalled_after_days=days, probability=days or 80)
                if one.name == "Negotiation"
                else one
                for one in stages_now()
            ]
            publish(cast.admin, stages=told)
        found = client.get(LIST, {"attention": "stalled"})
        assert [deal.name for deal in found.context["page"].rows] == names
        shown = client.get(
            reverse("opportunity_detail", args=[cast.deals["Acorn renewal"].pk])
        ).content.decode()
        assert ('<span class="badge warn">stalled</span>' in shown) == bool(names)
        home = plain(client.get(reverse("home")))
        assert (("stalled: 1" in home), ("stalled:" in home)) == (bool(names), bool(names))
    with acting(cast.rep):
        assert Opportunity.objects.get(pk=cast.deals["Acorn renewal"].pk).version == 1
