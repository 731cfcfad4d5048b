"""A rep's home: where they stand, what covers the gap, and what comes next."""

from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from common.models import Run
from forecasts.services import submit
from pipeline.models import Activity, Opportunity
from pipeline.services import log_activity, set_target
from tests.cast import Cast
from tests.conftest import Acting, Browser
from tests.salesops.conftest import HOME, plain, step

Browse = Callable[[Any], Browser]


def change(cast: Cast, acting: Acting, **values: Any) -> None:
    with acting(cast.rep):
        Opportunity.objects.filter(name="Acorn renewal").update(**values)


def another(cast: Cast, acting: Acting, **values: Any) -> None:
    with acting(cast.rep):
        deal = Opportunity.objects.get(name="Acorn renewal")
        deal.pk, deal.number, deal.name = None, "O-9", "Another"
        for name, value in values.items():
            setattr(deal, name, value)
        deal.save(force_insert=True)


def call(cast: Cast, acting: Acting) -> None:
    with acting(cast.rep):
        submit(by=cast.rep.pk, period_id=cast.q2.pk, amount_minor=100_00)


@pytest.mark.usefixtures("booked")
def test_where_a_rep_stands(cast: Cast, browse: Browse, night: Callable[..., Run]) -> None:
    night()
    text = plain(browse(cast.rep).get(HOME))
    assert "Where do I stand in 2026-Q2, and what is next?" in text
    # 550 of 900; 35 of 65 working days have ended. Year: 1,050 of 1,900.
    assert "Attainment 61.1% $550 of $900" in text
    assert "Year-to-date attainment 55.3%" in text
    assert "Pace 113.5%" in text
    assert "Gap $350" in text
    # 100,000.01 open in the quarter against the gap of 350.
    assert "Pipeline coverage 285.7 times" in text
    assert "Commit $100,000.01 Most Likely $0.00 Best Case $0.00 Pipeline $0.00" in text
    assert "100 % of $250.00: your share of Licence (line 1)" in text
    assert "Paul" not in text


@pytest.mark.usefixtures("booked")
def test_an_omitted_deal_covers_nothing(
    cast: Cast, browse: Browse, acting: Acting, night: Callable[..., Run]
) -> None:
    night()
    another(cast, acting, category="omitted", amount_minor=900_000_00)
    assert "Pipeline coverage 285.7 times" in plain(browse(cast.rep).get(HOME))
    another(cast, acting, number="O-10", category="pipeline", amount_minor=250_00)
    text = plain(browse(cast.rep).get(HOME))
    assert "Pipeline coverage 286.4 times" in text
    assert "Pipeline $250.00" in text


def test_before_anything_is_set_there_are_dashes(cast: Cast, browse: Browse) -> None:
    text = plain(browse(cast.rep).get(HOME))
    assert "Attainment — $0 of —" in text
    assert "Pipeline coverage —" in text
    assert "No credit yet" in text


@pytest.mark.usefixtures("booked")
def test_a_met_quota_needs_no_cover(cast: Cast, browse: Browse, night: Callable[..., Run]) -> None:
    night()
    assert "Pipeline coverage — met" in plain(browse(cast.peer).get(HOME))


def test_coverage_opens_ones_own_deals(cast: Cast, browse: Browse) -> None:
    client = browse(cast.rep)
    url = client.get(HOME).context["deals_url"]
    assert [deal.name for deal in client.get(url).context["page"].rows] == ["Acorn renewal"]


