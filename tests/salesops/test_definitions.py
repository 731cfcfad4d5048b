"""Every word and formula of the product, on one page and where a figure is named."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.urls import reverse

from tests.cast import Cast
from tests.conftest import Browser
from tests.salesops.conftest import HOME, plain

Browse = Callable[[Any], Browser]


def test_every_section_of_the_domain_page_is_there(cast: Cast, browse: Browse) -> None:
    answer = browse(cast.rep).get(reverse("definitions"))
    lines = settings.DOMAIN_PAGE.read_text(encoding="utf-8").splitlines()
    names = [line.removeprefix("## ") for line in lines if line.startswith("## ")]
    assert len(names) > 30
    assert [section.name for section in answer.context["sections"]] == names
    page = answer.content.decode()
    assert '<section class="panel prose" id="year-to-date-attainment"' in page
    assert '<a href="#year-to-date-attainment">Year-to-date attainment</a>' in page


def test_a_section_has_its_formula_and_its_example(cast: Cast, browse: Browse) -> None:
    text = plain(browse(cast.rep).get(reverse("definitions")))
    assert "How much of a quota was reached." in text
    assert "130.00 of 100.00 is 130 %." in text


def test_the_name_of_a_figure_opens_its_definition(cast: Cast, browse: Browse) -> None:
    page = browse(cast.rep).get(HOME).content.decode()
    for key in (
        "attainment",
        "year-to-date-attainment",
        "pace",
        "gap",
        "pipeline-coverage",
        "crediting-rule",
    ):
        assert page.count(f'popovertarget="metric-{key}">') == 1, key
        assert page.count(f'id="metric-{key}" role="dialog"') == 1, key
    assert page.count('role="dialog"') == 10
