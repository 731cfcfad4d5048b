"""The products of a deal in the browser: the amount becomes their sum; list prices, removal, stale forms."""

import pytest
from django.urls import reverse

from pipeline.models import Opportunity
from tests.pipeline.selling import put_servers


@pytest.fixture(autouse=True)
def servers(cast):
    put_servers(cast)


def address(deal):
    return reverse("opportunity_lines", args=[deal.pk])


def typed(deal, *lines, version=None):
    """Lines as (product, quantity, price) or with a fourth value to remove them."""
    values = {"version": version or deal.version, "lines-TOTAL_FORMS": len(lines), "lines-INITIAL_FORMS": 1}
    for index, (product, quantity, price, *removed) in enumerate(lines):
        values |= {
            f"lines-{index}-product": product.pk if product else "",
            f"lines-{index}-quantity": quantity,
            f"lines-{index}-price": price,
            **({f"lines-{index}-DELETE": "on"} if removed else {}),
        }
    return values


def saved(cast, acting, deal):
    with acting(cast.admin):
        row = Opportunity.objects.get(pk=deal.pk)
        lines = row.lines.filter(is_removed=False).values_list("product__name", "quantity", "price_minor")
        return row.amount_minor, list(lines)


def test_the_amount_becomes_the_sum_of_the_lines(cast, browse, acting):
    deal, server, licence = cast.deals["Acorn renewal"], cast.products["Server"], cast.products["Licence"]
    answer = browse(cast.rep).post(
        address(deal), typed(deal, (server, "3", "2,400.00"), (licence, "2", ""), (None, "1", ""))
    )
    assert answer.status_code == 302
    assert saved(cast, acting, deal) == (920_002, [("Server", 3, 240_000), ("Licence", 2, 100_001)])


def test_a_removed_line_is_gone_and_the_amount_stays_with_none(cast, browse, acting):
    deal, server = cast.deals["Acorn renewal"], cast.products["Server"]
    browse(cast.rep).post(address(deal), typed(deal, (server, "40", "2,500.00", True)))
    assert saved(cast, acting, deal) == (10_000_001, [])


def test_the_form_holds_the_lines(cast, browse):
    page = browse(cast.rep).get(address(cast.deals["Acorn renewal"])).content.decode()
    assert 'value="40"' in page
    assert 'value="2,500.00"' in page


@pytest.mark.parametrize(
    ("quantity", "price"),
    [("0", "1"), ("1.5", "1"), ("-1", "1"), ("1", "-1"), ("1", "1.2345"), ("9999999", "1")],
)
def test_what_is_no_quantity_or_price_is_refused(cast, browse, acting, quantity, price):
    deal = cast.deals["Acorn renewal"]
    answer = browse(cast.rep).post(address(deal), typed(deal, (cast.products["Server"], quantity, price)))
    assert answer.status_code == 422
    assert saved(cast, acting, deal) == (10_000_001, [("Server", 40, 250_000)])


def test_a_line_says_which_product(cast, browse):
    deal = cast.deals["Acorn renewal"]
    assert browse(cast.rep).post(address(deal), typed(deal, (None, "2", ""))).status_code == 422


def test_a_price_is_asked_for_where_no_list_price_is_in_the_currency(cast, browse, owner):
    deal = cast.deals["Acorn renewal"]
    owner.execute("ALTER TABLE pipeline_opportunity DISABLE TRIGGER USER")
    owner.execute("UPDATE pipeline_opportunity SET currency = 'EUR' WHERE id = %s", [deal.pk])
    owner.execute("ALTER TABLE pipeline_opportunity ENABLE TRIGGER USER")
    answer = browse(cast.rep).post(address(deal), typed(deal, (cast.products["Server"], "1", "")))
    assert answer.status_code == 422
    assert "There is no price for it in EUR" in answer.content.decode()


def test_a_stale_form_shows_what_is_saved_now(cast, browse, acting):
    deal, server, licence = cast.deals["Acorn renewal"], cast.products["Server"], cast.products["Licence"]
    browse(cast.manager).post(address(deal), typed(deal, (licence, "7", "10.00")))
    answer = browse(cast.rep).post(address(deal), typed(deal, (server, "1", "1.00")))
    page = answer.content.decode()
    assert answer.status_code == 412
    assert "7 × Licence" in page
    assert 'name="version" value="2"' in page
    assert saved(cast, acting, deal) == (7_000, [("Licence", 7, 1_000)])


def test_a_form_without_its_frame_is_refused(cast, browse):
    deal = cast.deals["Acorn renewal"]
    assert browse(cast.rep).post(address(deal), {"version": deal.version}).status_code == 422


@pytest.mark.parametrize(("person", "status"), [("peer", 404), ("other_director", 404), ("executive", 403)])
def test_who_may_not(cast, browse, person, status):
    assert browse(getattr(cast, person)).get(address(cast.deals["Acorn renewal"])).status_code == status
