"""The calendar of close dates: days, weeks and months with their sums, overdue deals apart, a deal on another day."""

from datetime import date
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.calendars import Span, month_of
from pipeline.models import Opportunity
from pipeline.selectors.closing import week_of
from tests.cast import Cast
from tests.pipeline.test_opportunity_list import many, write_german

PAGE = reverse("opportunity_calendar")


def get(browse: Any, person: Any, **query: Any) -> Any:
    return browse(person).get(PAGE, query)


def days(answer: Any) -> dict[date, Any]:
    return {day.day: day for week in answer.context["calendar"].weeks for day in week.days}


@pytest.mark.parametrize(
    ("first_weekday", "start"), [(0, date(2026, 5, 18)), (6, date(2026, 5, 17)), (2, date(2026, 5, 20))]
)
def test_a_week_begins_on_its_first_weekday(first_weekday: int, start: date) -> None:
    assert week_of(date(2026, 5, 20), first_weekday) == Span(start, start.fromordinal(start.toordinal() + 7))


def test_a_month_holds_its_days() -> None:
    assert month_of(date(2028, 2, 29)) == Span(date(2028, 2, 1), date(2028, 3, 1))


def test_days_weeks_and_the_month_come_to_the_same(cast: Cast, browse: Any) -> None:
    """Each deal is worth 1.20 of its euros, rounded for itself: 101 are 121 and 102 are 122."""
    many(cast, 1, name="One", currency="EUR", amount_minor=101, close_on=date(2026, 6, 10))
    many(cast, 1, name="Two", currency="EUR", amount_minor=102, close_on=date(2026, 6, 10))
    many(cast, 1, name="Three", amount_minor=1_000, close_on=date(2026, 6, 12))
    many(cast, 1, name="Beside", amount_minor=7, close_on=date(2026, 7, 1))
    answer = get(browse, cast.rep, month="2026-06", owner=cast.rep.pk, q="")
    found, shown = days(answer), answer.context["calendar"]
    tenth = found[date(2026, 6, 10)]
    assert (tenth.totals.worth_minor, tenth.totals.deals) == (243, 2)
    assert [deal.name for deal in tenth.deals] == ["Two", "One"]
    assert found[date(2026, 7, 1)].totals.worth_minor == 7
    for week in shown.weeks:
        assert week.totals.worth_minor == sum(day.totals.worth_minor for day in week.days)
    assert shown.weeks[1].totals.worth_minor == 1_243
    assert shown.totals.worth_minor == sum(week.totals.worth_minor for week in shown.weeks) - 7


def test_a_currency_without_a_rate_is_in_no_sum_and_is_named(cast: Cast, browse: Any) -> None:
    many(cast, 1, currency="CHF", amount_minor=500, close_on=date(2026, 6, 10))
    answer = get(browse, cast.rep, month="2026-06")
    tenth = days(answer)[date(2026, 6, 10)]
    assert (tenth.totals.worth_minor, tenth.totals.deals) == (0, 1)
    assert "Without a rate and in no sum: CHF" in answer.content.decode()


def test_overdue_deals_stand_apart(cast: Cast, browse: Any) -> None:
    many(cast, 2, close_on=date(2026, 5, 19), amount_minor=300)
    many(cast, 1, name="Today", close_on=date(2026, 5, 20), amount_minor=5)
    answer = get(browse, cast.rep)
    shown = answer.context["calendar"]
    assert (shown.overdue.deals, shown.overdue.worth_minor, len(shown.late)) == (2, 600, 2)
    assert days(answer)[date(2026, 5, 19)].totals.deals == 0
    assert days(answer)[date(2026, 5, 20)].totals.worth_minor == 5
    assert shown.totals.worth_minor == 5


def test_a_full_day_shows_four_and_the_way_to_the_rest(cast: Cast, browse: Any) -> None:
    many(cast, 7, close_on=date(2026, 6, 10))
    answer = get(browse, cast.rep, month="2026-06", category="pipeline")
    tenth = days(answer)[date(2026, 6, 10)]
    assert (len(tenth.deals), tenth.more) == (4, 3)
    way = f"{reverse('opportunity_list')}?category=pipeline&from=2026-06-10&to=2026-06-10"
    assert way in unescape(answer.content.decode())
    week = get(browse, cast.rep, by="week", day="2026-06-10", category="pipeline")
    assert len(days(week)[date(2026, 6, 10)].deals) == 7
    assert len(week.context["calendar"].weeks) == 1


