"""Attainment as it was known at the end of a day: on the pages and over the API."""

import csv
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from html import unescape
from typing import Any

import pytest

from orders.models import Order
from orders.services import cancel
from quotas.models import Quota
from quotas.services import set_quota
from tests.calls import Api, faults
from tests.cast import Cast
from tests.conftest import Acting
from tests.quotas.conftest import WHOLE, Sell, everything
from tests.stamps import Stamps, stamps

__all__ = ["stamps"]


@pytest.fixture
def history(cast: Cast, acting: Acting, sell: Sell, night: Any, stamps: Stamps) -> None:
    """Rita: 300.00 of 15 April, entered on the 20th; −100.00 of 30 April on 4 May. Her quota: 1,000.00, then 800.00."""
    quota(cast, acting, 1_000_00)
    stamps(datetime(2026, 1, 5, 9, tzinfo=UTC))
    order_id = sell("Acorn", 300_00, date(2026, 4, 15), {"rep": WHOLE})
    stamps(datetime(2026, 4, 20, 9, tzinfo=UTC))
    with acting(cast.admin):
        order = Order.objects.get(pk=order_id)
        by = {"by": cast.admin.pk, "order_id": order_id, "version": order.version}
        cancel(**by, booked_on=date(2026, 4, 30), reason="customer needs less", amount_minor=100_00)
    stamps(datetime(2026, 5, 4, 9, tzinfo=UTC))
    quota(cast, acting, 800_00)
    stamps(datetime(2026, 5, 10, 9, tzinfo=UTC))
    night()


def quota(cast: Cast, acting: Acting, minor: int) -> None:
    with acting(cast.admin):
        whose = {"person_id": cast.rep.pk, "period_id": cast.q2.pk, "reason": "new patch"}
        standing = Quota.objects.current().filter(person=cast.rep, period=cast.q2, family=None).first()
        version = {"version": standing.pk} if standing else {}
        set_quota(by=cast.admin.pk, amount_minor=minor, **whose, **version)


def page_of(client: Any, page: str, query: str = "") -> Any:
    answer = client.get(f"/quotas/{page}/?period=2026-Q2{query}")
    assert answer.status_code == 200, answer.content
    return answer


def text_of(answer: Any) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))


AS_KNOWN = [
    ("", 200_00, 800_00),
    ("&known=2026-05-20", 200_00, 800_00),
    ("&known=2026-05-10", 200_00, 800_00),
    ("&known=2026-05-09", 200_00, 1_000_00),
    ("&known=2026-05-03", 300_00, 1_000_00),
    ("&known=2026-05-03&valid=2026-04-14", 0, 1_000_00),
    ("&valid=2026-04-29", 300_00, 800_00),
    ("&known=2026-04-19", 0, 1_000_00),
    ("&known=2026-01-04", 0, None),
]


