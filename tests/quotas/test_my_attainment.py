"""A person's own page: the quarter, the year so far, month by month, and the credits that make each figure."""

import re
from collections.abc import Callable
from datetime import date
from html import unescape
from typing import Any

import pytest
from django.urls import reverse

from common.models import Period, Run
from quotas.services import set_quota
from tests.cast import Cast
from tests.conftest import Acting, Browser
from tests.quotas.conftest import Sell

Night = Callable[..., Run]
Browse = Callable[[Any], Browser]


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def page_of(client: Browser, query: str = "") -> str:
    answer = client.get(reverse("my_attainment") + query)
    assert answer.status_code == 200
    return str(answer.content.decode())


@pytest.fixture
def ritas(cast: Cast, sell: Sell, night: Night, acting: Acting) -> None:
    """Rita: first quarter 500 of 1,000; second quarter 300 in April and 250 in May of 900."""
    with acting(cast.admin):
        for quarter, amount in ((cast.q1, 1_000_00), (cast.q2, 900_00)):
            set_quota(by=cast.admin.pk, period_id=quarter.pk, person_id=cast.rep.pk, amount_minor=amount)
    sell("Acorn", 500_00, date(2026, 2, 2))
    sell("Acorn", 300_00, date(2026, 4, 14))
    sell("Acorn", 250_00, date(2026, 5, 12))
    night()


@pytest.mark.usefixtures("ritas")
class TestFigures:
    def test_the_quarter_and_the_year_so_far(self, cast: Cast, browse: Browse) -> None:
        text = plain(page_of(browse(cast.rep)))
        # 550 of 900; 35 of 65 working days have ended; 30 are left for the gap of 350.
        assert "Attainment 61.1%" in text
        assert "Quota $900 Order intake $550" in text
        assert "Gap $350 $12 on each of the 30 working days left" in text
        assert "Pace 113.5%" in text
        # 1,050 of 1,900, not the mean of 50 % and 61.1 %.
        assert "Year-to-date attainment 55.3%" in text
        assert "Quota $1,900 Order intake $1,050" in text

    def test_a_quarter_that_has_not_begun_leaves_the_year_to_date_as_it_is(
        self, cast: Cast, browse: Browse, acting: Acting
    ) -> None:
        with acting(cast.admin):
            for code in ("2026-Q3", "2026-Q4"):
                quarter = Period.objects.get(code=code)
                set_quota(
                    by=cast.admin.pk, period_id=quarter.pk, person_id=cast.rep.pk, amount_minor=5_000_00
                )
        page = page_of(browse(cast.rep), "?period=2026-Q4")
        text = plain(page)
        assert "Quota $5,000 Order intake $0" in text
        assert "Pace —" in text
        assert "Year-to-date attainment 55.3%" in text
        assert "Quota $1,900 Order intake $1,050" in text
        assert "Total $1,050.00 $1,900.00" in text
        assert "period=2026&days=2026-01-01..2026-06-30" in unescape(page)

    def test_months_beside_an_equal_part_of_the_quota(self, cast: Cast, browse: Browse) -> None:
        text = plain(page_of(browse(cast.rep)))
        # February and April; January, March and May stayed below theirs.
        assert "2 of 5 months so far brought their part of the quota" in text
        assert "January $0.00 $333.34" in text
        assert "February $500.00 $333.33" in text
        assert "April $300.00 $300.00" in text
        assert "May $250.00 $300.00" in text
        assert "Total $1,050.00 $1,900.00" in text

    def test_every_order_intake_opens_credits_that_sum_to_it(self, cast: Cast, browse: Browse) -> None:
        client = browse(cast.rep)
        links = re.findall(r'<a[^>]* href="([^"]*credits/[^"]*)"[^>]*>(\$[^<]*)</a>', page_of(client))
        assert len(links) == 9
        for address, figure in links:
            credits = client.get(unescape(address)).content.decode()
            exact = figure if "." in figure else f"{figure}.00"
            assert f">{exact}<" in credits, address

    def test_the_newest_credits_stand_there_with_their_reason(self, cast: Cast, browse: Browse) -> None:
        text = plain(page_of(browse(cast.rep)))
        assert "100 % of $250.00: your share of Licence (line 1)" in text
        assert text.index("your share of Licence (line 1), booked May 12") < text.index("booked Apr 14")

    def test_an_earlier_quarter_stands_as_it_ended(self, cast: Cast, browse: Browse) -> None:
        text = plain(page_of(browse(cast.rep), "?period=2026-Q1"))
        assert "Attainment 50.0%" in text
        assert "no working day is left" in text

    def test_it_says_how_pace_is_reckoned_and_how_fresh_it_is(self, cast: Cast, browse: Browse) -> None:
        text = plain(page_of(browse(cast.rep)))
        assert "equal share of the quota per working day." in text
        assert "attainment run" in text


class TestEdges:
    def test_without_a_quota_there_is_a_dash_and_never_zero_percent(
        self, cast: Cast, sell: Sell, night: Night, browse: Browse
    ) -> None:
        sell("Acorn", 10_00, date(2026, 5, 12))
        night()
        text = plain(page_of(browse(cast.rep)))
        assert "Attainment —" in text
        assert "No quota is set for you in 2026-Q2" in text
        assert "0.0%" not in text

    def test_before_the_first_night_and_the_first_credit(self, cast: Cast, browse: Browse) -> None:
        text = plain(page_of(browse(cast.rep)))
        assert "No run yet" in text
        assert "No credit yet" in text

    def test_somebody_elses_figures_are_not_on_it(
        self, cast: Cast, sell: Sell, night: Night, browse: Browse
    ) -> None:
        sell("Beech", 77_00, date(2026, 5, 12))
        night()
        assert "$77" not in page_of(browse(cast.rep))

    @pytest.mark.parametrize("query", ["?period=2026", "?period=1999-Q1", "?person=1", "?period=2026-05"])
    def test_a_filter_that_is_not_known_is_refused(self, cast: Cast, browse: Browse, query: str) -> None:
        assert browse(cast.rep).get(reverse("my_attainment") + query).status_code == 400

    def test_who_sells_nothing_has_no_such_page(self, cast: Cast, browse: Browse) -> None:
        for person in (cast.admin, cast.coordinator, cast.executive):
            assert browse(person).get(reverse("my_attainment")).status_code == 403

    def test_quarters_to_choose_from_have_begun(self, cast: Cast, browse: Browse) -> None:
        page = page_of(browse(cast.rep))
        assert "2025-Q4" in page
        assert "2026-Q3" not in page
