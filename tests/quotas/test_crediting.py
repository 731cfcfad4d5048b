"""By split or by territory owner: whom a fiscal year credits, on every page that says it."""

import csv
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from common.checks import check_open_year
from common.errors import Conflict, Refused
from common.models import Period
from common.policies import BY_OWNER, BY_SPLIT
from common.selectors import policy
from common.services import set_policy
from common.transaction import reach
from orders.selectors.credits import NOBODY, CreditFilter, credit_total
from orders.services import OpeningInput, post_opening
from quotas.selectors.crediting import credited
from quotas.selectors.question import Question
from quotas.selectors.team import Team, team_attainment
from territories.models import Seat
from territories.services import end_seat, seat_person
from tests.calls import Api
from tests.cast import Cast
from tests.conftest import Acting, Browser
from tests.quotas.conftest import WHOLE, Sell
from tests.stamps import Stamps, stamps

__all__ = ["stamps"]

HALF = WHOLE // 2
YEAR = date(2026, 1, 1)
Browse = Callable[[Any], Browser]


def rule(cast: Cast, acting: Acting, value: str = BY_OWNER, starts_on: date = YEAR) -> None:
    with acting(cast.admin):
        set_policy(by=cast.admin.pk, name="crediting_rule", value=value, starts_on=starts_on)


@pytest.fixture
def sold(cast: Cast, acting: Acting, sell: Sell, night: Any) -> None:
    """Rita owns East 1 until 15 April, then nobody, Paul from 1 May, who owns East 2 all the time.

    In East 1: 300.00 on 10 April by Paul, 200.00 on 20 April by Rita, 500.00 on 5 May by both.
    """
    sell("Acorn", 300_00, date(2026, 4, 10), {"peer": WHOLE})
    sell("Acorn", 200_00, date(2026, 4, 20), {"rep": WHOLE})
    sell("Acorn", 500_00, date(2026, 5, 5), {"rep": HALF, "peer": HALF})
    handed_over(cast, acting)
    night()


def handed_over(cast: Cast, acting: Acting) -> None:
    place = cast.territories["East 1"].pk
    with acting(cast.admin):
        seat = Seat.objects.current().get(user=cast.rep, kind="owner")
        end_seat(by=cast.admin.pk, seat_id=seat.pk, stops_on=date(2026, 4, 16), reason="leaves East 1")
        seat_person(
            by=cast.admin.pk,
            user_id=cast.peer.pk,
            territory_id=place,
            kind="owner",
            starts_on=date(2026, 5, 1),
        )


def text_of(answer: Any) -> str:
    assert answer.status_code == 200, answer.content
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))


def attainment_of(client: Any, query: str = "") -> dict[str, Any]:
    answer = client.get(f"attainment/?period=2026-Q2{query}")
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def intakes(told: dict[str, Any]) -> dict[str, str]:
    return {row["name"]: row["order_intake"] for row in told["results"] if row["order_intake"] != "0.00"}


def table_of(cast: Cast, *opened: str, **asked: Any) -> Team:
    nodes = frozenset(cast.territories[name].pk for name in opened)
    by_owner = {"basis": "territory", "is_by_owner": True}
    question = Question(cast.q2, [cast.q2], date(2026, 5, 20), opened=nodes, sort="name", **by_owner, **asked)
    return team_attainment(reach(), question)


def rows_of(team: Team) -> list[tuple[str, int]]:
    return [(row.name, row.figures.intake) for row in team.rows]