@pytest.mark.usefixtures("history")
class TestPages:
    def test_mine(self, cast: Cast, browse: Any) -> None:
        client = browse(cast.rep)
        for query, intake, quota in AS_KNOWN:
            attained = page_of(client, "mine", query).context["attained"]
            assert (attained.quarter.intake, attained.quarter.quota) == (intake, quota)
            assert sum(month.intake for month in attained.months) == intake

    def test_a_team(self, cast: Cast, browse: Any) -> None:
        client = browse(cast.manager)
        for query, intake, quota in AS_KNOWN[:-1]:
            for tree in ("sold", "now"):
                found = page_of(client, "team", f"&tree={tree}{query}").context["team"]
                (own,) = [row for row in found.rows if row.name == "East 1"]
                assert (own.figures.intake, own.figures.quota) == (intake, quota)
                assert (found.total.intake, found.total.quota) == (intake, quota)

    def test_a_team_as_a_file(self, cast: Cast, browse: Any) -> None:
        client = browse(cast.manager)
        for query, intake, quota in AS_KNOWN[:-1]:
            answer = client.get(f"/quotas/team/file/?period=2026-Q2{query}")
            lines = csv.DictReader(answer.content.decode("utf-8-sig").splitlines())
            (own,) = [line for line in lines if line["Team"] == "East 1"]
            assert (own["Order intake"], own["Quota"]) == (f"{intake / 100:.2f}", f"{quota / 100:.2f}")
            asked = dict(part.split("=") for part in query.split("&")[1:])
            known = asked.get("known", "2026-05-20")
            assert (own["Booked up to"], own["As known at"][:10]) == (asked.get("valid", ""), known)

    def test_over_the_api(self, cast: Cast) -> None:
        api = Api(cast.rep)
        for query, intake, quota in AS_KNOWN:
            (row,) = api.get(f"attainment/?period=2026-Q2{query}").json()["results"]
            assert row["order_intake"] == f"{intake / 100:.2f}"
            assert row["quota"] == (None if quota is None else f"{quota / 100:.2f}")

    def test_an_instant_over_the_api(self, cast: Cast) -> None:
        for at, intake in (("08:59:59", "300.00"), ("09:00:00", "200.00")):
            answer = Api(cast.rep).get(f"attainment/?period=2026-Q2&known=2026-05-04T{at}%2B00:00").json()
            assert answer["results"][0]["order_intake"] == intake

    def test_the_pages_say_so_and_go_back(self, cast: Cast, browse: Any) -> None:
        for who, page in ((cast.rep, "mine"), (cast.manager, "team")):
            answer = page_of(browse(who), page, "&known=2026-05-03")
            said = text_of(answer)
            assert "These figures are as known at the end of May 3, 2026." in said
            assert answer.context["now_url"] == "?period=2026-Q2"
            assert "attainment run" not in said
            assert "These figures are" not in text_of(page_of(browse(who), page))

    def test_a_figures_credits_are_those_of_then(self, cast: Cast, browse: Any) -> None:
        client = browse(cast.manager)
        url = page_of(client, "team", "&known=2026-05-03").context["credits_url"]
        assert "known=2026-05-03" in url
        assert client.get(url).context["total"].figure_minor == 300_00

    def test_pace_is_that_of_then(self, cast: Cast, browse: Any) -> None:
        """On 3 May 23 of the quarter's 65 working days were over."""
        figures = page_of(browse(cast.rep), "mine", "&known=2026-05-03").context["attained"].quarter
        assert figures.due == 353_85

    def test_the_days_to_come_are_refused(self, cast: Cast, browse: Any) -> None:
        for who, page in ((cast.rep, "mine"), (cast.manager, "team")):
            answer = browse(who).get(f"/quotas/{page}/?known=2026-05-21")
            assert answer.status_code == 422
        refused = Api(cast.rep).get("attainment/?period=2026-Q2&valid=2027-01-01")
        assert faults(refused) == [("in_future", "valid")]

    def test_before_anything_was_known(self, cast: Cast, browse: Any) -> None:
        said = text_of(page_of(browse(cast.executive), "team", "&known=2025-12-31"))
        assert "Nothing was known yet" in said

    def test_the_difference_to_today_is_told_event_by_event(self, cast: Cast, browse: Any) -> None:
        """Of a person and of the team that they are in: the cancellation of 4 May and the quota of 10 May."""
        for who, page in ((cast.rep, "mine"), (cast.manager, "team"), (cast.executive, "team")):
            answer = page_of(browse(who), page, "&known=2026-05-03")
            since = answer.context["since"]
            assert (since.then_intake, since.now_intake) == (300_00, 200_00)
            assert (since.then_quota, since.now_quota) == (1_000_00, 800_00)
            assert [(step.intake_minor, step.quota_minor, step.who) for step in since.steps] == [
                (-100_00, 0, "Ada Admin"),
                (0, -200_00, "Ada Admin"),
            ]
            cancelled, changed = since.steps
            assert cancelled.why == "customer needs less"
            assert cancelled.url.startswith("/orders/")
            assert (changed.what, changed.why) == ("Quota of Rita Rep for 2026-Q2: $800.00", "new patch")
            said = text_of(answer)
            assert "The difference to today" in said
            assert "Not explained" not in said
            assert page_of(browse(who), page).context["since"] is None

    def test_nothing_since(self, cast: Cast, browse: Any) -> None:
        said = text_of(page_of(browse(cast.rep), "mine", "&known=2026-05-15"))
        assert "Nothing that was recorded since changes these figures." in said


