"""What tests about accounts share."""

from typing import Any

import pytest

from accounts.models import Rule
from territories.models import Edge, Territory
from tests.accounts.ruled import START, account, is_in, rule
from tests.cast import Cast


@pytest.fixture
def company(cast: Cast, acting: Any) -> Cast:
    """The cast's company with Bay, West and Finance as the worked example has them, and an overlay."""
    with acting(cast.admin):
        for name, kind in (("Bay", "territory"), ("Finance", "territory"), ("Cloud", "overlay")):
            node = Territory.objects.create(name=name, code=name.upper(), kind=kind)
            Edge.objects.create(child=node, parent=cast.territories["Company"], starts_on=START)
            cast.territories[name] = node
        for name, facts in {
            "Bank 94105": {"country": "US", "postcode": "94105", "industry": "Banking"},
            "Bank 10001": {"country": "us", "postcode": "10001", "industry": "banking "},
            "Mill 60601": {"country": "U S", "postcode": "60601", "industry": "Mills"},
            "Bakery": {"country": "France", "postcode": "75001", "industry": "Bakeries"},
        }.items():
            cast.accounts[name] = account(name, **facts)
    return cast


@pytest.fixture
def example(company: Cast, acting: Any) -> list[Rule]:
    """The rules of the worked example, which leave the cast's own accounts alone."""
    nodes, by = company.territories, company.admin
    with acting(by):
        return [
            rule(
                by, "Bay Area", nodes["Bay"], [is_in("country", "US"), is_in("postcode", "94")], priority=10
            ),
            rule(
                by,
                "All US",
                nodes["West"],
                [is_in("country", "US"), is_in("industry", "Banking", "Mills")],
                priority=20,
            ),
            rule(by, "Banks", nodes["Finance"], is_in("industry", "Banking"), priority=20),
        ]
