"""What was sold on the very day of a realignment counts under the tree of that day, which the realignment makes."""

from collections import defaultdict
from datetime import date

from django.db.models import Sum

from common.selectors import period_of
from orders.models import Credit
from planning.selectors.measures import Measured
from planning.selectors.shape import Shape
from territories.selectors import unassigned


def count_under_new_tree(before: Measured, after: Measured, day: date) -> None:
    """Let what is booked on a day and later count, as sold, under the tree `after` a realignment of that day.

    The cells know the tree before it alone. What was sold on earlier days stays where it was sold.
    """
    period = period_of(day)
    if period is None or before.shape.parents == after.shape.parents:
        return
    rows = Credit.objects.intake().filter(booked_on__gte=day, booked_on__lt=period.stops_on).order_by()
    more: dict[int, int] = defaultdict(int)
    for territory, amount in rows.values_list("territory_id").annotate(Sum("plan_minor")):
        for node in _above(before.shape, territory):
            more[node] -= amount
        for node in _above(after.shape, territory):
            more[node] += amount
    for node, amount in more.items():
        if amount:
            after.nodes[node]["sold"] = (after.nodes[node].get("sold") or 0) + amount


def _above(shape: Shape, territory_id: int) -> list[int]:
    return shape.path(territory_id if territory_id in shape.parents else unassigned().pk)