class TestTargets:
    def ask(self, cast: Cast, acting: Acting, number: int, per: str, **more: Any) -> None:
        with acting(cast.manager):
            values = {"person_id": cast.rep.pk, "starts_on": date(2026, 5, 15), **more}
            set_target(by=cast.manager.pk, number=number, per=per, **values)

    def test_what_was_done_of_what_is_asked_today_and_this_month(
        self, cast: Cast, browse: Browse, acting: Acting
    ) -> None:
        self.ask(cast, acting, 5, "day")
        self.ask(cast, acting, 60, "month")
        self.ask(cast, acting, 2, "day", kind="call")
        with acting(cast.rep):
            account = cast.accounts["Acorn"].pk
            for kind, day in (("call", 20), ("note", 20), ("call", 18)):
                log_activity(
                    by=cast.rep.pk, kind=kind, subject="Talk", account_id=account, done_on=date(2026, 5, day)
                )
        client = browse(cast.rep)
        answer = client.get(HOME)
        assert "Your targets done, of what is asked of you" in plain(answer)
        # Four working days since the 15th.
        assert "All types 2 / 5 3 / 60 20 expected by today" in plain(answer)
        assert "Phone call 1 / 2 2 / — 8 expected by today" in plain(answer)

    def test_nobody_who_is_asked_nothing_sees_it(self, cast: Cast, browse: Browse, acting: Acting) -> None:
        self.ask(cast, acting, 5, "day", person_id=cast.peer.pk)
        self.ask(cast, acting, 5, "day", starts_on=date(2026, 5, 21))
        assert "Your targets" not in plain(browse(cast.rep).get(HOME))


class TestNextStep:
    def test_a_task_that_is_due_comes_first(self, cast: Cast, browse: Browse, acting: Acting) -> None:
        change(cast, acting, close_on=date(2026, 5, 1))
        with acting(cast.rep):
            for day in (19, 18, 21):
                log_activity(
                    by=cast.rep.pk,
                    kind="task",
                    subject=f"Of {day} May",
                    account_id=cast.accounts["Acorn"].pk,
                    done=False,
                    due_on=date(2026, 5, day),
                )
            oldest = Activity.objects.get(subject="Of 18 May")
        client = browse(cast.rep)
        text, url = step(client.get(HOME))
        assert text == "2 tasks are due."
        assert url == reverse("activity_complete", args=[oldest.pk])
        assert "Of 18 May" in plain(client.get(url))

    def test_then_close_dates_that_have_passed(self, cast: Cast, browse: Browse, acting: Acting) -> None:
        another(cast, acting)
        change(cast, acting, close_on=date(2026, 5, 1))
        text, url = self.leads_to_acorn_alone(cast, browse)
        assert text == "Close dates have passed on open opportunities."
        assert parse_qs(urlsplit(url).query) == {"owner": [str(cast.rep.pk)], "attention": ["overdue"]}
        assert "Overdue, not counted $100,000.01" in plain(browse(cast.rep).get(HOME))

    def test_then_the_call(self, cast: Cast, browse: Browse) -> None:
        expected = ("You have not called this quarter yet.", reverse("submission_list"))
        assert step(browse(cast.rep).get(HOME)) == expected

    def test_then_deals_without_a_next_step(self, cast: Cast, browse: Browse, acting: Acting) -> None:
        call(cast, acting)
        another(cast, acting, next_step="Send the offer")
        text, url = self.leads_to_acorn_alone(cast, browse)
        assert (text, "no_next_step" in url) == ("Opportunities have no next step.", True)

    def test_then_deals_that_stand_still(self, cast: Cast, browse: Browse, acting: Acting) -> None:
        call(cast, acting)
        change(cast, acting, next_step="Send the offer")
        another(cast, acting, next_step="Send the offer", stage_since_on=date(2026, 5, 2))
        text, url = self.leads_to_acorn_alone(cast, browse)
        assert (text, "stalled" in url) == ("Opportunities have not moved for a long time.", True)

    def test_and_else_the_board(self, cast: Cast, browse: Browse, acting: Acting) -> None:
        call(cast, acting)
        change(cast, acting, next_step="Send the offer", stage_since_on=date(2026, 5, 2))
        answer = browse(cast.rep).get(HOME)
        assert step(answer) == ("Nothing is overdue.", reverse("opportunity_board"))
        assert "All clear" in plain(answer)

    def leads_to_acorn_alone(self, cast: Cast, browse: Browse) -> tuple[str, str]:
        client = browse(cast.rep)
        text, url = step(client.get(HOME))
        assert [deal.name for deal in client.get(url).context["page"].rows] == ["Acorn renewal"]
        return text, url


def test_the_worklist_counts_and_opens_ones_own_deals(cast: Cast, browse: Browse) -> None:
    client = browse(cast.rep)
    answer = client.get(HOME)
    assert "no next step: 1 · stalled: 1" in plain(answer)
    assert plain(answer).count("Acorn renewal no next step in Negotiation since") == 1
    assert f"{reverse('worklist')}?why=stalled" in answer.content.decode()