@pytest.mark.usefixtures("sold")
class TestPeople:
    def test_by_split_who_sold(self, cast: Cast) -> None:
        told = attainment_of(Api(cast.admin))
        assert told["crediting_rule"] == "by_split"
        assert intakes(told) == {"Rita Rep": "450.00", "Paul Peer": "550.00"}

    def test_by_territory_owner_who_owned_whoever_sold(self, cast: Cast, acting: Acting) -> None:
        rule(cast, acting)
        told = attainment_of(Api(cast.admin))
        assert told["crediting_rule"] == "by_territory_owner"
        assert intakes(told) == {"Rita Rep": "300.00", "Paul Peer": "500.00"}

    def test_each_sees_all_of_their_own_and_a_lead_that_of_their_people(
        self, cast: Cast, acting: Acting
    ) -> None:
        rule(cast, acting)
        assert intakes(attainment_of(Api(cast.rep))) == {"Rita Rep": "300.00"}
        assert intakes(attainment_of(Api(cast.peer))) == {"Paul Peer": "500.00"}
        assert intakes(attainment_of(Api(cast.manager))) == {"Paul Peer": "500.00"}
        assert intakes(attainment_of(Api(cast.other_manager))) == {}

    def test_the_same_out_of_the_ledger(self, cast: Cast, acting: Acting) -> None:
        """Cells say it of months with one owner, the ledger of all as it was known."""
        rule(cast, acting)
        known = attainment_of(Api(cast.admin), "&valid=2026-05-20")
        assert intakes(known) == intakes(attainment_of(Api(cast.admin)))
        earlier = attainment_of(Api(cast.admin), "&valid=2026-05-04")
        assert intakes(earlier) == {"Rita Rep": "300.00"}

    def test_the_rule_is_that_of_the_year(self, cast: Cast, acting: Acting) -> None:
        rule(cast, acting, starts_on=date(2027, 1, 1))
        assert attainment_of(Api(cast.admin))["crediting_rule"] == "by_split"
        later = Api(cast.admin).get("attainment/?period=2027-Q1").json()
        assert later["crediting_rule"] == "by_territory_owner"


def test_owners_as_they_were_known(
    cast: Cast, acting: Acting, sell: Sell, night: Any, stamps: Stamps
) -> None:
    sell("Acorn", 300_00, date(2026, 4, 10), {"peer": WHOLE})
    sell("Acorn", 200_00, date(2026, 4, 20), {"rep": WHOLE})
    stamps(datetime(2026, 4, 25, 9, tzinfo=UTC))
    handed_over(cast, acting)
    stamps(datetime(2026, 5, 10, 9, tzinfo=UTC))
    night()
    rule(cast, acting)
    assert intakes(attainment_of(Api(cast.admin), "&known=2026-04-30")) == {"Rita Rep": "500.00"}
    assert intakes(attainment_of(Api(cast.admin), "&known=2026-05-11")) == {"Rita Rep": "300.00"}


