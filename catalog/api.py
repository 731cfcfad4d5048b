"""The catalogue over the API: the same services as the pages. Everybody reads it, administrators change it."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from catalog import services
from catalog.models import Family, PriceBook, Product
from catalog.selectors.prices import priced_on
from catalog.selectors.products import Filters, parts_of, products
from common.access import seen
from common.api import (
    ON,
    Endpoint,
    StrictSerializer,
    answer_page,
    body_of,
    edits,
    lists,
    makes,
    only,
    reads,
    version_of,
)
from common.fields import (
    AmountField,
    CurrencyField,
    DayField,
    ExactPercentField,
    FlagField,
    IdField,
    LineField,
    OneOfField,
    WholeField,
)
from common.http import a_day, person_id, whole
from common.selectors import today
from common.transaction import reach


class FamilySerializer(StrictSerializer):
    """A product family; it stands for all that lies below it."""

    id = IdField(read_only=True)
    version = WholeField(read_only=True)
    name = LineField(max_length=120)
    code = LineField(max_length=40)
    parent_id = IdField(allow_null=True, required=False)


class ProductSerializer(StrictSerializer):
    """A product. `list_price` is text with a full stop in `currency`; of what is recurring it is that of a month."""

    id = IdField(read_only=True)
    version = WholeField(read_only=True)
    name = LineField(max_length=120)
    code = LineField(max_length=40)
    family_id = IdField()
    kind = OneOfField(choices=Product.Kind.choices, required=False)
    tier = OneOfField(choices=Product.Tier.choices, required=False)
    vendor = LineField(max_length=80, required=False, allow_blank=True)
    currency = CurrencyField()
    list_price = AmountField(source="list_price_minor", allow_null=True, required=False)
    is_bundle = FlagField(read_only=True)
    retired_on = DayField(allow_null=True, required=False)


class BundlePartSerializer(StrictSerializer):
    """A product in a bundle, so many times."""

    product_id = IdField()
    quantity = WholeField()


class BundleSerializer(StrictSerializer):
    """What a bundle is made of; empty: the product is no bundle."""

    parts = BundlePartSerializer(many=True)


class PriceBookSerializer(StrictSerializer):
    """Prices in one currency."""

    id = IdField(read_only=True)
    version = WholeField(read_only=True)
    name = LineField(max_length=80)
    currency = CurrencyField()
    is_usual = FlagField(required=False)
    is_retired = FlagField(read_only=True)


class PriceBookEditSerializer(StrictSerializer):
    """What an edit of a price book may change."""

    name = LineField(max_length=80)
    is_usual = FlagField()
    is_retired = FlagField()


class BookAmountField(AmountField):
    """An amount in the currency of the price book, whatever that of the product is."""

    def _currency_of(self, source: Any) -> str:
        return str(self.context["currency"])


class PriceSerializer(StrictSerializer):
    """What a product costs in a book on `[starts_on, stops_on)`, and the tax on it in percent."""

    product_id = IdField(source="pk")
    price = BookAmountField(source="price_minor")
    tax = ExactPercentField(allow_null=True)
    starts_on = DayField(source="since")
    stops_on = DayField(source="until", allow_null=True)


class PriceWishSerializer(StrictSerializer):
    """A price to set; null: the product has none in the book from then on."""

    product_id = IdField()
    price = BookAmountField(source="price_minor", allow_null=True)
    tax = ExactPercentField(allow_null=True, required=False)


class PricesSerializer(StrictSerializer):
    """Prices to set from a day on, each until the product's next price begins."""

    starts_on = DayField()
    prices = PriceWishSerializer(many=True)


def _product(pk: int) -> Product:
    product: Product = seen(Product.objects.all(), reach(), pk)
    return product


def _book(pk: int) -> PriceBook:
    book: PriceBook = seen(PriceBook.objects.all(), reach(), pk)
    return book


class FamilyListApi(Endpoint):
    """Product families, and a new one."""

    filters = ("after",)

    @lists("family_list", FamilySerializer)
    def get(self, request: Request) -> Response:
        return answer_page(Family.objects.all(), ["id"], self.query.get("after"), FamilySerializer)

    @makes("family_create", FamilySerializer, FamilySerializer)
    def post(self, request: Request) -> Response:
        family = services.create_family(by=person_id(), **body_of(FamilySerializer, request))
        return Response(FamilySerializer(family).data, status=201)


