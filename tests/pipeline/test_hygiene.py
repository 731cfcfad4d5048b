"""Hygiene: what is missing on open deals, by person and deal by deal, and where it is mended."""

from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any
from urllib.parse import quote

import pytest
from django.urls import reverse

from accounts.models import Contact
from common.access import Reach
from common.services import set_policy
from common.transaction import work
from pipeline.models import Activity, Category, Opportunity
from pipeline.rules.hygiene import Check
from pipeline.selectors.hygiene import hygiene_lines, hygiene_of, in_all, lacking
from pipeline.selectors.insight import Asked
from tests.cast import Cast
from tests.pipeline.insight import deal, won
from tests.salesops.conftest import plain

TODAY = date(2026, 5, 20)
ALL = Asked(TODAY, TODAY, {})


def complete(cast: Cast, name: str = "Whole", **more: Any) -> Opportunity:
    """A deal in Pipeline on which nothing is missing; begun longer ago than an activity counts."""
    said = {"next_step": "Call", "next_step_on": TODAY, **more}
    made = deal(cast, name, "2026-04-01", {"Prospecting": "2026-04-01"}, **said)
    with work(by=None, why="what is known of it", reach=Reach.everything()):
        chief = Contact.objects.create(
            account=cast.accounts["Acorn"], name=f"Chief of {name}", seniority=Contact.Seniority.EXECUTIVE
        )
        made.stakeholders.create(contact=chief, role="decides")
        Activity.objects.create(
            kind="call",
            subject="Talked",
            opportunity=made,
            owner=cast.rep,
            territory=cast.territories["East 1"],
            done_at=datetime(2026, 5, 2, 12, tzinfo=UTC),
            done_on=date(2026, 5, 2),
        )
    return made


def found_on(acting: Any, person: Any, made: Opportunity) -> Any:
    with acting(person):
        return hygiene_of(Opportunity.objects.select_related("stage").get(pk=made.pk), TODAY)


def change(made: Opportunity, **values: Any) -> None:
    with work(by=None, why="otherwise", reach=Reach.everything()):
        Opportunity.objects.filter(pk=made.pk).update(**values)


def test_nothing_is_missing(cast: Cast, acting: Any) -> None:
    found = found_on(acting, cast.rep, complete(cast))
    assert (found.points, found.missing) == (100, [])


def test_the_example_of_the_page(cast: Cast, acting: Any) -> None:
    made = complete(cast, next_step="", next_step_on=None)
    with work(by=None, why="nobody decides", reach=Reach.everything()):
        made.stakeholders.update(role="uses")
    found = found_on(acting, cast.rep, made)
    assert found.points == 70
    assert found.missing == [Check.NEXT_STEP, Check.NEXT_STEP_DAY, Check.DECIDER]


def test_each_check_at_its_edge(cast: Cast, acting: Any) -> None:
    made = complete(cast)
    edges: list[tuple[dict[str, Any], list[Check]]] = [
        ({"close_on": TODAY}, []),
        ({"close_on": date(2026, 5, 19)}, [Check.CLOSE_DATE]),
        ({"next_step_on": date(2026, 6, 2)}, [Check.CLOSE_DATE]),
        ({"close_on": date(2026, 5, 30)}, [Check.NEXT_STEP_DAY]),
        ({"close_on": date(2026, 6, 2)}, []),
        ({"close_on": TODAY, "next_step_on": TODAY, "amount_minor": 0}, [Check.AMOUNT]),
        ({"amount_minor": None}, [Check.AMOUNT]),
        ({"amount_minor": 1, "account_id": None}, [Check.ACCOUNT]),
        ({"account_id": cast.accounts["Acorn"].pk, "next_step_on": date(2026, 5, 19)}, [Check.NEXT_STEP_DAY]),
        ({"next_step_on": TODAY, "category": Category.BEST_CASE}, []),
        ({"category": Category.MOST_LIKELY}, [Check.CLOSE_PLAN, Check.CATEGORY]),
        ({"category": Category.OMITTED}, []),
    ]
    for values, missing in edges:
        change(made, **values)
        assert found_on(acting, cast.rep, made).missing == missing, values


