"""Filters that write figures into pages."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.template import Context, Template

from common import locale
from common.selectors import Count

VALUES = {
    "minor": 123456,
    "minus": -50,
    "ratio": Decimal("0.8345"),
    "rate": Decimal("1.0825000000"),
    "yen": Decimal("149.0000000000"),
    "few": Count(1000, is_capped=False),
    "many": Count(1000, is_capped=True),
    "day": date(2026, 3, 31),
    "moment": datetime(2026, 3, 31, 13, 3, tzinfo=UTC),
    "none": None,
    "count": 8800,
    "name": "Ada",
}


def shown(text: str) -> str:
    return Template("{% load figures %}" + text).render(Context(VALUES))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{{ minor|money:"EUR" }}', "€1,234.56"),
        ('{{ none|money:"EUR" }}', "—"),
        ('{{ minor|money_whole:"EUR" }}', "€1,235"),
        ("{{ ratio|percent }}", "83.5%"),
        ("{{ ratio|percent:0 }}", "83%"),
        ("{{ none|percent }}", "—"),
        ("{{ count|number }}", "8,800"),
        ("{{ few|counted }} {{ many|counted }}", "1,000 more than 1,000"),
        ("{{ rate|exact }} {{ yen|exact }}", "1.0825 149"),
        ("{{ day|date }}", "Mar 31, 2026"),
        ('{{ day|date:"short" }}', "3/31/26"),
        ("{{ none|date }}", "—"),
        ("{{ moment|instant }}", "Mar 31, 2026, 1:03\u202fPM UTC"),
        ("{{ none|instant }}", "—"),
        ("{{ none|undefined }}{{ name|undefined }}", "—Ada"),
        ("{% if minus|is_negative %}neg{% endif %}{% if none|is_negative %}neg{% endif %}", "neg"),
    ],
)
def test_figures_are_written_for_the_reader(text, expected):
    assert shown(text) == expected


def test_figures_follow_the_active_locale():
    with locale.use("de", "Europe/Berlin"):
        assert shown('{{ minor|money:"EUR" }} {{ moment|instant }}') == "1.234,56\xa0€ 31.03.2026, 15:03 CEST"
