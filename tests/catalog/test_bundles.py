"""Families in a tree, and bundles: what makes one and what does not."""

from typing import Any

import pytest

from catalog import services
from catalog.models import Family, Product
from catalog.selectors.products import bundle_shown, family_tree, parts_of
from catalog.services import PartInput
from common.errors import Refused, Stale
from tests.cast import Cast
from tests.catalog.living import Shop, open_shop
from tests.workspace.at_once import at_once
from workspace.services.lists import add_value


@pytest.fixture
def shop(cast: Cast, acting: Any) -> Shop:
    return open_shop(cast, acting)


def test_a_family_never_lies_below_itself(cast: Cast, acting: Any, shop: Shop) -> None:
    software, lines = cast.families["Software"], Family.objects.filter(code="LINES")
    with acting(cast.admin):
        below = lines.get()
        for parent in (software.pk, below.pk):
            with pytest.raises(Refused, match="Software can't lie below itself") as refused:
                services.edit_family(by=cast.admin.pk, family_id=software.pk, version=1, parent_id=parent)
            assert (refused.value.path, refused.value.code) == ("parent_id", "family_cycle")
        told = [(row.family.name, row.depth, row.sold) for row in family_tree()]
        assert told == [("Hardware", 0, 1), ("Software", 0, 5), ("Lines", 1, 4)]


def test_a_bundle_is_worth_less_than_its_parts(cast: Cast, acting: Any, shop: Shop) -> None:
    with acting(cast.rep):
        shown = bundle_shown(shop.triple, parts_of([shop.triple.pk])[shop.triple.pk])
    assert [(row.single_minor, row.share_minor) for row in shown.parts] == [
        (4000, 3333),
        (6000, 5000),
        (2000, 1666),
    ]
    assert (shown.singly_minor, shown.saved_minor) == (12_000, 2_001)


def test_what_makes_no_bundle_is_refused_in_words(cast: Cast, acting: Any, shop: Shop) -> None:
    licence = cast.products["Licence"].pk

    def refused(*parts: tuple[int, int], of: int = licence) -> tuple[str, str]:
        version = Product.objects.get(pk=of).version
        with pytest.raises(Refused) as refusal:
            services.set_parts(
                by=cast.admin.pk,
                product_id=of,
                version=version,
                parts=[PartInput(*part) for part in parts],
            )
        return refusal.value.path, refusal.value.code

    voice, triple = shop.voice.pk, shop.triple.pk
    with acting(cast.admin):
        assert refused((voice, 1)) == ("parts", "too_few_parts")
        assert refused((voice, 1), (voice, 1)) == ("parts", "part_twice")
        assert refused((voice, 1), (triple, 1)) == ("parts.1.product_id", "bundle_in_bundle")
        assert refused((voice, 1), (licence, 1)) == ("parts.1.product_id", "bundle_in_bundle")
        assert refused((voice, 1), (999_999, 1)) == ("parts.1.product_id", "unknown_product")
        assert refused((voice, 0)) == ("parts.0.quantity", "quantity_range")
        assert refused((licence, 1), (cast.products["Server"].pk, 1), of=voice) == (
            "parts",
            "bundle_in_bundle",
        )
        server = cast.products["Server"].pk
        services.edit_product(by=cast.admin.pk, product_id=licence, version=1, kind="recurring")
        assert refused((server, 2)) == ("kind", "nothing_recurs")


def test_parts_change_and_a_bundle_without_parts_is_none(cast: Cast, acting: Any, shop: Shop) -> None:
    with acting(cast.admin):
        keys = {"by": cast.admin.pk, "product_id": shop.triple.pk}
        bundle = services.set_parts(**keys, version=2, parts=[PartInput(shop.voice.pk, 2)])
        rows = [(part.product.name, part.quantity, part.version) for part in parts_of([bundle.pk])[bundle.pk]]
        assert rows == [("Voice", 2, 2)]
        with pytest.raises(Stale):
            services.set_parts(**keys, version=2, parts=[])
        assert not services.set_parts(**keys, version=3, parts=[]).is_bundle
        assert parts_of([bundle.pk])[bundle.pk] == []


def test_a_vendor_comes_from_the_list(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        add_value(by=cast.admin.pk, name="vendor", value="Northwind")
        keys = {"by": cast.admin.pk, "product_id": cast.products["Server"].pk}
        assert services.edit_product(**keys, version=1, vendor="northwind").vendor == "Northwind"
        with pytest.raises(Refused, match="Northwind") as refused:
            services.edit_product(**keys, version=2, vendor="Nobody")
        assert refused.value.path == "vendor"


def test_the_last_recurring_part_of_a_monthly_bundle_stays_recurring(
    cast: Cast, acting: Any, shop: Shop
) -> None:
    with acting(cast.admin):
        by = cast.admin.pk
        for part in (shop.voice, shop.internet):
            services.edit_product(by=by, product_id=part.pk, version=1, kind="service")
        with pytest.raises(Refused, match="The price of Triple is that of a month") as refused:
            services.edit_product(by=by, product_id=shop.storage.pk, version=1, kind="service")
        assert (refused.value.path, refused.value.code) == ("kind", "nothing_recurs")


def test_of_two_bundles_at_once_none_holds_the_other(cast: Cast, acting: Any, shop: Shop) -> None:
    licence, server = cast.products["Licence"].pk, cast.products["Server"].pk

    def make(bundle: int, part: int) -> str:
        with acting(cast.admin):
            try:
                services.set_parts(by=cast.admin.pk, product_id=bundle, version=1, parts=[PartInput(part, 2)])
            except Refused as refusal:
                return refusal.code
        return "made"

    answers = at_once(lambda: make(licence, server), lambda: make(server, licence))
    assert sorted(answers) == ["bundle_in_bundle", "made"]
