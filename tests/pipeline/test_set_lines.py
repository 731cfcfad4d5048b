"""Lines of a deal: discount and term, the book's price, bundles as lines of their parts, what is no longer sold."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog import services as catalogue
from catalog.models import Product
from catalog.services import PriceInput
from common.errors import Refused
from pipeline.models import Opportunity, OpportunityLine
from pipeline.rules.lines import line_amount, line_tax
from pipeline.selectors.lines import entries
from pipeline.services import LineInput, set_lines
from tests.cast import Cast
from tests.catalog.living import Shop, open_shop
from tests.pipeline.selling import put_servers


@pytest.fixture
def shop(cast: Cast, acting: Any) -> Shop:
    return open_shop(cast, acting)


def write(cast: Cast, *lines: LineInput, **book: Any) -> Opportunity:
    deal = Opportunity.objects.get(pk=cast.deals["Acorn renewal"].pk)
    set_lines(by=cast.rep.pk, opportunity_id=deal.pk, version=deal.version, lines=lines, **book)
    deal.refresh_from_db()
    return deal


def shown(deal: Opportunity) -> list[tuple[str, int, int]]:
    rows = deal.lines.filter(is_removed=False).order_by("pk").select_related("product")
    return [(row.product.name, row.quantity, row.amount_minor) for row in rows]


@pytest.mark.parametrize(
    ("values", "amount"),
    [
        ((3, 1999, "7.5", 12), 66_567),
        ((1, 1999, "0", None), 1999),
        ((1, 1, "50", None), 1),
        ((1, 1, "50.000001", None), 0),
        ((1, 1999, "100", 12), 0),
        ((1_000_000, 10**8, "33.333333", 120), 8_000_000_040_000_000),
    ],
)
def test_the_amount_of_a_line(values: tuple[int, int, str, int | None], amount: int) -> None:
    quantity, price, discount, months = values
    assert line_amount(quantity, price, Decimal(discount), months) == amount


def test_the_tax_on_an_amount() -> None:
    assert [line_tax(66_567, tax) for tax in (Decimal("19"), Decimal("7.7"), None)] == [12_648, 5_126, 0]


def test_the_database_works_out_the_same_amount(cast: Cast, acting: Any, shop: Shop) -> None:
    cases = [(3, 1999, "7.5", 12), (1, 1, "50", None), (7, 333, "12.345678", 7), (1, 5, "10", 1)]
    with acting(cast.rep):
        lines = [LineInput(shop.voice.pk, n, price, Decimal(off), term) for n, price, off, term in cases]
        deal = write(cast, *lines)
        wanted = [line_amount(n, price, Decimal(off), term) for n, price, off, term in cases]
        assert [amount for _name, _number, amount in shown(deal)] == wanted
        assert deal.amount_minor == sum(wanted)


def test_a_price_comes_from_the_deals_book_and_stays(cast: Cast, acting: Any, shop: Shop) -> None:
    server = cast.products["Server"].pk
    with acting(cast.rep):
        assert write(cast, LineInput(server, 2)).amount_minor == 480_000
        assert write(cast, LineInput(server, 2), price_book_id=shop.special.pk).amount_minor == 400_000
    with acting(cast.admin):
        prices = [PriceInput(server, 100, Decimal("19"))]
        keys = {"by": cast.admin.pk, "book_id": shop.special.pk, "version": shop.special.version}
        catalogue.set_prices(**keys, starts_on=date(2026, 1, 1), prices=prices)
    with acting(cast.rep):
        deal = write(cast, LineInput(server, 2, 200_000))
        (entry,) = entries(deal)
        assert (deal.amount_minor, entry.tax_minor) == (400_000, 0)
        deal = write(cast, LineInput(server, 2))
        (entry,) = entries(deal)
        assert (deal.amount_minor, entry.tax_minor) == (200, 38)


def test_a_bundle_becomes_the_lines_of_its_parts(cast: Cast, acting: Any, shop: Shop) -> None:
    with acting(cast.rep):
        deal = write(cast, LineInput(shop.triple.pk, 1))
        assert shown(deal) == [("Voice", 1, 3333), ("Internet", 1, 5000), ("Storage", 1, 1666)]
        assert deal.amount_minor == 9999
        before = [row.pk for row in deal.lines.filter(is_removed=False)]
        deal = write(cast, LineInput(shop.triple.pk, 2, 9999, Decimal("7.5"), 12))
        assert deal.amount_minor == 221_978
        assert shown(deal) == [("Voice", 2, 73_993), ("Internet", 2, 110_989), ("Storage", 2, 36_996)]
        assert [row.pk for row in deal.lines.filter(is_removed=False)] == before
        (entry,) = entries(deal)
        assert (entry.product, entry.quantity, entry.price_minor, entry.term_months) == (
            shop.triple,
            2,
            9999,
            12,
        )
        deal = write(cast, LineInput(cast.products["Licence"].pk, 1))
        assert shown(deal) == [("Licence", 1, 100_001)]


def test_the_same_bundle_twice_is_two_entries(cast: Cast, acting: Any, shop: Shop) -> None:
    with acting(cast.rep):
        deal = write(cast, LineInput(shop.triple.pk, 1), LineInput(shop.triple.pk, 1, 6000))
        assert [entry.amount_minor for entry in entries(deal)] == [9999, 6000]
        deal = write(cast, LineInput(shop.triple.pk, 1))
        assert [entry.amount_minor for entry in entries(deal)] == [9999]


def test_a_line_keeps_the_kind_of_its_product(cast: Cast, acting: Any, shop: Shop) -> None:
    with acting(cast.rep):
        write(cast, LineInput(shop.voice.pk, 1, 4000, term_months=12))
    with acting(cast.admin):
        keys = {"by": cast.admin.pk, "product_id": shop.voice.pk}
        catalogue.edit_product(**keys, version=1, kind="service")
    with acting(cast.rep):
        deal = write(cast, LineInput(shop.voice.pk, 1, 4000, term_months=24))
        assert (deal.lines.get(is_removed=False).kind, deal.amount_minor) == ("recurring", 96_000)


def test_what_is_no_longer_sold_goes_onto_no_deal_and_stays_where_it_is(
    cast: Cast, acting: Any, shop: Shop
) -> None:
    put_servers(cast)
    server, storage = cast.products["Server"], shop.storage
    with acting(cast.admin):
        for product in (server, storage):
            catalogue.edit_product(
                by=cast.admin.pk, product_id=product.pk, version=1, retired_on=date(2026, 5, 20)
            )
    with acting(cast.rep):
        assert write(cast, LineInput(server.pk, 41, 250_000)).amount_minor == 10_250_000
        for line, path in ((server, "lines.1"), (shop.triple, "lines.1")):
            with pytest.raises(Refused, match="no longer sold since May 20, 2026") as refused:
                write(cast, LineInput(server.pk, 41, 250_000), LineInput(line.pk, 1, 1))
            assert refused.value.path == f"{path}.product_id"
        assert Product.objects.get(pk=server.pk).name == "Server"


@pytest.mark.parametrize(
    ("line", "path", "code"),
    [
        ({"discount": Decimal("100.1")}, "discount", "discount_range"),
        ({"discount": Decimal("-1")}, "discount", "discount_range"),
        ({"discount": Decimal("0.0000001")}, "discount", "discount_range"),
        ({"term_months": 12}, "term_months", "nothing_recurs"),
    ],
)
def test_what_is_out_of_range_is_named(
    cast: Cast, acting: Any, line: dict[str, Any], path: str, code: str
) -> None:
    with acting(cast.rep), pytest.raises(Refused) as refused:
        write(cast, LineInput(cast.products["Server"].pk, 1, 1, **line))
    assert (refused.value.path, refused.value.code) == (f"lines.0.{path}", code)


def test_a_term_has_its_limits(cast: Cast, acting: Any, shop: Shop) -> None:
    for months in (0, 121):
        with acting(cast.rep), pytest.raises(Refused) as refused:
            write(cast, LineInput(shop.voice.pk, 1, 1, term_months=months))
        assert refused.value.code == "term_range"


def test_a_deal_takes_a_book_of_its_currency_that_stands(cast: Cast, acting: Any, shop: Shop) -> None:
    with acting(cast.admin):
        euro = catalogue.create_book(by=cast.admin.pk, name="Euro", currency="EUR")
        keys = {"by": cast.admin.pk, "book_id": shop.special.pk, "version": shop.special.version}
        catalogue.edit_book(**keys, is_retired=True)
    with acting(cast.rep):
        for book, code in (
            (euro.pk, "book_currency"),
            (shop.special.pk, "retired_book"),
            (9999, "unknown_book"),
        ):
            with pytest.raises(Refused) as refused:
                write(cast, LineInput(cast.products["Server"].pk, 1), price_book_id=book)
            assert (refused.value.path, refused.value.code) == ("price_book_id", code)


def test_a_hundred_lines_count_the_parts(cast: Cast, acting: Any, shop: Shop) -> None:
    with acting(cast.rep), pytest.raises(Refused) as refused:
        write(cast, *[LineInput(shop.triple.pk, 1)] * 34)
    assert refused.value.code == "too_many_lines"


@given(
    quantity=st.integers(1, 1000),
    price=st.integers(0, 10**9),
    discount=st.integers(0, 10**8),
    months=st.none() | st.integers(1, 120),
)
def test_a_discount_never_adds(quantity: int, price: int, discount: int, months: int | None) -> None:
    full = line_amount(quantity, price, Decimal(0), months)
    less = line_amount(quantity, price, Decimal(discount).scaleb(-6), months)
    assert 0 <= less <= full == quantity * price * (months or 1)


def test_lines_hold_what_was_agreed(cast: Cast, acting: Any, shop: Shop) -> None:
    with acting(cast.rep):
        deal = write(cast, LineInput(shop.triple.pk, 3, 9999, term_months=2))
        rows = OpportunityLine.objects.filter(opportunity=deal, is_removed=False)
        assert {(row.bundle_id, row.bundle_quantity, row.term_months, row.kind) for row in rows} == {
            (shop.triple.pk, 3, 2, "recurring")
        }
