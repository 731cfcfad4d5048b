"""The list as it stood on a past day: its figures, its totals, who sees what, and what cannot be asked."""

from datetime import date

import pytest
from django.urls import reverse

from common.access import Reach
from common.transaction import work
from pipeline.models import Opportunity
from pipeline.selectors import opportunities as deals_of
from pipeline.services import create_opportunity, merge_deals
from tests.calls import Api, faults
from tests.pages import parsed
from tests.pipeline.standings import at, edit, move


@pytest.fixture
def changed(cast, acting, clock):
    """Acorn's deal: cut on 20 May, pushed on 22 May, lost on 25 May; today is the 27th."""
    deal = cast.deals["Acorn renewal"]
    edit(acting, cast.rep, deal, amount_minor=500_00)
    at(clock, "2026-05-22")
    edit(acting, cast.rep, deal, close_on=date(2026, 7, 10))
    at(clock, "2026-05-25")
    move(cast, acting, cast.rep, deal, "Lost", "Price")
    at(clock, "2026-05-27")
    return deal


def past(browse, person, day, **query):
    return browse(person).get(reverse("opportunity_list"), {"on": day, **query})


def rows(answer):
    return [(row.opportunity.name, row.amount_minor, row.close_on) for row in answer.context["page"].rows]


@pytest.mark.parametrize(
    ("day", "amount", "close_on"),
    [
        ("2026-05-19", 10_000_001, date(2026, 6, 15)),
        ("2026-05-20", 500_00, date(2026, 6, 15)),
        ("2026-05-21", 500_00, date(2026, 6, 15)),
        ("2026-05-22", 500_00, date(2026, 7, 10)),
    ],
)
def test_the_list_shows_what_stood_at_the_end_of_the_day(cast, browse, changed, day, amount, close_on):
    assert rows(past(browse, cast.rep, day)) == [("Acorn renewal", amount, close_on)]


def test_what_was_lost_since_is_open_there_and_lost_afterwards(cast, browse, changed):
    assert len(rows(past(browse, cast.rep, "2026-05-24"))) == 1
    assert rows(past(browse, cast.rep, "2026-05-25")) == []
    assert len(rows(past(browse, cast.rep, "2026-05-25", state="lost"))) == 1
    assert rows(past(browse, cast.rep, "2026-02-01", state="all")) == []


def test_the_page_says_that_it_is_the_past_and_adds_up(cast, browse, changed):
    text = parsed(past(browse, cast.director, "2026-05-21").content.decode()).text
    assert (
        "As it stood at the end of 21 May 2026." in text or "As it stood at the end of May 21, 2026." in text
    )
    assert "Total in USD $100,500 2 opportunities" in text
    assert "2 opportunities" in text
    assert "New opportunity" not in text


def test_currencies_are_added_apart_and_together_at_the_rates_of_the_day(cast, acting, browse, clock):
    with work(by=None, why="euros", reach=Reach.everything()):
        Opportunity.objects.filter(name="Beech renewal").update(currency="EUR", amount_minor=100_00)
    text = parsed(past(browse, cast.director, "2026-05-20").content.decode()).text
    assert "Total in USD $100,000" in text
    assert "All in USD, at the rates of that day $100,120" in text
    assert "Total in EUR €100 1 opportunity" in text


def test_nobody_sees_more_of_the_past_than_of_today(cast, acting, browse, changed):
    with work(by=None, why="given away", reach=Reach.everything()):
        Opportunity.objects.filter(name="Beech renewal").update(
            owner=cast.other_rep, territory=cast.territories["West 1"]
        )
    assert [row[0] for row in rows(past(browse, cast.rep, "2026-05-21"))] == ["Acorn renewal"]
    assert [row[0] for row in rows(past(browse, cast.director, "2026-05-21"))] == ["Acorn renewal"]
    assert {row[0] for row in rows(past(browse, cast.other_rep, "2026-05-21"))} == {
        "Beech renewal",
        "Cedar renewal",
    }


def test_filters_ask_the_figures_of_that_day(cast, browse, changed):
    assert rows(past(browse, cast.rep, "2026-05-21", period="2026-Q2")) != []
    assert rows(past(browse, cast.rep, "2026-05-23", period="2026-Q2")) == []
    assert rows(past(browse, cast.rep, "2026-05-23", period="2026-Q3", q="acorn", sort="-amount")) != []
    assert rows(past(browse, cast.rep, "2026-05-23", attention="overdue")) == []


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"on": "2026-05-28"}, "How opportunities will stand on that day is not known yet."),
        ({"on": "last week"}, "on is a day written as 2026-03-31."),
        (
            {"on": "2026-05-20", "attention": "stalled"},
            "Of a past day this is not known. Leave that filter out.",
        ),
        (
            {"on": "2026-05-20", "channel": "direct"},
            "Of a past day this is not known. Leave that filter out.",
        ),
    ],
)
def test_what_a_past_day_cannot_tell_is_refused_in_words(cast, browse, clock, query, said):
    at(clock, "2026-05-27")
    answer = browse(cast.rep).get(reverse("opportunity_list"), query)
    assert answer.status_code == 400
    assert said in parsed(answer.content.decode()).text


def test_programs_ask_how_deals_stood(cast, changed):
    answer = Api(cast.rep).get("opportunities/standings/?on=2026-05-21").json()
    [row] = answer["results"]
    assert {name: row[name] for name in ("state", "category", "amount", "currency", "close_on")} == {
        "state": "open",
        "category": "commit",
        "amount": "500.00",
        "currency": "USD",
        "close_on": "2026-06-15",
    }
    assert row["opportunity_id"] == changed.pk
    assert Api(cast.rep).get("opportunities/standings/").json()["results"][0]["state"] == "lost"
    late = Api(cast.rep).get("opportunities/standings/?on=2026-06-01")
    assert (late.status_code, faults(late)) == (400, [("bad_query", "on")])


def test_too_many_are_not_sorted_by_amount(cast, browse, changed, monkeypatch):
    monkeypatch.setattr(deals_of, "MOST_SORTED", 1)
    answer = browse(cast.director).get(
        reverse("opportunity_list"), {"on": "2026-05-21", "sort": "-amount"}, follow=True
    )
    assert answer.redirect_chain == [(f"{reverse('opportunity_list')}?on=2026-05-21", 302)]
    assert "There are too many opportunities to sort them by amount." in answer.content.decode()


def test_what_was_merged_is_left_out_of_page_and_api(cast, browse, acting, clock):
    with acting(cast.rep):
        double = create_opportunity(
            by=cast.rep.pk, account_id=cast.accounts["Acorn"].pk, name="Acorn again", amount_minor=100_00,
            currency="USD", close_on=date(2026, 8, 1), stage_id=cast.stages["Qualified"].pk,
        )  # fmt: skip
    at(clock, "2026-05-22")
    with acting(cast.rep):
        known = {"opportunity_id": cast.deals["Acorn renewal"].pk, "version": 1, "other_id": double.pk}
        merge_deals(by=cast.rep.pk, **known)
    for day, many in (("2026-05-21", 2), ("2026-05-22", 1)):
        told = Api(cast.rep).get(f"opportunities/standings/?on={day}").json()["results"]
        assert (len(told), len(rows(past(browse, cast.rep, day, state="all")))) == (many, many)
