"""Currencies without a rate: which, since when, and which deals are in no sum because of it."""

from datetime import date
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.urls import reverse
from django.utils.html import strip_tags

from common.access import Reach
from common.models import Rate
from common.transaction import work
from orders.models import OrderRequest
from pipeline.models import Opportunity
from pipeline.selectors.opportunities import factors
from pipeline.selectors.totals import totals
from tests.cast import Cast

URL = reverse("rates_missing_panel")


@pytest.fixture
def abroad(cast: Cast) -> Cast:
    """A deal of the rep's in euros, whose rates ended on the first of May, and one of another rep in pounds."""
    with work(by=None, why="abroad", reach=Reach.everything()):
        Opportunity.objects.filter(pk=cast.deals["Acorn renewal"].pk).update(
            currency="EUR", amount_minor=100_00
        )
        Opportunity.objects.filter(pk=cast.deals["Cedar renewal"].pk).update(
            currency="GBP", amount_minor=100_00
        )
        for rate in Rate.objects.filter(currency="EUR"):
            rate.replaced(stops_on=date(2026, 5, 1))
    return cast


def text_of(page: Any) -> str:
    return " ".join(unescape(strip_tags(page.content.decode())).split())


def test_each_currency_in_use_says_what_it_lacks_and_whose_deals(abroad: Cast, browse: Any) -> None:
    assert URL in browse(abroad.rep).get(reverse("rate_list")).content.decode()
    text = text_of(browse(abroad.admin).get(URL))
    assert "EUR No plan rate since May 1, 2026. No booked rate since May 1, 2026." in text
    assert "Acorn renewal" in text
    assert (
        "GBP No plan rate on May 20, 2026, nor before it. No booked rate on May 20, 2026, nor before it."
        in text
    )
    assert "Enter a rate" in text


def test_nobody_reads_deals_of_others_there(abroad: Cast, browse: Any) -> None:
    text = text_of(browse(abroad.rep).get(URL))
    assert "Acorn renewal" in text
    assert "Enter a rate" not in text
    for hidden in ("GBP", "Cedar renewal"):
        assert hidden not in text


def test_with_both_rates_there_is_nothing_to_list(cast: Cast, browse: Any) -> None:
    assert "None: your open deals" in text_of(browse(cast.admin).get(URL))


def test_what_can_t_be_booked_on_its_day_is_named(abroad: Cast, acting: Any, browse: Any) -> None:
    deal = abroad.deals["Acorn renewal"]
    with acting(abroad.admin):
        Opportunity.objects.filter(pk=deal.pk).update(state="won", closed_on=date(2026, 5, 4))
        for day in (date(2026, 4, 30), date(2026, 5, 4)):
            OrderRequest.objects.filter(opportunity=deal).update(state="back")
            OrderRequest.objects.create(
                opportunity=deal,
                account=abroad.accounts["Acorn"],
                booked_on=day,
                motion="new",
                lines=[],
                shares=[],
                asked_by=abroad.rep,
                asked_at="2026-05-04T10:00Z",
            )
    text = text_of(browse(abroad.admin).get(URL))
    assert (
        "Can't be booked without a plan and a booked rate on the booking date: Acorn renewal (May 4, 2026)"
        in text
    )


def test_the_pipeline_is_valued_at_current_rates_else_at_booked_ones(cast: Cast, acting: Any) -> None:
    """Vector 8: dollars and euros are converted, or the currency is listed as lacking a rate; never simply added."""
    day = date(2026, 5, 20)
    with acting(cast.admin):
        Opportunity.objects.filter(pk=cast.deals["Acorn renewal"].pk).update(
            currency="EUR", amount_minor=100_00
        )
        Opportunity.objects.filter(pk=cast.deals["Beech renewal"].pk).update(
            currency="USD", amount_minor=100_00
        )
        rows = Opportunity.objects.filter(name__in=["Acorn renewal", "Beech renewal"])
        assert totals(rows, day).worth_minor == 220_00
        Rate.objects.create(kind="current", currency="EUR", value=Decimal("1.25"), starts_on=date(2026, 5, 4))
        assert totals(rows, day).worth_minor == 225_00
        assert totals(rows, date(2026, 5, 3)).worth_minor == 220_00
        assert factors("booked", day)["EUR"] == Decimal("1.2")
        assert factors("plan", day)["EUR"] == Decimal("1.1")
        for rate in Rate.objects.filter(currency="EUR"):
            rate.replaced(stops_on=day)
        assert (totals(rows, day).worth_minor, totals(rows, day).unrated) == (100_00, ["EUR"])