def test_an_activity_counts_for_thirty_days_whoever_did_it_and_whoever_reads(cast: Cast, acting: Any) -> None:
    made = complete(cast)
    with work(by=None, why="somebody else's", reach=Reach.everything()):
        Activity.objects.update(owner=cast.other_rep, territory=cast.territories["West 1"])
    assert found_on(acting, cast.rep, made).missing == []
    for day, missing in ((20, []), (19, [Check.ACTIVITY])):
        with work(by=None, why="long ago", reach=Reach.everything()):
            Activity.objects.update(done_on=date(2026, 4, day))
        assert found_on(acting, cast.manager, made).missing == missing


@pytest.mark.parametrize(("created", "missing"), [(20, []), (19, [Check.ACTIVITY])])
def test_a_new_deal_has_thirty_days_to_its_first_activity(
    cast: Cast, acting: Any, created: int, missing: list[Check]
) -> None:
    made = complete(cast)
    with work(by=None, why="nothing was done yet", reach=Reach.everything()):
        Activity.objects.update(done_on=date(2026, 4, 1))
    change(made, created_on=date(2026, 4, created))
    assert found_on(acting, cast.rep, made).missing == missing


def test_a_next_step_after_the_closing_is_said_wherever_the_deal_is_shown(cast: Cast, browse: Any) -> None:
    made = complete(cast, close_on=date(2026, 5, 30), next_step_on=date(2026, 6, 2))
    client, said = browse(cast.rep), "next step after the close date"
    head = plain(client.get(reverse("opportunity_detail", args=[made.pk])))
    assert f"95 of 100: {said} −5" in head
    assert f"{said} −5" in plain(client.get(reverse("hygiene")))
    for page in ("opportunity_list", "opportunity_board", "opportunity_calendar", "worklist"):
        assert plain(client.get(reverse(page))).count("step after close date") == 1, page
    change(made, next_step="Call", next_step_on=date(2026, 5, 30))
    assert "step after close date" not in plain(client.get(reverse("opportunity_list")))


def test_a_closed_deal_has_no_score(cast: Cast, acting: Any) -> None:
    assert found_on(acting, cast.rep, won(cast, "Won", "2026-01-01", "2026-02-01")) is None


def test_by_person_and_in_all(cast: Cast, acting: Any) -> None:
    """The cast's two deals in East lack a next step, its day, who decides, an activity and a close plan: 50."""
    complete(cast)
    with acting(cast.manager) as context:
        lines = hygiene_lines(context.reach, ALL, "owner", TODAY)
    assert [(line.label, line.deals, line.points) for line in lines] == [
        ("Paul Peer", 1, Fraction(50)),
        ("Rita Rep", 2, Fraction(75)),
    ]
    total = in_all(lines)
    assert (total.points, total.deals) == (Fraction(200, 3), 3)
    assert total.lacks[Check.DECIDER] == 2
    assert total.top_share == Fraction(1, 3)


def test_gaps_are_told_from_the_deals_that_have_them(cast: Cast, acting: Any, browse: Any) -> None:
    """Each of the cast's two deals lacks five things."""
    complete(cast)
    with acting(cast.manager) as context:
        lines = hygiene_lines(context.reach, ALL, "owner", TODAY)
        by_name = [line.label for line in hygiene_lines(context.reach, ALL, "owner", TODAY, "-name")]
        best = [line.label for line in hygiene_lines(context.reach, ALL, "owner", TODAY, "-points")]
    assert [(line.label, line.gaps, line.lacking, line.deals) for line in lines] == [
        ("Paul Peer", 5, 1, 1),
        ("Rita Rep", 5, 1, 2),
    ]
    assert by_name == best == ["Rita Rep", "Paul Peer"]
    page = plain(browse(cast.manager).get(reverse("hygiene")))
    assert "10 gaps on 2 of 3 open opportunities: one that lacks several things counts in each" in page
    opened = browse(cast.manager).get(reverse("hygiene"), {"show": "open"}).context["page"]
    assert [deal.found.points for deal in opened.rows] == [50, 50, 100]


