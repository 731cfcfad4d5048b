"""The orders of the small company that are not booked yet, and those that came out of the queue in the last weeks."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime, time, timedelta
from typing import Any, NamedTuple

from common.calendars import WorkDays
from common.models import Setting
from common.money import WHOLE_SHARE
from common.policies import PURCHASE_ORDER
from orders.models import Order, OrderRequest
from orders.rules import YEAR, free_from
from orders.services import LineInput, ShareInput
from salesops.demo.company import Company
from salesops.demo.facts import PRODUCTS, Product

State = OrderRequest.State
FREE, WEEKS, EVERY = 5, 8, 3
ASKED = {"booking_asks": PURCHASE_ORDER, "price_limit_percent": 60, "backdate_days": FREE}
"""What this company asks for before an order is booked."""
METER = next(product for product in PRODUCTS if product.name == "Rill 80")
PLAN = next(product for product in PRODUCTS if product.name == "Care Plus")


class Story(NamedTuple):
    """An order that waits: of which patch, since how many hours, how many of a product and at what share of its price;
    how much of the credit is shared, by how many days more than are free it lies back, and who has it.
    """

    patch: int
    hours: int
    product: Product
    quantity: int
    percent: int = 100
    purchase_order: str = ""
    shared: int = WHOLE_SHARE
    late: int = 0
    state: str = State.WAITING
    is_taken: bool = False
    comment: str = ""


STORIES = (
    Story(0, 30, METER, 4, state=State.DRAFT),
    Story(1, 2, METER, 6),
    Story(2, 75, PLAN, 3, purchase_order="4500081", shared=60_000_000, is_taken=True),
    Story(3, 50, METER, 2, purchase_order="4500093", late=4),
    Story(4, 26, METER, 20, purchase_order="K-2207", percent=45),
    Story(5, 6, PLAN, 2, purchase_order="4500102"),
    Story(
        6, 98, METER, 3, state=State.BACK, comment="Which of the two sites is it for? The address is missing."
    ),
)
NOWHERE = Story(8, 121, METER, 5, purchase_order="4500077")
"""That of the customer who is in nobody's territory."""


def write_queue(company: Company, lost_account: int) -> None:
    """Write them, in the order in which they came; what Settings ask for holds from the first day on."""
    for name, value in ASKED.items():
        Setting.objects.create(name=name, value=value, starts_on=company.days.start)
    coordinator = next(person.id for person in company.people if person.role == "coordinator")
    for order in _booked(company):
        OrderRequest.objects.create(**order)
    accounts = _accounts(company)
    for story in STORIES:
        node = company.patches[story.patch].node.id
        OrderRequest.objects.create(**_kept(company, story, accounts[node], node, coordinator))
    unassigned = next(node.id for node in company.nodes if node.code == "UNASSIGNED")
    OrderRequest.objects.create(**_kept(company, NOWHERE, lost_account, unassigned, coordinator))


def _accounts(company: Company) -> dict[int, int]:
    """A customer of each patch: whoever ordered there last."""
    rows = Order.objects.filter(booked_on__gte=company.days.ago(3)).order_by("booked_on", "pk")
    return dict(rows.values_list("territory", "account"))


def _kept(company: Company, story: Story, account: int, node: int, coordinator: int) -> dict[str, Any]:
    patch, today = company.patches[story.patch], company.days.today
    seller, _seat = patch.seller(today)
    asked_at = datetime.combine(today, time(0), UTC) - timedelta(hours=story.hours)
    booked_on = free_from(today, FREE + story.late, WorkDays()) if story.late else asked_at.date()
    term = YEAR if story.product.kind == "recurring" else None
    amount = story.quantity * story.product.price * (term or 1) * story.percent // 100
    taken = {"claimed_by_id": coordinator, "claimed_at": asked_at + timedelta(hours=4)}
    shares = [ShareInput(seller, story.shared)] if story.shared < WHOLE_SHARE else []
    return {
        "account_id": account,
        "owner_id": seller,
        "territory_id": node,
        "state": story.state,
        "booked_on": booked_on,
        "currency": patch.region.currency,
        "motion": "expansion",
        "purchase_order": story.purchase_order,
        "lines": [asdict(LineInput(story.product.id, story.quantity, amount, term_months=term))],
        "shares": [asdict(share) for share in shares],
        "asked_by_id": seller,
        "asked_at": asked_at,
        "comment": story.comment,
        **(taken if story.is_taken else {}),
    }


def _booked(company: Company) -> Iterator[Mapping[str, Any]]:
    """Every few of the orders without a deal of the last weeks came out of the queue, some soon, some after days."""
    since = company.days.today - timedelta(weeks=WEEKS)
    rows = Order.objects.filter(opportunity=None, booked_on__gte=since).order_by("pk")
    for number, order in enumerate(rows.prefetch_related("lines")[::EVERY]):
        hours = 2 + number * number * 7 % 53
        lines = [
            LineInput(line.product_id, line.quantity, line.amount_minor, term_months=line.term_months)
            for line in order.lines.all()
        ]
        same = ("account_id", "owner_id", "territory_id", "booked_on", "currency", "motion", "purchase_order")
        yield {
            **{name: getattr(order, name) for name in same},
            "state": State.BOOKED,
            "lines": [asdict(line) for line in lines],
            "shares": [],
            "asked_by_id": order.owner_id,
            "asked_at": order.recorded_at - timedelta(hours=hours),
            "settled_at": order.recorded_at,
            "order": order,
        }
