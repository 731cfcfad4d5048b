"""Vector 10: rates of May, typed or out of a file, leave the figures of April identical to the last bit."""

from datetime import date
from decimal import Decimal
from typing import Any

from common.published_rates import Asked, file_of, plan_of
from common.services import bring_rates, keep_rate_file, set_rate
from orders.models import Credit
from quotas.models import LeafCell, NodeCell
from tests.cast import Cast

FILE = b"Date,USD\n2026-05-15,1.4\n2026-04-10,1.3\n2026-01-05,1.25\n"
MAY = date(2026, 5, 1)


def figures(cast: Cast, acting: Any, stop: date) -> list[tuple[Any, ...]]:
    """What the ledger and the cells have before a day, every column of it."""
    with acting(cast.admin):
        credits = Credit.objects.filter(booked_on__lt=stop).order_by("pk").values_list()
        leaves = LeafCell.objects.filter(month_on__lt=stop).order_by("pk").values_list()
        nodes = NodeCell.objects.filter(month_on__lt=stop).order_by("pk").values_list()
        return [*credits, *leaves, *nodes]


def test_april_stays_as_it_was(cast: Cast, acting: Any, sell: Any, night: Any) -> None:
    sell("Acorn", 1_000_01, date(2026, 4, 14), currency="EUR")
    night()
    before = figures(cast, acting, MAY)
    with acting(cast.admin):
        entry = Credit.objects.get()
        # 1,000.01 euros at 1.10 and at 1.20 dollars, each rounded once.
        assert (entry.plan_minor, entry.booked_minor) == (1_100_01, 1_200_01)
        for kind in ("plan", "booked", "current"):
            set_rate(by=cast.admin.pk, kind=kind, currency="EUR", value=Decimal("1.5"), starts_on=MAY)
        kept = keep_rate_file(by=cast.admin.pk, name="eurofxref-hist.csv", content=FILE)
        file, asked = file_of(kept.pk), Asked("current", ("EUR",), date(2026, 1, 1), ends_typed=True)
        assert file
        shown = plan_of(file, asked).digest
        bring_rates(by=cast.admin.pk, file_id=kept.pk, asked=asked, shown=shown)
    night()
    assert figures(cast, acting, MAY) == before
    assert len(before) > 2
    sell("Acorn", 1_000_01, date(2026, 5, 4), currency="EUR")
    with acting(cast.admin):
        entry = Credit.objects.latest("pk")
        assert (entry.plan_minor, entry.booked_minor) == (1_500_02, 1_500_02)