class FamilyApi(Endpoint):
    """One family."""

    @reads("family_detail", FamilySerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(FamilySerializer(seen(Family.objects.all(), reach(), pk)).data)

    @edits("family_edit", FamilySerializer, FamilySerializer)
    def patch(self, request: Request, pk: int) -> Response:
        changes = body_of(FamilySerializer, request, partial=True)
        version = version_of(request)
        family = services.edit_family(by=person_id(), family_id=pk, version=version, **changes)
        return Response(FamilySerializer(family).data)


FAMILY = only("family", "The family in which the products lie, with all below it.")


class ProductListApi(Endpoint):
    """Products, and a new one."""

    filters = ("family", "after")

    @lists("product_list", ProductSerializer, FAMILY)
    def get(self, request: Request) -> Response:
        rows = products(Filters(family_id=whole(self.query, "family")))
        return answer_page(rows, ["id"], self.query.get("after"), ProductSerializer)

    @makes("product_create", ProductSerializer, ProductSerializer)
    def post(self, request: Request) -> Response:
        product = services.create_product(by=person_id(), **body_of(ProductSerializer, request))
        return Response(ProductSerializer(product).data, status=201)


class ProductApi(Endpoint):
    """One product."""

    @reads("product_detail", ProductSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(ProductSerializer(_product(pk)).data)

    @edits("product_edit", ProductSerializer, ProductSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        currency = _product(pk).currency
        changes = body_of(ProductSerializer, request, partial=True, currency=currency)
        version = version_of(request)
        product = services.edit_product(by=person_id(), product_id=pk, version=version, **changes)
        return Response(ProductSerializer(product).data)


class ProductPartListApi(Endpoint):
    """What a bundle is made of: read, and replaced as a whole with the product's version."""

    @reads("product_parts", BundleSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(BundleSerializer({"parts": parts_of([_product(pk).pk])[pk]}).data)

    @edits("product_parts_set", BundleSerializer, ProductSerializer)
    def put(self, request: Request, pk: int) -> Response:
        parts = [services.PartInput(**part) for part in body_of(BundleSerializer, request)["parts"]]
        version = version_of(request)
        product = services.set_parts(by=person_id(), product_id=pk, version=version, parts=parts)
        return Response(ProductSerializer(product).data)


class PriceBookListApi(Endpoint):
    """Price books, and a new one."""

    filters = ("after",)

    @lists("price_book_list", PriceBookSerializer)
    def get(self, request: Request) -> Response:
        return answer_page(PriceBook.objects.all(), ["id"], self.query.get("after"), PriceBookSerializer)

    @makes("price_book_create", PriceBookSerializer, PriceBookSerializer)
    def post(self, request: Request) -> Response:
        book = services.create_book(by=person_id(), **body_of(PriceBookSerializer, request))
        return Response(PriceBookSerializer(book).data, status=201)


class PriceBookApi(Endpoint):
    """One price book."""

    @reads("price_book_detail", PriceBookSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(PriceBookSerializer(_book(pk)).data)

    @edits("price_book_edit", PriceBookEditSerializer, PriceBookSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        changes = body_of(PriceBookEditSerializer, request, partial=True)
        version = version_of(request)
        book = services.edit_book(by=person_id(), book_id=pk, version=version, **changes)
        return Response(PriceBookSerializer(book).data)


class PriceListApi(Endpoint):
    """The prices of a book on a day; and prices to set from a day on, with the book's version."""

    filters = ("on", "after")

    @lists("price_list", PriceSerializer, ON)
    def get(self, request: Request, pk: int) -> Response:
        book, day = _book(pk), a_day(self.query, "on") or today()
        rows = priced_on(book, day, "", only_priced=True)
        return answer_page(rows, ["id"], self.query.get("after"), PriceSerializer, currency=book.currency)

    @edits("price_set", PricesSerializer, PriceBookSerializer)
    def post(self, request: Request, pk: int) -> Response:
        body = body_of(PricesSerializer, request, currency=_book(pk).currency)
        prices = [services.PriceInput(**price) for price in body["prices"]]
        version = version_of(request)
        services.set_prices(
            by=person_id(), book_id=pk, version=version, starts_on=body["starts_on"], prices=prices
        )
        return Response(PriceBookSerializer(_book(pk)).data)