CHANGES = "attainment/changes/?period=2026-Q2&known=2026-05-03"


@pytest.mark.usefixtures("history")
class TestChanges:
    """The difference to today over the API."""

    def test_of_a_person_event_by_event(self, cast: Cast) -> None:
        told = Api(cast.rep).get(f"{CHANGES}&person={cast.rep.pk}").json()
        cancelled, changed = told.pop("steps")
        assert told == {
            "period": "2026-Q2",
            "currency": "USD",
            "crediting_rule": "by_split",
            "basis": None,
            "order_intake_then": "300.00",
            "order_intake_now": "200.00",
            "quota_then": "1000.00",
            "quota_now": "800.00",
        }
        assert cancelled.pop("at").startswith("2026-05-04T09:00:00")
        with everything():
            order = Order.objects.get()
        assert cancelled == {
            "what": f"{order.number}: cancellation of Apr 30, 2026",
            "order_id": order.pk,
            "order_intake": "-100.00",
            "quota": "0.00",
            "by": "Ada Admin",
            "why": "customer needs less",
        }
        assert (changed["order_intake"], changed["quota"], changed["why"]) == ("0.00", "-200.00", "new patch")

    @pytest.mark.parametrize("tree", ["sold", "now"])
    def test_of_a_node_it_adds_up(self, cast: Cast, tree: str) -> None:
        for who, place in ((cast.manager, "East Team"), (cast.executive, "Company")):
            node = cast.territories[place].pk
            told = Api(who).get(f"{CHANGES}&node={node}&tree={tree}").json()
            for name in ("order_intake", "quota"):
                moved = sum(Decimal(step[name]) for step in told["steps"])
                assert Decimal(told[f"{name}_then"]) + moved == Decimal(told[f"{name}_now"])
            assert (told["order_intake_then"], told["order_intake_now"]) == ("300.00", "200.00")

    def test_of_a_family_that_sold_nothing(self, cast: Cast) -> None:
        query = f"&node={cast.territories['East Team'].pk}&family={cast.products['Server'].family_id}"
        told = Api(cast.manager).get(CHANGES + query).json()
        assert (told["order_intake_then"], told["order_intake_now"], told["steps"]) == ("0.00", "0.00", [])

    def test_whoever_is_out_of_reach_is_not_found(self, cast: Cast) -> None:
        person, node = f"&person={cast.other_rep.pk}", f"&node={cast.territories['East Team'].pk}"
        for who, query in ((cast.rep, person), (cast.rep, node), (cast.other_director, node)):
            assert faults(Api(who).get(CHANGES + query)) == [("not_found", "")]
        assert faults(Api(cast.coordinator).get(CHANGES + person)) == [("forbidden", "")]

    @pytest.mark.parametrize(
        ("query", "path"),
        [
            ("?known=2026-05-03&person=1", "period"),
            ("?period=2026-Q2&person={rep}", "known"),
            ("?period=2026-Q2&known=2026-05-03", "person"),
            ("?period=2026-Q2&known=2026-05-03&person={rep}&node=1", "person"),
            ("?period=2026-Q2&known=2026-05-03&person={rep}&family=1", "family"),
        ],
    )
    def test_it_is_asked_for_plainly(self, cast: Cast, query: str, path: str) -> None:
        answer = Api(cast.rep).get("attainment/changes/" + query.format(rep=cast.rep.pk))
        assert (answer.status_code, faults(answer)) == (400, [("bad_query", path)])
