"""What the tests of attainment share: the worker's role, a night, an order in one line."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from django.db import connection, connections
from django.db.models import Sum

from common.access import Reach
from common.models import Period, Run
from common.transaction import work
from orders.models import Basis
from orders.services import LineInput, ShareInput, book
from quotas.models import LeafCell, NodeCell
from quotas.selectors.intake import amount_column, at_nodes, counted, inner_nodes, months_of
from quotas.services import refresh_dirty, run_nightly
from tests.cast import Cast
from tests.conftest import Acting

WHOLE = 100_000_000


@contextmanager
def worker() -> Iterator[None]:
    """As the role of the worker, which may write what is derived, on both connections."""
    with connection.cursor() as own, connections["aside"].cursor() as aside:
        own.execute("SET ROLE salesops_worker")
        aside.execute("SET ROLE salesops_worker")
        try:
            yield
        finally:
            own.execute("SET ROLE salesops_web")
            aside.execute("SET ROLE salesops_web")


@pytest.fixture
def night(cast: Cast) -> Callable[..., Run]:
    def run(as_of: date = date(2026, 5, 19), **options: Any) -> Run:
        with worker():
            return run_nightly(as_of=as_of, **options)

    return run


@pytest.fixture
def refresh(cast: Cast) -> Callable[[], Run | None]:
    def run() -> Run | None:
        with worker():
            return refresh_dirty()

    return run


Sell = Callable[..., int]


@pytest.fixture
def sell(cast: Cast, acting: Acting) -> Sell:
    """`sell("Acorn", 100_00, date(2026, 5, 12))`: an order of the account, credited to the given people."""

    def run(account: str, amount: int, on: date, shares: dict[str, int] | None = None, **changes: Any) -> int:
        people = [ShareInput(getattr(cast, key).pk, weight) for key, weight in (shares or {}).items()]
        product = cast.products[changes.pop("product", "Licence")]
        with acting(cast.admin):
            order = book(
                **{
                    "by": cast.admin.pk,
                    "account_id": cast.accounts[account].pk,
                    "booked_on": on,
                    "currency": "USD",
                    "lines": [LineInput(product.pk, 1, amount)],
                    "shares": people,
                    "owner_id": people[0].person_id if people else None,
                    "motion": "new",
                    **changes,
                }
            )
        return order.pk

    return run


def node_intake(node_id: int, period: Period, basis: str = Basis.SEAT) -> int:
    """Order intake of a node and all below it in a period, as sold, in plan money."""
    months = months_of([period])
    if inner_nodes([node_id]):
        above = counted(NodeCell.objects.filter(node=node_id), months)
        return int(above.aggregate(total=Sum(amount_column(basis)))["total"] or 0)
    lowest = counted(LeafCell.objects.filter(at_nodes([node_id], basis)), months)
    return int(lowest.aggregate(total=Sum("amount_minor"))["total"] or 0)


def everything() -> Any:
    return work(by=None, why="look", reach=Reach.everything())
