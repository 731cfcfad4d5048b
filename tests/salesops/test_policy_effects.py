"""What a change of a setting would do stands on its page before it is made, counted exactly."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Account, AccountTerritory, Contact
from common.access import Reach
from common.models import Setting
from common.policies import POLICIES
from common.selectors import today
from common.services import set_policy
from common.transaction import work
from forecasts.services import submit
from pipeline.models import Activity, Opportunity, Participant
from pipeline.services import add_stakeholder, log_activity
from salesops.selectors.effects import EFFECTS, effect
from territories.models import RoleGrant, Seat
from tests.calls import token_of
from tests.cast import START, Cast
from tests.salesops.conftest import NEW_YEAR, plain
from tests.workspace.invited import nina
from workspace.models import Choice, Delivery, Event
from workspace.services import invite, tell

OTHER: dict[str, str] = {
    "stalled_after_days": "30",
    "met_within_days": "60",
    "active_within_days": "60",
    "neglected_after_days": "30",
    "seniors_met_days": "30",
    "untouched_after_hours": "6",
    "forecast_due_weekday": "1",
    "forecast_due_hour": "9",
    "new_customer_months": "24",
    "crediting_rule": "by_territory_owner",
    "attained_percent": "60",
    "figures_due_hour": "2",
    "gaps_ahead_days": "20",
    "calendar_ahead_days": "100",
    "digest_hour": "9",
    "invitation_days": "14",
    "peer_visibility": "team_read",
    "token_days": "10",
    "assign_accounts_limit": "40",
    "won_reason": "required",
    "renewals_count": "whole",
    "booking_asks": "both",
    "backdate_days": "3",
    "price_limit_percent": "80",
    "working_hours": "1600",
    "selling_percent": "50",
}
"""Another value of each setting, as it is typed."""


def told(browse: Any, cast: Cast, name: str, value: str = "", starts_on: str = "") -> str:
    typed = {"value": value, "starts_on": starts_on}
    return plain(browse(cast.admin).get(reverse("policy_effect", args=[name]), typed)).strip()


def decide(cast: Cast, acting: Any, name: str, value: Any) -> None:
    with acting(cast.admin):
        set_policy(by=cast.admin.pk, name=name, value=value)


def test_every_setting_tells_its_effect() -> None:
    assert EFFECTS.keys() == POLICIES.keys() == OTHER.keys()


@pytest.mark.parametrize("name", POLICIES)
def test_a_page_tells_how_it_is_and_what_is_typed_is_told_anew(cast: Cast, browse: Any, name: str) -> None:
    page = browse(cast.admin).get(reverse("policy_edit", args=[name]))
    asked, said = page.content.decode(), told(browse, cast, name)
    assert said in plain(page)
    assert f'hx-get="{reverse("policy_effect", args=[name])}"' in asked
    assert asked.count("hx-include=") == (2 if POLICIES[name].is_dated else 1)
    typed = told(browse, cast, name, OTHER[name])
    assert typed != said
    for odd in ("0.5", "-1", "many", "99999999999", str(POLICIES[name].default)):
        assert told(browse, cast, name, odd, "someday") == said
    assert not Setting.objects.exists()


def test_what_was_refused_is_told_with_what_was_typed(cast: Cast, browse: Any) -> None:
    url = reverse("policy_edit", args=["forecast_due_hour"])
    typed = {"version": "0", "value": "9", "starts_on": "2026-05-19", "reason": ""}
    answer = browse(cast.admin).post(url, typed)
    assert answer.status_code == 422
    assert "From May 20, 2026 on the first call is due Monday, May 25, 2026, 09:00 instead of" in plain(
        answer
    )


def test_deals_that_would_be_stalled(cast: Cast, acting: Any, browse: Any) -> None:
    """The three deals are in their stage since 1 April: on 20 May for 49 days."""
    with acting(cast.admin):
        Opportunity.objects.filter(number="O-1").update(stage_since_on=date(2026, 5, 1))
    assert told(browse, cast, "stalled_after_days", "48") == (
        "Now: 2 open opportunities are stalled. With 48 days: 2 open opportunities are stalled."
    )
    assert told(browse, cast, "stalled_after_days", "49").endswith(
        "With 49 days: 0 open opportunities are stalled."
    )
    assert told(browse, cast, "stalled_after_days", "1").endswith(
        "With 1 day: 3 open opportunities are stalled."
    )


def test_stakeholders_that_would_count_as_met(cast: Cast, acting: Any, browse: Any) -> None:
    with acting(cast.rep):
        about = {"by": cast.rep.pk, "opportunity_id": cast.deals["Acorn renewal"].pk}
        for name in ("Ann", "Bo"):
            contact = Contact.objects.create(account=cast.accounts["Acorn"], name=name)
            add_stakeholder(role="uses", contact_id=contact.pk, **about)
        activity = log_activity(kind="visit", subject="Site", contact_ids=[contact.pk], **about)
        Activity.objects.change(activity.pk, 1, done_at=datetime(2026, 4, 15, 12, tzinfo=UTC))
    said = told(browse, cast, "met_within_days", "60")
    assert "0 of 2 stakeholders of open opportunities count as met" in said
    assert "1 of 2 stakeholders of open opportunities count as met" in said


def test_deals_that_would_miss_an_activity(cast: Cast, acting: Any, browse: Any) -> None:
    with acting(cast.rep):
        about = {"by": cast.rep.pk, "opportunity_id": cast.deals["Acorn renewal"].pk}
        activity = log_activity(kind="visit", subject="Site", **about)
        done = datetime(2026, 4, 15, 12, tzinfo=UTC)
        Activity.objects.change(activity.pk, 1, done_at=done, done_on=done.date())
    said = told(browse, cast, "active_within_days", "60")
    assert "3 of 3 open opportunities miss an activity" in said
    assert "2 of 3 open opportunities miss an activity" in said


def test_accounts_that_would_be_neglected_and_seniors_that_would_wait(
    cast: Cast, acting: Any, browse: Any
) -> None:
    """Acorn was visited and its chief met 35 days ago; Beech and Cedar never."""
    with acting(cast.rep):
        acorn = cast.accounts["Acorn"]
        chief = Contact.objects.create(account=acorn, name="Ann", seniority="executive")
        about = {"kind": "visit", "subject": "Site", "account_id": acorn.pk, "contact_ids": [chief.pk]}
        log_activity(by=cast.rep.pk, done_on=date(2026, 4, 15), **about)
    assert told(browse, cast, "neglected_after_days", "30") == (
        "Now: 2 of 3 accounts without a norm are neglected. "
        "With 30 days: 3 of 3 accounts without a norm are neglected."
    )
    said = told(browse, cast, "seniors_met_days", "30")
    assert "Now: 0 of 1 C-level contacts and vice presidents were not met." in said
    assert "With 30 days: 1 of 1 C-level contacts and vice presidents was not met." in said


def test_when_calls_would_be_due(cast: Cast, acting: Any, browse: Any) -> None:
    weekday, hour = "forecast_due_weekday", "forecast_due_hour"
    now = "The next call is due Monday, May 25, 2026, 12:00; 7 people call."
    assert told(browse, cast, weekday) == told(browse, cast, hour) == now
    assert told(browse, cast, weekday, "4") == (
        "From May 20, 2026 on the first call is due Friday, May 22, 2026, 12:00 "
        "instead of Monday, May 25, 2026, 12:00; 7 people call."
    )
    assert told(browse, cast, hour, "9", "2026-06-01") == (
        "From Jun 1, 2026 on the first call is due Monday, June 1, 2026, 09:00 "
        "instead of Monday, June 1, 2026, 12:00; 7 people call."
    )
    decide(cast, acting, hour, 9)
    assert "Tuesday, June 2, 2026, 09:00 instead of Monday, June 1, 2026, 09:00" in told(
        browse, cast, weekday, "1", "2026-06-01"
    )


def test_what_is_told_of_calls_is_what_comes_true(cast: Cast, acting: Any, browse: Any, clock: Any) -> None:
    """Due on Friday instead of Monday, decided on Wednesday: late is who calls on Friday at 12:00:01 in New York."""
    clock.move_to(datetime(2026, 5, 18, 15, 0, tzinfo=UTC))
    for person in (cast.rep, cast.peer):
        with acting(person):
            submit(by=person.pk, period_id=cast.q2.pk, amount_minor=100)
    clock.move_to(datetime(2026, 5, 20, 9, 0, tzinfo=UTC))
    decide(cast, acting, "forecast_due_weekday", 4)
    clock.move_to(datetime(2026, 5, 22, 16, 0, tzinfo=UTC))
    with acting(cast.rep):
        assert not submit(by=cast.rep.pk, period_id=cast.q2.pk, amount_minor=100).is_late
    clock.move_to(datetime(2026, 5, 22, 16, 0, 1, tzinfo=UTC))
    with acting(cast.peer):
        assert submit(by=cast.peer.pk, period_id=cast.q2.pk, amount_minor=100).is_late


def test_customers_that_would_be_new(cast: Cast, acting: Any, browse: Any) -> None:
    """First orders on 20 May 2025, 29 February 2024 and 1 June 2026; bookings of 20 May 2026, and of 1 June."""
    firsts = {"Acorn": date(2025, 5, 20), "Beech": date(2024, 2, 29), "Cedar": date(2026, 6, 1)}
    with acting(cast.admin):
        for name, day in firsts.items():
            Account.objects.filter(name=name).update(first_ordered_on=day)
    name = "new_customer_months"
    words = "Now: on May 20, 2026 {} count as new. With {} months: on May 20, 2026 {} as new."
    none, one, two = (
        "0 customers with orders",
        "1 customer with orders counts",
        "2 customers with orders count",
    )
    assert told(browse, cast, name, "13") == words.format(none, 13, one)
    assert told(browse, cast, name, "26") == words.format(none, 26, one)
    assert told(browse, cast, name, "27") == words.format(none, 27, two)
    assert told(browse, cast, name, "1", "2026-06-01") == (
        "Now: on Jun 1, 2026 1 customer with orders counts as new. "
        "With 1 month: on Jun 1, 2026 1 customer with orders counts as new."
    )


def test_bars_that_would_be_green(cast: Cast, booked: None, night: Any, browse: Any) -> None:
    """In the second quarter Rita has 550 of 900, 61 %, Paul 600 of 500."""
    night()
    words = "in 2026-Q2 the bars of {} of 2 people with a quota are green"
    assert told(browse, cast, "attained_percent", "61") == (
        f"Now: {words.format(1)}. With 61 %: {words.format(2)}."
    )
    assert told(browse, cast, "attained_percent", "62").endswith(f"With 62 %: {words.format(1)}.")
    assert told(browse, cast, "attained_percent", "121").endswith(f"With 121 %: {words.format(0)}.")


def test_without_a_fiscal_year_there_is_no_bar(cast: Cast, browse: Any, clock: Any) -> None:
    clock.move_to(NEW_YEAR)
    assert told(browse, cast, "attained_percent") == "No fiscal year covers today, so there is no bar yet."


def test_whether_pages_would_warn_at_this_moment(cast: Cast, night: Any, browse: Any) -> None:
    """It is 05:00 in New York and the figures of 18 May stand: those of 19 May are due at 06:00."""
    night(date(2026, 5, 18))
    words = "pages warn from {} on (America/New_York) and would {} at this moment"
    assert told(browse, cast, "figures_due_hour", "5") == (
        f"Now: {words.format('06:00', 'not do so')}. With 05:00: {words.format('05:00', 'do so')}."
    )


def test_gaps_that_would_be_listed(cast: Cast, acting: Any, browse: Any) -> None:
    """The top node has no lead. East 1 is left on 20 June and nobody is there then, Acorn ends on 1 July."""
    with acting(cast.admin):
        Seat.objects.get(user=cast.rep).replaced(stops_on=date(2026, 6, 20))
        place = AccountTerritory.objects.get(account=cast.accounts["Acorn"])
        place.replaced(stops_on=date(2026, 7, 1))
    assert told(browse, cast, "gaps_ahead_days", "31") == (
        "Now: 2 territories miss somebody and 1 account loses its territory. "
        "With 31 days: 1 territory misses somebody and 0 accounts lose their territory."
    )
    assert told(browse, cast, "gaps_ahead_days", "32").endswith(
        "With 32 days: 2 territories miss somebody and 0 accounts lose their territory."
    )


def test_from_when_administrators_would_be_asked(cast: Cast, browse: Any) -> None:
    assert told(browse, cast, "calendar_ahead_days", "100") == (
        "Now: the last fiscal year ends on Dec 31, 2035, administrators are asked from Nov 2, 2035 on. "
        "With 100 days: the last fiscal year ends on Dec 31, 2035, administrators are asked from Sep 23, 2035 on."
    )


def test_without_a_fiscal_year_they_are_asked_at_once(empty_as_owner: Any) -> None:
    with work(by=None, why="a test", reach=Reach.everything()):
        said = effect("calendar_ahead_days", 100, today(), today())
    assert said == "There is no fiscal year yet, so administrators are asked at once."


def test_digests_that_are_gathered_keep_their_hour(cast: Cast, acting: Any, browse: Any) -> None:
    with work(by=None, why="a test", reach=Reach.everything()):
        for person in (cast.rep, cast.peer):
            Choice.objects.create(person=person, event=Event.DEAL_CAME, delivery=Delivery.DIGEST)
        for key in ("1", "2"):
            tell(event=Event.DEAL_CAME, people=[cast.rep.pk, cast.peer.pk], key=key, about="A deal", url="/")
    assert told(browse, cast, "digest_hour", "9") == (
        "The digests for which news has been gathered (2 people) leave at 07:00; news from now on leaves at 09:00."
    )


def test_invitations_that_are_open_keep_their_end(cast: Cast, acting: Any, browse: Any, clock: Any) -> None:
    person = nina(cast, acting)
    assert told(browse, cast, "invitation_days", "14") == (
        "Now: an invitation of today ends on May 27, 2026. "
        "With 14 days: an invitation of today ends on Jun 3, 2026. 1 open invitation keeps its end."
    )
    decide(cast, acting, "invitation_days", 14)
    with acting(cast.admin):
        [made] = invite(by=cast.admin.pk, user_ids=[person.pk])
    assert made.expires_at - made.made_at == timedelta(days=14)


def test_colleagues_who_would_read_what(cast: Cast, acting: Any, browse: Any) -> None:
    """Paul helps on East 1, where Rita has a deal, and Oscar too, who has a share of it already."""
    deal = cast.deals["Acorn renewal"]
    with acting(cast.admin):
        for person in (cast.peer, cast.other_rep):
            place = {"territory": cast.territories["East 1"], "kind": Seat.Kind.OVERLAY, "starts_on": START}
            Seat.objects.create(user=person, **place)
        Participant.objects.create(opportunity=deal, user=cast.other_rep, reason="share")
        RoleGrant.objects.create(user=cast.rep, role="coordinator", starts_on=START)
    client, name = browse(cast.peer), "peer_visibility"
    before = [
        client.get(reverse("opportunity_detail", args=[one.pk])).status_code for one in cast.deals.values()
    ]
    gain = "From now on 1 rep would read 1 open opportunity of colleagues that they do not see now."
    assert told(browse, cast, name, "team_read") == gain
    decide(cast, acting, name, "team_read")
    after = [
        client.get(reverse("opportunity_detail", args=[one.pk])).status_code for one in cast.deals.values()
    ]
    assert (before, after) == ([404, 200, 404], [200, 200, 404])
    assert told(browse, cast, name) == (
        "Now: reps read the opportunities of the territories on which they sit."
    )
    assert told(browse, cast, name, "private") == (
        "From now on 1 rep would no longer read 1 open opportunity of colleagues."
    )


def test_tokens_that_live_longer_stay(cast: Cast, browse: Any) -> None:
    for days in (10, 11, 300):
        token_of(cast.rep, "read", days=days)
    assert told(browse, cast, "token_days", "10") == (
        "Now: a token of today ends by May 21, 2027, and 0 that exist end later and stay. "
        "With 10 days: a token of today ends by May 30, 2026, and 2 that exist end later and stay."
    )


def test_a_change_that_is_planned_is_compared_with_what_is_planned_before(
    cast: Cast, acting: Any, browse: Any
) -> None:
    with acting(cast.admin):
        set_policy(
            by=cast.admin.pk, name="forecast_due_hour", value=15, starts_on=today() + timedelta(days=12)
        )
    assert "June 8, 2026, 09:00 instead of Monday, June 8, 2026, 15:00" in told(
        browse, cast, "forecast_due_hour", "9", "2026-06-02"
    )


def test_how_much_a_seat_has_for_customers(cast: Cast, browse: Any) -> None:
    assert told(browse, cast, "working_hours") == "Now: a whole seat has 1,080 hours a year for customers."
    assert told(browse, cast, "selling_percent", "50").endswith(
        "With 50 %: a whole seat has 900 hours a year for customers."
    )
    assert told(browse, cast, "working_hours", "1600").endswith(
        "With 1600 hours: a whole seat has 960 hours a year for customers."
    )
