"""What of a figure is out of territory: how much, on which page, and the list that adds up to it."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.urls import reverse

from territories.services import seat_person
from tests.cast import Cast
from tests.conftest import Acting
from tests.quotas.conftest import WHOLE, Sell
from tests.quotas.now import Browse
from tests.quotas.test_crediting import rule
from tests.salesops.conftest import plain
from tests.stamps import Stamps, stamps

__all__ = ["stamps"]

MINE, TEAM = reverse("my_attainment"), reverse("team_attainment")
LINE = "1 credit out of territory, $300.00"


@pytest.fixture
def helped(cast: Cast, sell: Sell, night: Any, stamps: Stamps) -> None:
    """1,000.00 of Paul's East 2 on 12 May, of which Rita of East 1 has 300.00; and 50.00 of her own."""
    stamps(datetime(2026, 5, 11, 12, tzinfo=UTC))
    sell("Acorn", 50_00, date(2026, 5, 12), {"rep": WHOLE})
    sell("Beech", 1000_00, date(2026, 5, 12), {"peer": 7 * WHOLE // 10, "rep": 3 * WHOLE // 10})
    stamps(datetime(2026, 5, 13, 12, tzinfo=UTC))
    night()


def outside(answer: Any) -> list[tuple[str, int, int]]:
    return [(one.name, one.credits, one.minor) for one in answer.context["outside"]]


@pytest.mark.usefixtures("helped")
class TestOutOfTerritory:
    def test_my_attainment_names_it_and_opens_the_list(self, cast: Cast, browse: Browse) -> None:
        client = browse(cast.rep)
        answer = client.get(MINE)
        assert LINE in plain(answer)
        [one] = answer.context["outside"]
        listed = plain(client.get(one.url))
        assert "Total of 1 credit $300.00" in listed
        assert "sold by somebody who sat elsewhere than the account" in plain(answer)
        assert outside(browse(cast.peer).get(MINE)) == []
        assert "out of territory, $" not in plain(browse(cast.peer).get(MINE))

    @pytest.mark.parametrize("asked", ["", "?basis=territory", "?tree=now", "?basis=territory&tree=now"])
    @pytest.mark.parametrize("who", ["manager", "director", "executive"])
    def test_team_attainment_by_every_view(self, cast: Cast, browse: Browse, who: str, asked: str) -> None:
        client = browse(getattr(cast, who))
        answer = client.get(TEAM + asked)
        assert LINE in plain(answer)
        [one] = answer.context["outside"]
        assert client.get(one.url).context["total"].figure_minor == one.minor == 300_00

    def test_by_the_same_clocks(self, cast: Cast, browse: Browse) -> None:
        for address, who in ((MINE, cast.rep), (TEAM, cast.manager)):
            client = browse(who)
            assert outside(client.get(f"{address}?known=2026-05-12")) == []
            assert outside(client.get(f"{address}?valid=2026-05-11")) == []
            [one] = client.get(f"{address}?known=2026-05-13").context["outside"]
            assert "known=2026-05-13" in one.url
            assert client.get(one.url).context["total"].figure_minor == 300_00

    def test_of_several_teams_each_has_its_own(self, cast: Cast, browse: Browse, acting: Acting) -> None:
        with acting(cast.admin):
            node = cast.territories["West 1"].pk
            seat = {"user_id": cast.manager.pk, "territory_id": node, "kind": "lead"}
            seat_person(by=cast.admin.pk, **seat, starts_on=date(2026, 5, 1))
        answer = browse(cast.manager).get(TEAM)
        assert outside(answer) == [("East Team", 1, 300_00)]
        assert "East Team: 1 credit out of territory, $300.00" in plain(answer)
        for clocks in ("", "&known=2026-05-13", "&tree=now"):
            found = (
                browse(cast.manager).get(f"{reverse('measures')}?period=2026-Q2{clocks}").context["measured"]
            )
            rows = [(row.name, row.sums.intake) for row in found.rows]
            assert (rows, found.customers) == ([("East Team", 1050_00), ("West 1", 0)], (2, 0))

    def test_another_team_has_none(self, cast: Cast, browse: Browse) -> None:
        assert outside(browse(cast.other_manager).get(TEAM)) == []

    def test_in_a_year_that_credits_owners_it_is_what_one_sold_oneself(
        self, cast: Cast, browse: Browse, acting: Acting
    ) -> None:
        rule(cast, acting)
        answer = browse(cast.rep).get(MINE)
        assert outside(answer) == [("", 1, 300_00)]
        assert "you sold it elsewhere, and it counts for who owned the territory" in plain(answer)
        assert outside(browse(cast.manager).get(TEAM)) == [("", 1, 300_00)]


@pytest.mark.usefixtures("helped")
class TestForecasts:
    def test_the_call_names_the_rule_and_opens_its_order_intake(
        self, cast: Cast, browse: Browse, acting: Acting
    ) -> None:
        for who, minor, query in ((cast.rep, 350_00, ""), (cast.manager, 1050_00, "")):
            client = browse(who)
            answer = client.get(f"{reverse('submission_list')}{query}")
            words = plain(answer)
            assert "Credited by split" in words
            assert "as known now" in words
            assert answer.context["stand"].closed_minor == minor
            assert client.get(answer.context["closed_url"]).context["total"].figure_minor == minor
            assert "this view shows who sold" not in words
        rule(cast, acting)
        words = "this view shows who sold. The rule of the year is by territory owner"
        assert words in plain(browse(cast.rep).get(reverse("submission_list")))
        assert words in plain(browse(cast.rep).get(reverse("pipeline_changes")))

    def test_accuracy_names_the_rule(self, cast: Cast, browse: Browse) -> None:
        assert "Credited by split" in plain(browse(cast.manager).get(reverse("forecast_accuracy")))
