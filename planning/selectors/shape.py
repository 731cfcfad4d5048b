"""The tree of a day as ids: ten thousand territories are read and added up without a row object for each."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate, repeat
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Max

from common.access import Reach
from territories.models import Edge

Stamp = tuple[Any, ...]
Children = Mapping[int | None, Sequence[int]]


@dataclass(frozen=True)
class Tree:
    """Territories of a day: what lies directly below each, and all of them in the order of a walk from the top down.

    What lies below a territory, and itself, stands together in `order`, from `places[node]` up to `ends[node]`.
    """

    children: Children
    parents: Mapping[int, int | None]
    order: Sequence[int]
    places: Mapping[int, int]
    ends: Mapping[int, int]


class Shape:
    """Who lies below whom on a day, as far as a reader may open the workbench: all of it, or what they lead today.

    `order` holds every territory after the one above it. What hung nowhere on that day is not in it.
    """

    def __init__(self, mine: Reach, day: date) -> None:
        self.reads_all = "org" in mine.relations("territory", "list")
        whole = tree_of(day)
        tree = whole if self.reads_all else _walked(_led(whole.children, mine.territories))
        self.children, self.parents, self.order = tree.children, tree.parents, tree.order
        self._tree = tree

    @property
    def tops(self) -> Sequence[int]:
        return self.children.get(None, [])

    def below(self, nodes: Iterable[int]) -> Sequence[int]:
        """These and all below them, each after the one above it; none of them may lie below another one."""
        order, places, ends = self.order, self._tree.places, self._tree.ends
        return [below for node in nodes for below in order[places[node] : ends[node]]]

    def narrowed(self, nodes: Sequence[int]) -> Sequence[int] | None:
        """The territories that rows have to be asked for by; None for who reads all of them, and asks for most."""
        return None if self.reads_all and len(nodes) * 2 > len(self.parents) else nodes

    def path(self, node: int) -> list[int]:
        """The ids from the top down to a territory."""
        found = [node]
        while (above := self.parents[found[-1]]) is not None:
            found.append(above)
        return found[::-1]

    def first_levels(self, most: int) -> frozenset[int]:
        """What stands open at first: the tops, and below them level by level while no more than `most` rows show."""
        opened: set[int] = set()
        level, shown = self.tops, len(self.tops)
        while level:
            below = [child for node in level for child in self.children.get(node, ())]
            shown += len(below)
            if opened and shown > most:
                break
            opened.update(level)
            level = below
        return frozenset(opened)

    def sums(self, own: Mapping[Any, int], nodes: Iterable[int]) -> dict[int, int]:
        """What each of these territories comes to with all below it."""
        places, ends = self._tree.places, self._tree.ends
        until = list(accumulate(map(own.get, self.order, repeat(0)), initial=0))
        return {node: until[ends[node]] - until[places[node]] for node in nodes}


kept: dict[date, tuple[Stamp, Tree]] = {}
MOST_KEPT = 4


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
    tree = _walked(dict(grouped))
    _keep(day, stamp, tree)
    return tree


def _keep(day: date, stamp: Stamp, tree: Tree) -> None:
    while len(kept) >= MOST_KEPT:
        kept.pop(next(iter(kept)), None)
    kept[day] = stamp, tree


def _walked(children: Children) -> Tree:
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
    return Tree(children, parents, order, {node: place for place, node in enumerate(order)}, ends)


def _led(children: Children, led: frozenset[int]) -> Children:
    """Those that somebody leads; on top are those whose territory above they do not lead."""
    mine: dict[int | None, list[int]] = defaultdict(list)
    for parent, below in children.items():
        if here := [node for node in below if node in led]:
            mine[parent if parent in led else None] += here
    return dict(mine)
