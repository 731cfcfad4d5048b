"""The trees of days as ids: ten thousand territories are read and added up without a row object for each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate, repeat
from threading import Lock
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Max

from territories.models import Edge

Stamp = tuple[Any, ...]
Children = Mapping[int | None, Sequence[int]]


@dataclass(frozen=True)
class Tree:
    """Territories of a day: what lies directly below each, and all of them in the order of a walk from the top down.

    What lies below a territory, and itself, stands together in `order`, from `places[node]` up to `ends[node]`.
    `above`: those with others below them.
    """

    children: Children
    parents: Mapping[int, int | None]
    order: Sequence[int]
    places: Mapping[int, int]
    ends: Mapping[int, int]
    above: frozenset[int]

    def until(self, own: Mapping[int, int]) -> list[int]:
        """What the territories before each place of `order` come to."""
        return list(accumulate(map(own.get, self.order, repeat(0)), initial=0))

    def within(self, node: int, until: Sequence[int]) -> int:
        """What a territory comes to with all below it; nothing where it hung nowhere on that day."""
        return until[self.ends[node]] - until[self.places[node]] if node in self.places else 0

    def sums(self, own: Mapping[int, int], nodes: Iterable[int]) -> dict[int, int]:
        """What each of these territories comes to with all below it."""
        until = self.until(own)
        return {node: self.within(node, until) for node in nodes}


kept: dict[date, tuple[Stamp, Tree]] = {}
MOST_KEPT = 4
_keeping = Lock()


def tree_of(day: date) -> Tree:
    """All territories of a day. Edges are added and ended, never edited, so each process keeps the last trees it made
    and asks only whether there is another edge, or another end of one, since. That answers for all of them only while
    each act that writes edges holds `lock_tree`: so no edge is seen after one that was recorded later.
    """
    rows = Edge.objects.order_by()
    asked = rows.aggregate(Count("pk"), Max("pk"), Max("recorded_at"), Max("superseded_at"))
    stamp = tuple(asked.values())
    known = kept.get(day)
    if known and known[0] == stamp:
        return known[1]
    # Grouped by the database: ten thousand rows cost more to take over than to group.
    grouped = rows.on(day).values_list("parent_id").annotate(below=ArrayAgg("child_id", order_by="child_id"))
    tree = walked(dict(grouped))
    _keep(day, stamp, tree)
    return tree


def _keep(day: date, stamp: Stamp, tree: Tree) -> None:
    with _keeping:  # threads share what a process keeps
        while len(kept) >= MOST_KEPT:
            del kept[next(iter(kept))]
        kept[day] = stamp, tree


def walked(children: Children) -> Tree:
    """The tree of what lies directly below what; what hangs on no root is not in it."""
    order: list[int] = []
    ends: dict[int, int] = {}
    ahead = [(top, False) for top in reversed(children.get(None, ()))]
    while ahead:
        node, is_done = ahead.pop()
        if is_done:
            ends[node] = len(order)
            continue
        order.append(node)
        ahead.append((node, True))
        ahead += [(below, False) for below in reversed(children.get(node, ()))]
    parents = {child: parent for parent, below in children.items() for child in below}
    places = {node: place for place, node in enumerate(order)}
    return Tree(
        children, parents, order, places, ends, frozenset(parent for parent in children if parent is not None)
    )
