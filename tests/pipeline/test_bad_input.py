"""What people mistype, or send at a bad moment: answered where they are, with a remedy, and nothing typed is lost."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalog.services import edit_product
from common.access import Reach
from common.models import Period
from common.transaction import work
from pipeline.models import Activity, Opportunity, StageVisit
from pipeline.rules.sales_models import CriterionInput
from tests.cast import Cast
from tests.pages import parsed
from tests.pipeline.selling import publish, with_criteria
from tests.pipeline.test_opportunity_create import typed as new_deal
from tests.pipeline.test_opportunity_edit import typed as edited
from tests.pipeline.test_opportunity_lines import typed as with_lines
from tests.pipeline.test_opportunity_move import card, values
from tests.salesops.conftest import plain
from tests.workspace.at_once import at_once


@pytest.fixture
def closed(cast: Cast) -> None:
    """The first quarter of 2026 is closed."""
    with work(by=None, why="closed", reach=Reach.everything()):
        Period.objects.filter(code__in=["2026-Q1", "2026-01", "2026-02", "2026-03"]).update(is_closed=True)


def test_a_new_deal_that_would_close_in_a_closed_period(cast: Cast, browse: Any, closed: None) -> None:
    answer = browse(cast.rep).post(reverse("opportunity_create"), new_deal(cast, close_on="2026-03-31"))
    assert answer.status_code == 422
    said = "2026-Q1 is closed: nothing closes in it any more. Choose Apr 1, 2026 or a later day."
    assert said in plain(answer)
    for kept in ('value="New servers"', 'value="1,234.56"', 'value="2026-03-31"'):
        assert kept in answer.content.decode()


def test_a_deal_that_is_moved_into_a_closed_period(cast: Cast, browse: Any, closed: None) -> None:
    deal = cast.deals["Acorn renewal"]
    form = edited(deal, name="Acorn, renewed", close_on="2026-03-31")
    answer = browse(cast.rep).post(reverse("opportunity_edit", args=[deal.pk]), form)
    assert answer.status_code == 422
    said = "2026-Q1 is closed: nothing closes in it any more. Choose Apr 1, 2026 or a later day."
    assert said in plain(answer)
    assert 'value="Acorn, renewed"' in answer.content.decode()


def test_a_product_that_is_no_longer_sold_is_named_in_its_line(cast: Cast, browse: Any, acting: Any) -> None:
    licence, deal = cast.products["Licence"], cast.deals["Acorn renewal"]
    with acting(cast.admin):
        edit_product(by=cast.admin.pk, product_id=licence.pk, version=1, retired_on=date(2026, 5, 20))
    form = with_lines(deal, (cast.products["Server"], "3", "2,400.00"), (licence, "2", "7.00"))
    answer = browse(cast.rep).post(reverse("opportunity_lines", args=[deal.pk]), form)
    assert answer.status_code == 422
    root = parsed(answer.content.decode())
    lines = [one for one in root.walk() if "data-line" in one.attributes]
    assert ["no longer sold since May 20, 2026" in line.text for line in lines][:2] == [False, True]
    for kept in ('value="2,400.00"', 'value="7.00"', f'<option value="{licence.pk}" selected'):
        assert kept in answer.content.decode()


def test_a_currency_without_a_rate_is_refused_beside_the_amount(cast: Cast, browse: Any) -> None:
    answer = browse(cast.rep).post(reverse("opportunity_create"), new_deal(cast, currency="CHF"))
    assert answer.status_code == 422
    assert 'value="1,234.56"' in answer.content.decode()
    assert "CHF" in plain(answer)


def test_a_note_of_two_megabytes_is_refused_with_how_long_it_may_be(cast: Cast, browse: Any) -> None:
    note = "All that was said. " * 110_000
    deal = cast.deals["Acorn renewal"].pk
    form = {"kind": "note", "subject": "Minutes", "outcome": note, "opportunity": deal, "done": "on"}
    answer = browse(cast.rep).post(reverse("activity_create"), form)
    assert answer.status_code == 422
    assert "at most" in plain(answer)
    assert answer.content.decode().count("All that was said.") == 110_000
    with work(by=None, why="a test", reach=Reach.everything()):
        assert not Activity.objects.exists()


def test_a_comment_of_two_megabytes_comes_back_whole(cast: Cast, browse: Any) -> None:
    text = "All that was said. " * 110_000
    page = reverse("comment_create", args=["opportunity", cast.deals["Acorn renewal"].pk])
    answer = browse(cast.rep).post(page, {"text": text})
    assert answer.status_code == 422
    assert "2,000" in plain(answer) or "2000" in plain(answer)
    assert answer.content.decode().count("All that was said.") >= 110_000


def test_a_stage_that_asks_for_more_says_what_is_missing(cast: Cast, browse: Any, acting: Any) -> None:
    with acting(cast.admin):
        criterion = CriterionInput("The budget is confirmed", is_required=True)
        publish(cast.admin, stages=with_criteria("Proposal", criterion))
    with work(by=None, why="back", reach=Reach.everything()):
        deal = Opportunity.objects.get(name="Acorn renewal")
        Opportunity.objects.change(deal.pk, deal.version, stage=cast.stages["Proposal"])
    form = values(cast, "Negotiation") | {"version": 2}
    answer = browse(cast.rep).post(reverse("opportunity_move", args=[deal.pk]), form)
    assert answer.status_code == 422
    assert "Before Negotiation this has to be true: The budget is confirmed (Proposal)." in plain(answer)


def test_of_two_who_drag_one_card_one_is_told_where_it_is(cast: Cast, browse: Any) -> None:
    page = reverse("opportunity_move", args=[cast.deals["Acorn renewal"].pk])

    def drag(client: Client, stage: str) -> Any:
        return client.post(page, values(cast, stage), headers=card(cast))

    rita, mona = browse(cast.rep), browse(cast.manager)
    answers = at_once(lambda: drag(rita, "Proposal"), lambda: drag(mona, "Qualified"))
    by_status = {answer.status_code: answer for answer in answers}
    assert sorted(by_status) == [200, 412]
    with work(by=None, why="a test", reach=Reach.everything()):
        deal = Opportunity.objects.select_related("stage").get(name="Acorn renewal")
        assert StageVisit.objects.filter(opportunity=deal, by__isnull=False).count() == 1
    assert f"It is in {deal.stage.name} now." in by_status[412]["HX-Trigger"]
    assert f'data-in="{deal.stage_id}"' in by_status[412].content.decode()


def test_a_form_that_is_sent_again_after_the_connection_dropped_is_done_once(cast: Cast, browse: Any) -> None:
    client, form = browse(cast.rep), new_deal(cast, idempotency_key="sent-and-sent-again")
    first, again = (client.post(reverse("opportunity_create"), form) for _time in range(2))
    assert (first.status_code, again.status_code) == (302, 302)
    assert first["Location"] == again["Location"]
    with work(by=None, why="a test", reach=Reach.everything()):
        assert Opportunity.objects.filter(name="New servers").count() == 1
