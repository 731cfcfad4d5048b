"""From every figure of the measures to the credits that make it, and the page as a file."""

import csv
from datetime import date
from html import unescape
from re import findall
from typing import Any

import pytest
from django.urls import reverse

from common.access import Reach
from common.transaction import work
from territories.models import Territory
from tests.cast import Cast
from tests.conftest import Browser
from tests.quotas.conftest import Sell
from tests.quotas.test_measures import APRIL, Browse, sold
from tests.salesops.conftest import plain
from workspace.models import Export

__all__ = ["sold"]

Q2 = {"period": "2026-Q2"}


def links(page: Any) -> dict[str, list[str]]:
    """By the head of its column, the addresses of the figures of the totals."""
    html = page.content.decode()
    found: dict[str, list[str]] = {}
    for foot in findall(r"(?s)<tfoot>.*?</tfoot>", html):
        for head, url in findall(r'data-label="([^"]+)"><a href="([^"]+)"', foot):
            found.setdefault(head, []).append(unescape(url))
    return found


def total(client: Browser, url: str) -> str:
    words = plain(client.get(url))
    return words[words.index("Total of") :].split("The definition")[0].strip()


def lines_of(client: Browser, name: str, **query: Any) -> list[dict[str, str]]:
    answer = client.get(reverse(name), {**Q2, **query})
    assert answer.status_code == 200
    return list(csv.DictReader(answer.content.decode("utf-8-sig").splitlines()))


def test_new_and_existing_customers_open_their_own_credits(cast: Cast, sell: Sell, browse: Browse) -> None:
    sell("Acorn", 100_00, date(2025, 5, 12))
    sell("Acorn", 200_00, date(2026, 5, 12))
    sell("Beech", 50_00, date(2026, 5, 12))
    client = browse(cast.director)
    behind = links(client.get(reverse("measures"), Q2))
    assert total(client, behind["New customers"][0]).startswith("Total of 1 credit $50.00")
    assert total(client, behind["Existing customers"][0]).startswith("Total of 1 credit $200.00")


@pytest.mark.usefixtures("sold")
class TestTheCreditsBehindAMeasure:
    def test_each_figure_opens_credits_that_sum_to_it(self, cast: Cast, browse: Browse) -> None:
        client = browse(cast.director)
        behind = links(client.get(reverse("measures"), Q2))
        every = "Total of all 3 credits $410.00 $420.00 $410.00 $100.00 $100.00 6"
        for head in ("TCV", "ACV", "ARR booked", "MRR booked", "Units"):
            assert [total(client, url)[: len(every)] for url in behind[head]] == [every], head
        for head in ("At booked rate", "Exchange effect", "At current rate"):
            assert total(client, behind[head][0]).startswith(every), head
        assert total(client, behind["Order intake"][0]).startswith("Total of all 3 credits $410.00")

    def test_a_credit_shows_what_it_is_beside_its_order_intake(self, cast: Cast, browse: Browse) -> None:
        client, query = browse(cast.rep), {**Q2, "show": "measures"}
        words = plain(client.get(reverse("credit_list"), query))
        assert "$180.00 $180.00 $180.00 $180.00 $60.00 $60.00 3" in words
        assert "ACV" not in plain(client.get(reverse("credit_list"), Q2)).split("The definition")[0]
        assert client.get(reverse("credit_list"), {"show": "all"}).status_code == 400

    def test_the_file_of_credits_has_every_measure(self, cast: Cast, browse: Browse) -> None:
        [line] = lines_of(browse(cast.rep), "credit_csv", show="measures")
        heads = ("Amount in plan money", "At booked rate", "TCV", "ACV", "ARR", "Units", "Customer")
        assert [line[head] for head in heads] == ["180.00", "180.00", "180.00", "60.00", "60.00", "3", "new"]


@pytest.mark.usefixtures("sold")
class TestTheFile:
    def test_it_has_the_rows_of_the_page_with_both_clocks(self, cast: Cast, browse: Browse) -> None:
        node = cast.territories["East Team"].pk
        first, second, last = lines_of(browse(cast.director), "measures_csv", node=node, valid=str(APRIL))
        assert [row["Team"] for row in (first, second, last)] == ["East 2", "East 1", "Total"]
        assert [row["Order intake"] for row in (first, second, last)] == ["110.00", "0.00", "110.00"]
        assert (last["TCV"], last["ACV"], last["Units"]) == ("110.00", "0.00", "1")
        assert (last["At booked rate"], last["Exchange effect"], last["At current rate"]) == (
            "120.00",
            "10.00",
            "120.00",
        )
        said = ("Quarter", "Tree", "Currency", "Booked up to", "Without a rate")
        assert [last[head] for head in said] == ["2026-Q2", "As sold", "USD", "2026-04-14", ""]
        assert last["As known at"].startswith("2026-05-20T")

    def test_who_took_it_is_kept(self, cast: Cast, browse: Browse) -> None:
        lines_of(browse(cast.director), "measures_csv")
        with work(by=None, why="look", reach=Reach.everything()):
            kept = Export.objects.get()
            assert (kept.person_id, kept.page, kept.query, kept.rows, kept.label) == (
                cast.director.pk,
                "measures",
                "period=2026-Q2",
                2,
                "Measures",
            )

    def test_no_name_is_taken_for_a_formula(self, cast: Cast, browse: Browse) -> None:
        with work(by=None, why="a name", reach=Reach.everything()):
            Territory.objects.filter(pk=cast.territories["East 1"].pk).update(name="=1+1")
        node = cast.territories["East Team"].pk
        assert lines_of(browse(cast.director), "measures_csv", node=node)[1]["Team"] == "'=1+1"

    def test_of_a_node_that_is_not_led_there_is_none(self, cast: Cast, browse: Browse) -> None:
        query = {**Q2, "node": cast.territories["West 1"].pk}
        for who, status in ((cast.manager, 404), (cast.rep, 403)):
            assert browse(who).get(reverse("measures_csv"), query).status_code == status


def test_the_page_says_how_fresh_it_is(cast: Cast, sold: None, browse: Browse) -> None:
    client, words = browse(cast.director), "out of the ledger, with every entry so far"
    assert f"As of May 20, 2026, 9:00 AM UTC · {words}" in plain(client.get(reverse("measures"), Q2))
    assert words not in plain(client.get(reverse("measures"), {**Q2, "known": "2026-05-19"}))