@pytest.mark.usefixtures("sold")
class TestMyAttainment:
    def test_the_page_names_the_rule_beside_its_figures(
        self, cast: Cast, browse: Browse, acting: Acting
    ) -> None:
        address = reverse("my_attainment")
        text = text_of(browse(cast.rep).get(address))
        assert "Order intake $450 Credited by split" in text
        rule(cast, acting)
        text = text_of(browse(cast.rep).get(address))
        assert "Order intake $300 Credited by territory owner" in text
        assert "April $300.00" in text
        assert "May $0.00" in text
        assert "Credited by territory owner" in text_of(browse(cast.rep).get("/"))

    def test_what_others_sold_is_listed_to_the_cent_and_without_their_names(
        self, cast: Cast, browse: Browse, acting: Acting
    ) -> None:
        rule(cast, acting)
        page = browse(cast.rep).get(f"{reverse('credit_list')}?period=2026-Q2&owner={cast.rep.pk}")
        text = text_of(page)
        assert "2026-Q2 · Rita Rep, by territory owner" in text
        assert "somebody else" in text
        assert "$300.00" in text
        assert "Total of 1 credit" in text
        assert "Paul" not in text
        assert "East 2" not in text

    def test_the_account_is_named_where_it_is_in_reach(
        self, cast: Cast, browse: Browse, acting: Acting
    ) -> None:
        rule(cast, acting)
        page = browse(cast.peer).get(f"{reverse('credit_list')}?period=2026-Q2&owner={cast.peer.pk}")
        text = text_of(page)
        assert "Total of all 2 credits" in text
        assert "$500.00" in text
        assert "somebody else May 5, 2026 Acorn" in text
        assert "Sold by somebody else in East 1, which you owned, booked May 5, 2026." in text
        assert "Rita" not in text

    def test_an_account_out_of_reach_is_not_named(
        self, cast: Cast, browse: Browse, acting: Acting, sell: Sell
    ) -> None:
        rule(cast, acting)
        place, by = cast.territories["East 2"].pk, {"by": cast.admin.pk}
        with acting(cast.admin):
            pauls = Seat.objects.current().get(user=cast.peer, territory=place)
            end_seat(**by, seat_id=pauls.pk, stops_on=date(2026, 4, 1))
            seat_person(
                **by,
                user_id=cast.other_rep.pk,
                territory_id=place,
                kind="owner",
                starts_on=date(2026, 4, 1),
                stops_on=date(2026, 5, 1),
            )
        sell("Beech", 70_00, date(2026, 4, 10), {"peer": WHOLE})
        page = browse(cast.other_rep).get(
            f"{reverse('credit_list')}?period=2026-Q2&owner={cast.other_rep.pk}"
        )
        text = text_of(page)
        assert "somebody else Apr 10, 2026 — Software $70.00 $70.00" in text
        assert "Total of 1 credit $70.00" in text
        assert "Beech" not in text
        assert "Paul" not in text

    def test_by_split_an_owner_is_not_told_what_others_sold(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            assert credit_total(CreditFilter(cast.q2, owner_id=cast.rep.pk), reach()).figure_count == 0

    def test_an_address_does_not_tell_who_sold(self, cast: Cast, acting: Acting) -> None:
        rule(cast, acting)
        place = cast.territories["East 1"].pk
        with acting(cast.rep):
            plain = CreditFilter(cast.q2, owner_id=cast.rep.pk)
            assert credit_total(plain, reach()).figure_minor == 300_00
            for more in (
                {"person_id": cast.peer.pk},
                {"node_id": cast.territories["East 2"].pk, "is_alone": True},
                {"is_out": True},
                {"kind": "overlay"},
                {"node_id": place, "basis": "territory", "is_now": True},
            ):
                narrowed = CreditFilter(cast.q2, owner_id=cast.rep.pk, **more)  # type: ignore[arg-type]
                assert credit_total(narrowed, reach()).figure_count == 0
            theirs = CreditFilter(cast.q2, owner_id=cast.peer.pk)
            assert credit_total(theirs, reach()).figure_minor == 250_00  # her own half, which she may read

    def test_over_the_api_neither_person_nor_seat(self, cast: Cast, acting: Acting) -> None:
        rule(cast, acting)
        [row] = Api(cast.rep).get(f"credits/?period=2026-Q2&owner={cast.rep.pk}").json()["results"]
        assert (row["person_id"], row["seat_id"], row["order_id"], row["reverses_id"]) == (None,) * 4
        assert (row["plan"]["amount"], row["territory_id"]) == ("300.00", cast.territories["East 1"].pk)
        assert set(row["because"].values()) == {"", "by territory owner"}

    def test_the_difference_to_today_is_explained_by_the_seat_that_ended(
        self, cast: Cast, acting: Acting, browse: Browse, stamps: Stamps
    ) -> None:
        rule(cast, acting)
        stamps(datetime(2026, 5, 1, 9, tzinfo=UTC))
        with acting(cast.admin):
            seat = Seat.objects.current().get(user=cast.rep, kind="owner")
            end_seat(by=cast.admin.pk, seat_id=seat.pk, stops_on=date(2026, 4, 9), reason="left earlier")
        text = text_of(browse(cast.rep).get(f"{reverse('my_attainment')}?known=2026-05-10"))
        assert "Order intake $300 Credited by territory owner" in text
        assert "left earlier" in text
        assert "−$300.00" in text or "-$300.00" in text


@pytest.mark.usefixtures("sold")
class TestTeam:
    def test_rows_of_owners_and_of_nobody_add_up_to_the_territory(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.manager):
            team = table_of(cast, "East Team", "East 1")
        assert rows_of(team) == [
            ("East Team", 1000_00),
            ("East 1", 1000_00),
            ("Paul Peer", 500_00),
            ("Rita Rep", 300_00),
            ("Nobody owned it", 200_00),
            ("East 2", 0),
        ]

    def test_every_row_opens_the_credits_that_make_it(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.manager):
            for row in table_of(cast, "East Team", "East 1").rows:
                assert row.credits is not None
                asked = CreditFilter.of(
                    dict(pair.split("=") for pair in row.credits.query.split("&")), cast.q2
                )
                assert credit_total(asked, reach()).figure_minor == row.figures.intake, row.name

    def test_as_known_earlier(self, cast: Cast, acting: Acting) -> None:
        from orders.selectors.known import AsOf

        with acting(cast.manager):
            team = table_of(cast, "East Team", "East 1", as_of=AsOf(date(2026, 5, 20)))
        assert rows_of(team)[2:5] == [
            ("Paul Peer", 500_00),
            ("Rita Rep", 300_00),
            ("Nobody owned it", 200_00),
        ]

    def test_the_page_begins_by_territory_and_says_what_by_seat_shows(
        self, cast: Cast, acting: Acting, browse: Browse
    ) -> None:
        address, client = reverse("team_attainment"), browse(cast.manager)
        split = text_of(client.get(address))
        assert "Credited by split" in split
        assert "by territory owner" not in split.split("Crediting rule")[0].split("Filters")[0]
        rule(cast, acting)
        place = cast.territories["East 1"].pk
        above = cast.territories["East Team"].pk
        text = text_of(client.get(f"{address}?open={above},{place}"))
        assert "Credited by territory owner" in text
        assert "Nobody owned it" in text
        for view in ("basis=seat", "basis=seat&tree=now"):
            assert "Credited by split : this view shows who sold" in text_of(client.get(f"{address}?{view}"))
        assert "Credited by territory owner" in text_of(client.get(f"{address}?tree=now"))
        assert "Credited by territory owner" in text_of(client.get("/"))

    def test_what_nobody_owned_is_a_list(self, cast: Cast, browse: Browse) -> None:
        page = browse(cast.director).get(f"{reverse('credit_list')}?period=2026-Q2&owner={NOBODY}")
        text = text_of(page)
        assert "in territories that nobody owned" in text
        assert "Rita Rep Apr 20, 2026" in text
        assert "Total of 1 credit" in text


class TestTheRule:
    @pytest.mark.parametrize("day", [date(2026, 5, 20), date(2026, 4, 1), date(2040, 1, 1)])
    def test_it_holds_from_the_first_day_of_a_year(self, cast: Cast, acting: Acting, day: date) -> None:
        with pytest.raises(Refused, match="whole fiscal years"):
            rule(cast, acting, starts_on=day)

    def test_not_where_something_is_closed(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.admin):
            Period.objects.filter(code="2026-01").update(is_closed=True)
        with pytest.raises(Conflict, match="2026-01 is closed: the figures of 2026 stay"):
            rule(cast, acting)
        rule(cast, acting, starts_on=date(2027, 1, 1))

    def test_not_where_something_later_is_closed(self, cast: Cast, acting: Acting) -> None:
        """Until the next decision the rule of a year is that of those after it, too."""
        with acting(cast.admin):
            Period.objects.filter(code="2026-01").update(is_closed=True)
        with pytest.raises(Conflict, match="2026-01 is closed: the figures of 2026 stay"):
            rule(cast, acting, starts_on=date(2025, 1, 1))

    def test_it_does_not_wait_for_who_books(self, cast: Cast, acting: Acting, owner: Any) -> None:
        owner.execute("BEGIN")
        owner.execute("SELECT id FROM common_period WHERE code = '2026-04' FOR SHARE")
        with acting(cast.admin), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '2s'")
            check_open_year(YEAR, "starts_on")
        owner.execute("ROLLBACK")

    def test_the_year_before_keeps_its_rule(self, cast: Cast, acting: Acting) -> None:
        rule(cast, acting)
        rule(cast, acting, BY_SPLIT, date(2027, 1, 1))
        with acting(cast.admin):
            said = [policy("crediting_rule", date(year, 7, 1)) for year in (2025, 2026, 2027)]
        assert said == [BY_SPLIT, BY_OWNER, BY_SPLIT]

    def test_the_settings_page_proposes_the_running_year(self, cast: Cast, browse: Browse) -> None:
        page = browse(cast.admin).get(reverse("policy_edit", args=["crediting_rule"]))
        assert 'name="starts_on" value="2026-01-01"' in page.content.decode()
        typed = {"value": BY_OWNER, "starts_on": "2026-01-01", "version": "0", "reason": ""}
        answer = browse(cast.admin).post(reverse("policy_edit", args=["crediting_rule"]), typed)
        assert answer.status_code == 302


class TestVectors:
    """The worked examples of *Out of territory* and *Opening entry*."""

    def test_what_a_helper_from_elsewhere_sold_is_out_of_territory(
        self, cast: Cast, acting: Acting, sell: Sell
    ) -> None:
        sell("Beech", 1_000_00, date(2026, 5, 12), {"peer": 7 * WHOLE // 10, "rep": 3 * WHOLE // 10})
        with acting(cast.executive):
            assert credit_total(CreditFilter(cast.q2, is_out=True), reach()).figure_minor == 300_00
            assert credit_total(CreditFilter(cast.q2), reach()).figure_minor == 1_000_00

    def test_an_opening_entry_counts_under_both_rules(
        self, cast: Cast, acting: Acting, sell: Sell, night: Any
    ) -> None:
        with acting(cast.admin):
            year = Period.objects.get(code="2026")
            entry = OpeningInput(
                person_id=cast.rep.pk,
                family_id=cast.families["Software"].pk,
                booked_on=date(2026, 2, 28),
                currency="USD",
                amount_minor=250_00,
                source="opening.csv line 12",
            )
            post_opening(by=cast.admin.pk, entries=[entry])
        sell("Acorn", 150_00, date(2026, 4, 14))
        night()
        with acting(cast.admin):
            for one in (BY_SPLIT, BY_OWNER):
                assert credited(reach(), [cast.rep.pk], year, one) == {cast.rep.pk: 400_00}


def lines_of(answer: Any) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.content
    return list(csv.DictReader(answer.content.decode("utf-8-sig").splitlines()))


class TestFiles:
    @pytest.mark.usefixtures("sold")
    def test_an_owners_file_holds_what_the_page_sums(
        self, cast: Cast, browse: Browse, acting: Acting
    ) -> None:
        rule(cast, acting)
        client, asked = browse(cast.peer), f"?period=2026-Q2&owner={cast.peer.pk}"
        lines = lines_of(client.get(f"{reverse('credit_csv')}{asked}"))
        assert [line["Amount in plan money"] for line in lines] == ["250.00", "250.00"]
        assert "Total of all 2 credits" in text_of(client.get(f"{reverse('credit_list')}{asked}"))
        told = [(line["Person"], line["Seat"], bool(line["Order"])) for line in lines]
        assert sorted(told) == [("", "", False), ("Paul Peer", "East 2", True)]
        assert {line["Territory"] for line in lines} == {"East 1"}

    @pytest.mark.usefixtures("sold")
    def test_a_teams_file_says_its_rule_its_people_and_its_total(
        self, cast: Cast, browse: Browse, acting: Acting
    ) -> None:
        rule(cast, acting)
        opened = ",".join(str(cast.territories[name].pk) for name in ("East Team", "East 1"))
        client, address = browse(cast.manager), reverse("team_attainment_csv")
        lines = lines_of(client.get(f"{address}?period=2026-Q2&sort=name&open={opened}"))
        assert {(line["Credited"], line["By"], line["Family"]) for line in lines} == {
            ("by territory owner", "by territory", "")
        }
        assert [(line["Level"], line["Team"], line["Person"], line["Order intake"]) for line in lines] == [
            ("0", "East Team", "Mona Manager", "1000.00"),
            ("1", "East 1", "Paul Peer", "1000.00"),
            ("2", "East 1", "Paul Peer", "500.00"),
            ("2", "East 1", "Rita Rep", "300.00"),
            ("2", "East 1", "Nobody owned it", "200.00"),
            ("1", "East 2", "Paul Peer", "0.00"),
            ("", "Total", "", "1000.00"),
        ]
        family = cast.families["Software"].pk
        [line, *_rest] = lines_of(client.get(f"{address}?period=2026-Q2&basis=seat&family={family}"))
        assert (line["Credited"], line["By"], line["Family"]) == ("by split", "by seat", "Software")


@pytest.fixture
def helped(cast: Cast, acting: Acting, sell: Sell, night: Any, stamps: Stamps) -> None:
    """Paul of the east owns West 1, too, where Olga of the west sold 40.00, and since then 1,000.00."""
    place, by = cast.territories["West 1"].pk, {"by": cast.admin.pk}
    with acting(cast.admin):
        seat = Seat.objects.current().get(user=cast.other_rep, kind="owner")
        end_seat(**by, seat_id=seat.pk, stops_on=date(2026, 4, 1))
        seat_person(**by, user_id=cast.peer.pk, territory_id=place, kind="owner", starts_on=date(2026, 4, 1))
    sell("Cedar", 40_00, date(2026, 4, 10), {"other_manager": WHOLE})
    stamps(datetime(2026, 4, 25, 9, tzinfo=UTC))
    sell("Cedar", 1000_00, date(2026, 4, 20), {"other_manager": WHOLE})
    stamps(datetime(2026, 5, 10, 9, tzinfo=UTC))
    night()
    rule(cast, acting)


CHANGES = "attainment/changes/?period=2026-Q2&known=2026-05-01"


@pytest.mark.usefixtures("helped")
class TestChanges:
    def told(self, person: Any, query: str) -> dict[str, Any]:
        answer = Api(person).get(CHANGES + query)
        assert answer.status_code == 200, answer.content
        found: dict[str, Any] = answer.json()
        return found

    def test_a_lead_is_not_told_what_others_sold_for_their_person_elsewhere(self, cast: Cast) -> None:
        who = f"&person={cast.peer.pk}"
        own = self.told(cast.peer, who)
        assert (own["order_intake_then"], own["order_intake_now"]) == ("40.00", "1040.00")
        of_lead = self.told(cast.manager, who)
        assert (of_lead["order_intake_then"], of_lead["order_intake_now"]) == ("0.00", "0.00")
        assert of_lead["steps"] == []

    def test_it_says_by_which_rule_and_basis(self, cast: Cast) -> None:
        node = f"&node={cast.territories['West Team'].pk}"
        for query, said in (
            (f"&person={cast.peer.pk}", ("by_territory_owner", None)),
            (node, ("by_territory_owner", "territory")),
            (f"{node}&basis=seat", ("by_split", "seat")),
            (f"{node}&tree=now", ("by_territory_owner", "territory")),
            (f"{node}&tree=now&basis=seat", ("by_split", "seat")),
        ):
            told = self.told(cast.executive, query)
            assert (told["crediting_rule"], told["basis"]) == said
