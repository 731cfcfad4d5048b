"""The tree over time: the chains that the roll-up reads and the subtrees that a drill-down reads are the same tree."""

from datetime import date, timedelta

from django.db import connection

from common.access import Reach
from common.calendars import Span
from common.transaction import work
from territories.models import Edge, Territory
from territories.selectors import CHAINS, subtree_within
from tests.cast import Cast

FIRST, LAST = date(2026, 4, 1), date(2026, 6, 1)


def move(child: Territory, parent: Territory, on: date) -> None:
    Edge.objects.get(child=child, superseded_at=None, stops_on=None).replaced(stops_on=on)
    Edge.objects.create(child=child, parent=parent, starts_on=on)


def chains() -> list[tuple[int, list[int], date, date]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH RECURSIVE {CHAINS} SELECT node, ids, starts_on, least(stops_on, '2030-01-01') FROM chains"
        )
        return list(cursor.fetchall())


def test_chains_and_subtrees_agree_on_every_day(cast: Cast) -> None:
    nodes = cast.territories
    with work(by=None, why="moves", reach=Reach.everything()):
        move(nodes["East 1"], nodes["West Team"], date(2026, 4, 15))
        move(nodes["East Team"], nodes["West"], date(2026, 5, 1))
        move(nodes["East 1"], nodes["East"], date(2026, 5, 20))
        rows = chains()
        for days in range(0, (LAST - FIRST).days, 3):
            day = FIRST + timedelta(days=days)
            above = {node: set(ids) for node, ids, start, stop in rows if start <= day < stop}
            for root in nodes.values():
                below = subtree_within(root.pk, Span(day, day + timedelta(days=1)))
                assert sorted(pk for _, pks in below for pk in pks) == sorted(
                    pk for pk, ids in above.items() if root.pk in ids
                )


def test_a_chain_runs_from_the_root_to_the_node_and_breaks_on_a_move(cast: Cast) -> None:
    nodes = cast.territories
    with work(by=None, why="moves", reach=Reach.everything()):
        move(nodes["East Team"], nodes["West"], date(2026, 5, 1))
        own = [row for row in chains() if row[0] == nodes["East 1"].pk]
    names = {territory.pk: name for name, territory in nodes.items()}
    assert [
        ([names[pk] for pk in ids], start) for _, ids, start, _ in sorted(own, key=lambda row: row[2])
    ] == [
        (["Company", "East", "East Team", "East 1"], date(2025, 1, 1)),
        (["Company", "West", "East Team", "East 1"], date(2026, 5, 1)),
    ]


def test_a_span_is_cut_where_a_territory_came_or_left(cast: Cast) -> None:
    nodes = cast.territories
    with work(by=None, why="moves", reach=Reach.everything()):
        move(nodes["East 1"], nodes["West Team"], date(2026, 5, 1))
        found = subtree_within(nodes["West"].pk, Span(FIRST, LAST))
    west = sorted(nodes[name].pk for name in ("West", "West Team", "West 1"))
    assert found == [(Span(FIRST, LAST), west), (Span(date(2026, 5, 1), LAST), [nodes["East 1"].pk])]
