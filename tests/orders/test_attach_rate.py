"""Attach rate and bundle share: by owner, territory and product, with the orders behind a figure."""

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from django.urls import reverse

from catalog.models import Product
from common.access import Reach
from common.transaction import work
from orders.models import Order
from orders.selectors.attach import attach_rates, attached_orders
from orders.services import LineInput, ShareInput, book, cancel, correct
from pipeline.models import Opportunity
from pipeline.selectors.insight import Asked
from tests.cast import Cast
from tests.salesops.conftest import plain

TODAY = date(2026, 5, 20)
MAY = Asked(date(2026, 5, 1), date(2026, 5, 31), {})


@pytest.fixture
def care(cast: Cast) -> Product:
    """Something ancillary beside servers and licences, which are primary."""
    with work(by=None, why="something ancillary", reach=Reach.everything()):
        server = cast.products["Server"]
        made: Product = Product.objects.create(
            name="Care", code="CARE", family=server.family, currency="USD", tier=Product.Tier.ANCILLARY
        )
    return made


def order(cast: Cast, acting: Any, *lines: tuple[Product, int], owner: str = "rep", **more: Any) -> Order:
    person = getattr(cast, owner)
    account = {"rep": "Acorn", "peer": "Beech"}[owner]
    with acting(cast.admin):
        return book(
            by=cast.admin.pk,
            account_id=cast.accounts[account].pk,
            booked_on=date(2026, 5, 10),
            currency="USD",
            lines=[LineInput(product.pk, 1, minor) for product, minor in lines],
            shares=[ShareInput(person.pk, 100_000_000)],
            motion="new",
            owner_id=person.pk,
            **more,
        )


@pytest.fixture
def five(cast: Cast, acting: Any, care: Product) -> list[Order]:
    """Four with something primary, two of them with care; the fifth is care alone. One of the four is the peer's."""
    server, licence = cast.products["Server"], cast.products["Licence"]
    return [
        order(cast, acting, (server, 100_00), (care, 10_00)),
        order(cast, acting, (server, 100_00), (licence, 50_00), (care, 10_00), (care, 20_00)),
        order(cast, acting, (licence, 50_00)),
        order(cast, acting, (server, 100_00), owner="peer"),
        order(cast, acting, (care, 10_00)),
    ]


def rates(acting: Any, person: Any, by: str = "", asked: Asked = MAY) -> dict[str, tuple[int, int]]:
    with acting(person) as context:
        return {
            line.label: (line.attached, line.primary)
            for line in attach_rates(context.reach, asked, by, TODAY)
        }


def test_orders_with_ancillary_of_those_with_primary(cast: Cast, acting: Any, five: list[Order]) -> None:
    assert rates(acting, cast.manager) == {"": (2, 4)}
    assert rates(acting, cast.manager, "owner") == {"Paul Peer": (0, 1), "Rita Rep": (2, 3)}
    assert rates(acting, cast.manager, "territory") == {"East 2": (0, 1), "East 1": (2, 3)}
    assert rates(acting, cast.manager, "product") == {"Licence": (1, 2), "Server": (2, 3)}


def test_totals_obey_reach_and_days(cast: Cast, acting: Any, five: list[Order]) -> None:
    april = Asked(date(2026, 4, 1), date(2026, 4, 30), {})
    assert rates(acting, cast.rep) == {"": (2, 3)}
    assert rates(acting, cast.other_manager) == {"": (0, 0)}
    assert rates(acting, cast.manager, asked=april) == {"": (0, 0)}


def test_a_cancelled_order_counts_nowhere_and_a_corrected_one_with_its_new_lines(
    cast: Cast, acting: Any, five: list[Order]
) -> None:
    with acting(cast.admin):
        cancel(by=cast.admin.pk, order_id=five[0].pk, version=1, booked_on=date(2026, 5, 12), reason="Void")
        correct(
            by=cast.admin.pk,
            order_id=five[1].pk,
            version=1,
            booked_on=date(2026, 5, 12),
            reason="No care",
            cause="product",
            lines=[LineInput(cast.products["Server"].pk, 1, 100_00)],
            shares=[ShareInput(cast.rep.pk, 100_000_000)],
        )
    assert rates(acting, cast.manager) == {"": (0, 3)}