def test_the_deals_behind_a_figure_are_as_many(cast: Cast, acting: Any) -> None:
    complete(cast)
    with acting(cast.manager) as context:
        mine = context.reach
        total = in_all(hygiene_lines(mine, ALL, "territory", TODAY))
        behind = {check: len(lacking(mine, ALL, check, TODAY, None).rows) for check in Check}
        any_of_it = [row.name for row in lacking(mine, ALL, None, TODAY, None).rows]
    assert behind == total.lacks
    assert any_of_it == ["Acorn renewal", "Beech renewal"]


def test_the_page_of_a_rep_names_what_is_missing_with_what_mends_it(cast: Cast, browse: Any) -> None:
    answer = browse(cast.rep).get(reverse("hygiene"))
    page, pk = plain(answer), cast.deals["Acorn renewal"].pk
    assert "Acorn renewal" in page
    for words in ("no next step −15", "nobody who decides −10", "no activity in 30 days −10"):
        assert f">{words}</a>" in answer.content.decode()
    assert "Beech renewal" not in page
    html = answer.content.decode()
    for name in ("stakeholder_add", "milestone_create"):
        assert f'href="{reverse(name, args=[pk])}"' in html
    back = f"?back={quote(reverse('hygiene'), safe='')}"
    assert f'href="{reverse("opportunity_step", args=[pk])}{back}"' in html
    assert f'href="{reverse("activity_create")}?opportunity={pk}"' in html


def test_the_page_of_a_lead_shows_each_person_and_opens_a_figure(cast: Cast, browse: Any) -> None:
    client = browse(cast.manager)
    page = plain(client.get(reverse("hygiene")))
    assert "Paul Peer 50" in page
    assert "Rita Rep 50" in page
    opened = plain(client.get(reverse("hygiene"), {"show": "decider", "key": cast.peer.pk}))
    assert "Paul Peer: nobody who decides" in opened
    assert "Acorn renewal" not in opened


def test_the_deal_says_it_in_one_line(cast: Cast, browse: Any) -> None:
    pk = cast.deals["Acorn renewal"].pk
    answer = browse(cast.rep).get(reverse("opportunity_detail", args=[pk]))
    page, html = plain(answer), answer.content.decode()
    assert "50 of 100: no next step −15 , no day ahead for the next step −5 , nobody who decides −10" in page
    for name in ("opportunity_step", "stakeholder_add", "milestone_create"):
        assert f'href="{reverse(name, args=[pk])}' in html
    assert html.index("50 of 100") < html.index('class="path"')


def test_since_when_nothing_was_done_is_a_setting(cast: Cast, acting: Any, browse: Any) -> None:
    made = complete(cast)
    with acting(cast.admin):
        set_policy(by=cast.admin.pk, name="active_within_days", value=7)
    assert found_on(acting, cast.rep, made).missing == [Check.ACTIVITY]
    said = "90 of 100: no activity in 7 days −10"
    assert said in plain(browse(cast.rep).get(reverse("opportunity_detail", args=[made.pk])))
    assert "no activity in 7 days −10" in plain(browse(cast.rep).get(reverse("hygiene")))


def test_a_broken_address_is_refused(cast: Cast, browse: Any) -> None:
    for query in ({"show": "luck"}, {"by": "source"}, {"key": "x"}):
        assert browse(cast.rep).get(reverse("hygiene"), query).status_code == 400


def test_who_may_not_edit_a_deal_reads_what_is_missing_without_the_forms(cast: Cast, browse: Any) -> None:
    html = browse(cast.executive).get(reverse("hygiene")).content.decode()
    assert "nobody who decides" in html
    assert reverse("stakeholder_add", args=[cast.deals["Acorn renewal"].pk]) not in html