def test_it_knows_quarters_and_closed_periods(cast: Cast, browse: Any, owner: Any) -> None:
    owner.execute("ALTER TABLE common_period DISABLE TRIGGER USER")
    owner.execute("UPDATE common_period SET is_closed = true WHERE code = '2026-04'")
    owner.execute("ALTER TABLE common_period ENABLE TRIGGER USER")
    found = days(get(browse, cast.rep, month="2026-04"))
    assert (found[date(2026, 3, 31)].ends, found[date(2026, 3, 31)].is_closed) == ("2026-Q1", False)
    assert all(found[date(2026, 4, day)].is_closed for day in (1, 30))
    deal = cast.deals["Acorn renewal"]
    answer = moved(browse(cast.rep), deal, "2026-04-30")
    assert answer.status_code == 422
    assert "2026-04 is closed: nothing closes in it any more. Choose May 1, 2026" in answer.content.decode()


def test_the_reader_chooses_the_first_weekday_by_their_locale(cast: Cast, browse: Any, owner: Any) -> None:
    assert get(browse, cast.rep).context["weekdays"][0] == "Sun"
    write_german(owner, cast.rep)
    page = get(browse, cast.rep, month="2026-03")
    assert (page.context["weekdays"][0], page.context["heading"]) == ("Mon", "March 2026")
    assert min(days(get(browse, cast.rep, month="2026-06"))) == date(2026, 6, 1)


@pytest.mark.parametrize(
    "query", [{"month": "2026-13"}, {"month": "june"}, {"by": "year"}, {"day": "1"}, {"from": "2026-01-01"}]
)
def test_what_it_does_not_know_is_refused(cast: Cast, browse: Any, query: dict[str, str]) -> None:
    assert get(browse, cast.rep, **{"by": "week", **query} if "day" in query else query).status_code == 400


def test_the_tabs_keep_the_filters(cast: Cast, browse: Any) -> None:
    tabs = get(browse, cast.rep, category="commit", state="all", month="2026-06").context["tabs"]
    assert [(tab["label"], tab["url"]) for tab in tabs] == [
        ("Table", f"{reverse('opportunity_list')}?state=all&category=commit"),
        ("Board", f"{reverse('opportunity_board')}?category=commit"),
        ("Calendar", f"{PAGE}?state=all&category=commit"),
        ("Worklist", reverse("worklist")),
    ]


def moved(client: Any, deal: Opportunity, day: str, version: int = 0) -> Any:
    """What the script sends where a card was dropped."""
    about = {"HX-Request": "true", "HX-Target": "calendar", "HX-Current-URL": f"http://x{PAGE}?month=2026-06"}
    sent = {"close_on": day, "version": version or deal.version}
    return client.post(reverse("opportunity_date", args=[deal.pk]), sent, headers=about)


class TestPutOnAnotherDay:
    """By drag, by key or by the form."""

    def test_the_calendar_comes_back_as_it_now_is(self, cast: Cast, acting: Any, browse: Any) -> None:
        deal = cast.deals["Acorn renewal"]
        answer = moved(browse(cast.rep), deal, "2026-06-11")
        assert (answer.status_code, "closes on Jun 11, 2026" in answer["HX-Trigger"]) == (200, True)
        eleventh = days(answer)[date(2026, 6, 11)]
        assert (eleventh.totals.worth_minor, [row.pk for row in eleventh.deals]) == (10_000_001, [deal.pk])
        with acting(cast.rep):
            assert Opportunity.objects.get(pk=deal.pk).close_on == date(2026, 6, 11)

    def test_a_stale_card_and_a_colleagues_are_refused(self, cast: Cast, browse: Any) -> None:
        deal = cast.deals["Acorn renewal"]
        assert moved(browse(cast.rep), deal, "2026-06-11", version=9).status_code == 412
        assert moved(browse(cast.peer), deal, "2026-06-11").status_code == 404
        assert moved(browse(cast.executive), deal, "2026-06-11").status_code == 403

    def test_the_form_behind_a_card_leads_back(self, cast: Cast, browse: Any) -> None:
        deal, client = cast.deals["Acorn renewal"], browse(cast.rep)
        url, back = reverse("opportunity_date", args=[deal.pk]), f"{PAGE}?month=2026-06"
        assert client.get(url, {"back": back}).status_code == 200
        sent = {"close_on": "2026-06-11", "version": deal.version, "back": back}
        assert client.post(url, sent)["Location"] == back


def test_it_asks_no_more_as_it_grows(cast: Cast, browse: Any) -> None:
    client, counts = browse(cast.manager), []
    for more in (20, 60, 0):
        with CaptureQueriesContext(connection) as queries:
            client.get(PAGE, {"month": "2026-06"})
        counts.append(len(queries))
        many(cast, more, close_on=date(2026, 6, 5))
    assert len(set(counts[1:])) == 1
