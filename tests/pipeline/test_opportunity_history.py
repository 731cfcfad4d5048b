"""What ever changed on a deal, on a page of its own; and how it moved."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.access import Reach
from common.transaction import work
from pipeline.models import Answer, Opportunity
from pipeline.selectors.movement import movement_of
from pipeline.services import (
    LineInput,
    add_competitor,
    answer_question,
    edit_competitor,
    remove_competitor,
    set_lines,
)
from tests.pages import parsed
from tests.pipeline.selling import asked, publish
from tests.pipeline.standings import at, edit, fresh, move
from tests.pipeline.test_apply_import import deal as bring


@pytest.fixture
def acorn(cast):
    return cast.deals["Acorn renewal"]


def text_of(browse, person, deal, **query):
    answer = browse(person).get(reverse("opportunity_history", args=[deal.pk]), query)
    assert answer.status_code == 200
    return parsed(answer.content.decode()).text


def entries(browse, person, deal, **query):
    answer = browse(person).get(reverse("opportunity_history", args=[deal.pk]), query)
    return [
        (one.field, one.before, one.after) if one.field else one.text for one in answer.context["changes"]
    ]


def test_everything_is_told_with_what_it_was_and_who_did_it(cast, acting, browse, acorn):
    with acting(cast.admin):
        publish(cast.admin, questions=asked("Budget"))
    edit(acting, cast.rep, acorn, amount_minor=500_00, close_on=date(2026, 7, 10))
    with acting(cast.rep):
        model = fresh(acorn).stage.sales_model
        [question] = model.questions.filter(position__isnull=False)
        values = {"opportunity_id": acorn.pk, "question_id": question.pk, "by": cast.rep.pk}
        answer_question(**values, version=0, text="50,000 next year", state=Answer.State.PARTLY)
    told = entries(browse, cast.rep, acorn)
    assert ("Budget", "—", "50,000 next year (partly)") in told
    assert ("Amount", "$100,000.01", "$500.00") in told
    assert ("Close date", "Jun 15, 2026", "Jul 10, 2026") in told
    assert told[-1] == "Created"
    assert "Rita Rep" in text_of(browse, cast.manager, acorn)


def test_one_field_is_told_alone(cast, acting, browse, acorn):
    edit(acting, cast.rep, acorn, amount_minor=500_00, name="Renewal")
    with acting(cast.rep):
        line = LineInput(product_id=cast.products["Licence"].pk, quantity=1, price_minor=100_001)
        set_lines(by=cast.rep.pk, opportunity_id=acorn.pk, version=fresh(acorn).version, lines=[line])
    assert entries(browse, cast.rep, acorn, field="name") == [("Name", "Acorn renewal", "Renewal")]
    assert [one[0] for one in entries(browse, cast.rep, acorn, field="amount_minor")] == ["Amount", "Amount"]
    assert "Added Licence: 1 at $1,000.01" in entries(browse, cast.rep, acorn, field="lines")
    assert entries(browse, cast.rep, acorn, field="team") == []
    answer = browse(cast.rep).get(reverse("opportunity_history", args=[acorn.pk]), {"field": "salary"})
    assert answer.status_code == 400


def test_what_one_act_changed_stands_together(cast, acting, browse, acorn):
    edit(acting, cast.rep, acorn, amount_minor=500_00, name="Renewal")
    edit(acting, cast.rep, acorn, name="Renewal 2026")
    answer = browse(cast.rep).get(reverse("opportunity_history", args=[acorn.pk]))
    page = parsed(answer.content.decode())
    [timeline] = [one for one in page.walk() if one.has_class("timeline")]
    latest, before, *_earlier = [act.text for act in timeline.children if not isinstance(act, str)]
    assert "Name: Renewal → Renewal 2026" in latest
    assert "Name: Acorn renewal → Renewal" in before
    assert "Amount: $100,000.01 → $500.00" in before
    assert before.count("Rita Rep") == 1


def test_a_long_history_goes_page_by_page_and_the_panel_shows_the_latest(cast, acting, browse, acorn):
    for number in range(1, 62):
        edit(acting, cast.rep, acorn, amount_minor=number)
    first, second = (
        entries(browse, cast.rep, acorn, field="amount_minor", **more) for more in ({}, {"after": 50})
    )
    assert (len(first), len(second)) == (50, 11)
    assert second[-1] == ("Amount", "$100,000.01", "$0.01")
    page = browse(cast.rep).get(reverse("opportunity_moved_panel", args=[acorn.pk]))
    assert len(page.context["history"]) == 10
    assert "61 changes" in text_of(browse, cast.rep, acorn, field="amount_minor")


def test_what_is_known_around_a_deal_is_told_too(cast, acting, browse, acorn):
    on = {"by": cast.rep.pk, "opportunity_id": acorn.pk}
    with acting(cast.rep):
        row = add_competitor(**on, name="Rival", strategy="Be faster", is_incumbent=False)
        row = edit_competitor(
            **on,
            competitor_id=row.pk,
            version=row.version,
            name="Rival",
            strategy="Be nearer",
            is_incumbent=True,
        )
        remove_competitor(**on, competitor_id=row.pk, version=row.version)
    assert entries(browse, cast.rep, acorn, field="around") == [
        "Removed: Competitor Rival",
        ("Competitor Rival, strategy", "Be faster", "Be nearer"),
        ("Competitor Rival, incumbent", "no", "yes"),
        "Added: Competitor Rival",
    ]


def facts(cast, acting, person, deal):
    from common.selectors import today

    with acting(person):
        return movement_of(Opportunity.objects.get(pk=deal.pk), today())


def test_each_push_tells_from_where_to_where_by_whom(cast, acting, clock, acorn):
    for day in (date(2026, 6, 30), date(2026, 7, 1), date(2026, 6, 1), date(2026, 12, 31)):
        edit(acting, cast.rep, acorn, close_on=day)
    found = facts(cast, acting, cast.rep, acorn)
    told = [(one.before, one.after, one.out_of, one.into, one.change.by) for one in found.pushes]
    assert told == [
        (date(2026, 6, 1), date(2026, 12, 31), "2026-Q2", "2026-Q4", "Rita Rep"),
        (date(2026, 6, 30), date(2026, 7, 1), "2026-Q2", "2026-Q3", "Rita Rep"),
    ]
    assert (found.untold, fresh(acorn).pushes) == (0, 2)


def test_the_day_of_its_loss_and_a_file_push_as_an_edit_does(cast, acting):
    bring(cast, acting)
    bring(cast, acting, close_on=date(2026, 10, 1))
    with work(by=None, why="its pushes", reach=Reach.everything()):
        deal = Opportunity.objects.get(number="F-1")
    found = facts(cast, acting, cast.admin, deal)
    assert (deal.pushes, [(one.out_of, one.into) for one in found.pushes]) == (1, [("2026-Q3", "2026-Q4")])


def test_pushes_that_came_with_a_deal_are_only_counted(cast, acting, acorn):
    with work(by=None, why="as it came", reach=Reach.everything()):
        Opportunity.objects.filter(pk=acorn.pk).update(pushes=3)
    assert facts(cast, acting, cast.rep, acorn).untold == 3


def test_the_created_value_is_that_of_the_end_of_the_first_day(cast, acting, clock):
    from tests.forecasts.test_pipeline_changes import opened

    deal = opened(cast, acting, amount=100_00)
    edit(acting, cast.rep, deal, amount_minor=120_00)
    at(clock, "2026-05-21")
    edit(acting, cast.rep, deal, amount_minor=90_00)
    at(clock, "2026-06-19")
    found = facts(cast, acting, cast.rep, deal)
    assert (found.first_minor, found.first_currency, found.age) == (120_00, "USD", 30)


def test_age_stops_when_it_is_lost_and_goes_on_when_it_comes_back(cast, acting, clock):
    from tests.forecasts.test_pipeline_changes import opened

    deal = opened(cast, acting)
    at(clock, "2026-05-30")
    move(cast, acting, cast.rep, deal, "Lost", "Price")
    at(clock, "2026-06-19")
    assert facts(cast, acting, cast.rep, deal).age == 10
    move(cast, acting, cast.rep, deal, "Qualified")
    assert facts(cast, acting, cast.rep, deal).age == 30


def test_the_panel_asks_no_more_as_its_history_grows(cast, acting, browse, acorn):
    client, counts = browse(cast.rep), []
    for start in (1, 10):
        for number in range(start, start + 6):
            edit(acting, cast.rep, acorn, amount_minor=number, next_step=f"{number}")
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("opportunity_moved_panel", args=[acorn.pk]))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_page_of_the_deal_shows_how_it_moved(cast, acting, browse, acorn):
    edit(acting, cast.rep, acorn, close_on=date(2026, 7, 1), amount_minor=500_00)
    answer = browse(cast.rep).get(reverse("opportunity_moved_panel", args=[acorn.pk]))
    text = parsed(answer.content.decode()).text
    assert "Created value $100,000.01 now $500.00" in text
    assert "Pushed once Jun 15, 2026 → Jul 1, 2026 2026-Q2 → 2026-Q3 Rita Rep" in text
