"""Whatever is done to the tree: on every day it is a tree, every account is somewhere, and nothing sold moves."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.models import Account, AccountTerritory
from common.errors import Refused
from orders.models import Credit
from planning.services import Part, merge_territory, retire_territory, split_territory
from territories import rules
from territories import services as territories
from territories.models import Edge, Naming, Territory
from territories.selectors import tree_on, unassigned
from tests.cast import Cast
from tests.quotas.conftest import sell  # noqa: F401  a fixture

FIRST, DAYS = date(2026, 4, 1), 120
ACTS = ["add", "move", "rename", "retire", "merge", "split"]
STEPS = st.lists(
    st.tuples(st.sampled_from(ACTS), st.integers(0, DAYS), st.integers(0, 99), st.integers(0, 99)),
    min_size=3,
    max_size=8,
)


def act(cast: Cast, what: str, day: date, one: int, other: int) -> None:
    """One of the acts on some territories; raises Refused where the rules forbid it."""
    nodes = list(Territory.objects.order_by("pk"))
    node, second = nodes[one % len(nodes)], nodes[other % len(nodes)]
    by, count = cast.admin.pk, Territory.objects.count()
    name = f"T{count}"
    kind = rules.KINDS[other % 5] if one % 2 else ""
    of = {"by": by, "territory_id": node.pk}
    accounts = AccountTerritory.objects.on(day).filter(territory=node)
    part = Part(name, name, list(accounts.values_list("account_id", flat=True)))
    does: dict[str, Callable[[], Any]] = {
        "add": lambda: territories.create_territory(
            by=by, name=name, code=name, parent_id=node.pk, starts_on=day, kind=kind
        ),
        "move": lambda: territories.move_territory(**of, parent_id=second.pk, on=day),
        "rename": lambda: territories.rename_territory(**of, name=f"{name}{one}", starts_on=day),
        "retire": lambda: retire_territory(**of, on=day),
        "merge": lambda: merge_territory(**of, into_id=second.pk, on=day),
        "split": lambda: split_territory(**of, on=day, parts=[part]),
    }
    does[what]()


def check_day(day: date) -> None:
    """The tree of a day is one: a parent for each, no circle, no orphan, types in order; all accounts are in it."""
    edges = {edge.child_id: edge for edge in Edge.objects.on(day).select_related("parent", "child")}
    assert Edge.objects.on(day).count() == len(edges)
    placed = [node.territory.pk for node in tree_on(day)]
    assert sorted(placed) == sorted(edges)
    for edge in edges.values():
        if edge.parent:
            assert edge.child.is_unassigned or rules.may_lie_below(edge.child.kind, edge.parent.kind)
            assert not edge.parent.is_unassigned
    rows = list(AccountTerritory.in_field().on(day).values_list("account_id", "territory_id"))
    assert len({account for account, place in rows}) == len(rows) == Account.objects.count()
    assert {place for account, place in rows} <= set(edges)
    overlays = {pk for pk, edge in edges.items() if edge.child.kind == "overlay"}
    assert not overlays.intersection(place for account, place in rows)
    names = list(Naming.objects.on(day).values_list("territory_id", flat=True))
    assert len(set(names)) == len(names)


# Every history goes on where the last one ended, so that there is nothing to shrink to.
@settings(
    max_examples=8,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=STEPS)
def test_after_any_acts_every_day_has_its_tree(
    cast: Cast,
    acting: Any,
    sell: Any,  # noqa: F811
    steps: list[tuple[str, int, int, int]],
) -> None:
    with acting(cast.admin):
        is_first = not Credit.objects.exists()
    if is_first:
        sell("Acorn", 100_00, date(2026, 5, 12), {"rep": 60_000_000, "peer": 40_000_000})
        sell("Cedar", 70_01, date(2026, 4, 14), {"other_rep": 100_000_000})
    with acting(cast.admin):
        sold = list(Credit.objects.order_by("pk").values())
        for what, days, one, other in steps:
            try:
                act(cast, what, FIRST + timedelta(days), one, other)
            except Refused:
                continue
        for ahead in range(0, DAYS + 20, 20):
            check_day(FIRST + timedelta(ahead))
        assert list(Credit.objects.order_by("pk").values()) == sold
        assert unassigned().pk in {edge.child_id for edge in Edge.objects.on(FIRST)}
