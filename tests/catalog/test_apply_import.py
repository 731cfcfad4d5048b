"""Families and products out of files: places in the tree, kind, tier and vendor, and the day of the last sale."""

from datetime import date
from typing import Any

from catalog import services
from catalog.models import Family, Product
from common.importing import Outcome, Row
from tests.cast import Cast
from workspace.services.lists import add_value


def bring(cast: Cast, entity: str, *rows: dict[str, Any]) -> Outcome:
    lines = [Row("file.csv", number, row) for number, row in enumerate(rows, 2)]
    return services.apply_import(by=cast.admin.pk, entity=entity, rows=lines)


def family(code: str, parent: str | None) -> dict[str, Any]:
    return {"code": code, "name": code.title(), "parent": parent}


def test_a_family_may_lie_below_one_of_the_same_file(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        outcome = bring(
            cast,
            "family",
            family("SAAS", "CLOUD"),
            family("CLOUD", "SOFTWARE"),
            family("RING", "CHAIN"),
            family("CHAIN", "RING"),
            family("LOST", "NOWHERE"),
        )
        assert (outcome.created, len(outcome.rejects)) == (2, 3)
        assert {reject.column for reject in outcome.rejects} == {"parent"}
        saas = Family.objects.get(code="SAAS")
        assert (saas.parent.code, saas.parent.parent.code) == ("CLOUD", "SOFTWARE")
        again = bring(cast, "family", family("CLOUD", "SOFTWARE"), family("SAAS", None))
        assert (again.changed, again.unchanged) == (1, 1)


def test_a_product_brings_its_kind_tier_vendor_and_last_day(cast: Cast, acting: Any) -> None:
    row = {"name": "Seat", "family": "Software", "list_price": 1999, "currency": "EUR"}
    with acting(cast.admin):
        add_value(by=cast.admin.pk, name="vendor", value="Northwind")
        words = {"kind": "recurring", "tier": "ancillary", "vendor": "northwind"}
        empty = {"kind": "", "tier": "", "vendor": "", "retired_on": None}
        outcome = bring(
            cast,
            "product",
            {**row, **words, "code": "SEAT", "retired_on": date(2026, 12, 31)},
            {**row, **empty, "code": "BOX"},
            {**row, **empty, "code": "ODD", "vendor": "Nobody"},
        )
        assert (outcome.created, [reject.column for reject in outcome.rejects]) == (2, ["vendor"])
        seat, box = (Product.objects.get(code=code) for code in ("SEAT", "BOX"))
        assert (seat.kind, seat.tier, seat.vendor, seat.retired_on) == (
            "recurring",
            "ancillary",
            "Northwind",
            date(2026, 12, 31),
        )
        assert (box.kind, box.tier, box.vendor, box.retired_on) == ("software", "primary", "", None)