def test_bundle_share(cast: Cast, acting: Any, care: Product) -> None:
    """The example of the page: lines of 50.00 and 40.00 of one bundle, of 300.00."""
    server, licence = cast.products["Server"], cast.products["Licence"]
    with work(by=None, why="a bundle on the deal", reach=Reach.everything()):
        bundle = Product.objects.create(
            name="Pack", code="PACK", family=server.family, currency="USD", is_bundle=True
        )
        deal = Opportunity.objects.get(name="Acorn renewal")
        part = {"bundle": bundle, "bundle_number": 1, "bundle_quantity": 1}
        for product, minor in ((licence, 50_00), (care, 40_00)):
            deal.lines.create(product=product, price_minor=minor, part_minor=minor, **part)
    known = {"opportunity_id": deal.pk, "opportunity_version": deal.version}
    order(cast, acting, (server, 210_00), (licence, 50_00), (care, 40_00), **known)
    with acting(cast.rep) as context:
        [line] = attach_rates(context.reach, MAY, "", TODAY)
    assert (line.bundled_minor, line.minor, line.bundle_share) == (90_00, 300_00, Fraction(3, 10))
    assert line.rate == 1


def test_orders_without_a_rate_are_named(cast: Cast, acting: Any, browse: Any, five: list[Order]) -> None:
    with work(by=None, why="a currency without a rate", reach=Reach.everything()):
        Order.objects.filter(pk__in=[five[0].pk, five[3].pk]).update(currency="CHF")
    with acting(cast.manager) as context:
        [total] = attach_rates(context.reach, MAY, "", TODAY)
        of = {line.label: line.unvalued for line in attach_rates(context.reach, MAY, "owner", TODAY)}
    assert (total.unvalued, total.minor, of) == (2, 240_00, {"Paul Peer": 1, "Rita Rep": 1})
    page = plain(browse(cast.manager).get(reverse("attach_rate")))
    assert "adding nothing to the amounts: 2 orders." in page


def test_the_orders_behind_a_figure_are_as_many(cast: Cast, acting: Any, five: list[Order]) -> None:
    licence = cast.products["Licence"].pk
    with acting(cast.manager) as context:
        behind = {
            (by, key, show): attached_orders(context.reach, MAY, by, key, show).count()
            for by, key in (("owner", None), ("owner", cast.rep.pk), ("product", licence))
            for show in ("primary", "attached")
        }
    assert list(behind.values()) == [4, 2, 3, 2, 2, 1]


def test_the_page(cast: Cast, browse: Any, five: list[Order]) -> None:
    client = browse(cast.manager)
    page = plain(client.get(reverse("attach_rate")))
    assert "Rita Rep 67% 2 3 0%" in page
    assert "Total 50% 2 4 0%" in page
    opened = client.get(reverse("attach_rate"), {"show": "attached", "key": cast.rep.pk})
    assert "Orders: Rita Rep" in plain(opened)
    assert [row.pk for row in opened.context["page"].rows] == [five[1].pk, five[0].pk]


def test_over_the_api(cast: Cast, browse: Any, five: list[Order]) -> None:
    answer = browse(cast.manager).get("/api/v1/insight/attach-rate/", {"by": "territory"})
    assert [(row["name"], row["attach_rate"], row["value"]) for row in answer.json()["results"]] == [
        ("East 2", "0.000000", "100.00"),
        ("East 1", "0.666667", "350.00"),
    ]


def test_a_broken_address_is_refused(cast: Cast, browse: Any) -> None:
    for query in ({"show": "luck"}, {"by": "source"}, {"key": "x"}):
        assert browse(cast.rep).get(reverse("attach_rate"), query).status_code == 400
