"""Ten thousand territories, people, modules and rules: forms that choose among them stay small and ask no more."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from benchmarks.territories import CONTEXT, EDGES, LEVELS, PEOPLE, TREE
from tests.cast import Cast
from tests.territories.many import add_many
from tests.test_permissions import address, make_world

MOST_BYTES = 100_000
BUNDLES = """
INSERT INTO accounts_module (version, name, note, is_active, conditions)
SELECT 1, 'Module ' || n, '', true, '[]' FROM generate_series({first}, {last}) n;
INSERT INTO accounts_rule (version, name, territory_id, coverage, priority, conditions, spares_placed, is_active)
SELECT 1, 'Rule ' || n, (SELECT min(id) FROM territories_territory), 'field', n, '[]', true, true
FROM generate_series({first}, {last}) n;
"""
FORMS = (
    "territory_create", "territory_move", "territory_merge", "seat_create", "seat_change", "seat_hand_over",
    "vacancy_plan", "account_list", "account_create", "hold_create", "rule_create", "rule_edit", "module_add",
    "accounts_assign", "held_report", "opportunity_list", "opportunity_board", "opportunity_edit", "quota_set",
    "person_leave", "person_create", "stand_in_create", "move_create",
)  # fmt: skip
KINDS = ("accounts", "module", "seat", "node", "rule")
SUGGESTIONS = (
    "territory_suggest", "person_suggest", "place_suggest", "module_suggest", "rule_suggest", "owner_suggest",
    "assignee_suggest", "colleague_suggest",
)  # fmt: skip


def grow(owner: Any) -> None:
    """The tree of the benchmark with somebody on each of its territories; nothing of it is history."""
    owner.execute("SET session_replication_role = replica")
    owner.execute(CONTEXT)
    owner.execute(TREE, {"counts": list(LEVELS)})
    for level, above in enumerate((1, *LEVELS[:-1]), 1):
        owner.execute(EDGES, {"level": level, "above": above})
    owner.execute(PEOPLE, {})
    owner.execute(BUNDLES.format(first=100, last=10_099))
    owner.execute("ANALYZE territories_territory, territories_edge, territories_user, territories_seat")
    owner.execute("SET session_replication_role = origin")


def measured(client: Any, paths: list[str]) -> dict[str, tuple[int, int]]:
    """Page → statements and bytes, for a reader who was there before."""
    found = {}
    for path in paths:
        client.get(path)
        with CaptureQueriesContext(connection) as statements:
            answer = client.get(path)
        assert (path, answer.status_code) == (path, 200)
        found[path] = (len(statements), len(answer.content))
    return found


@pytest.mark.slow
def test_forms_among_ten_thousand_are_small_and_ask_no_more(
    cast: Cast, acting: Any, browse: Any, owner: Any
) -> None:
    world, client = make_world(cast, acting), browse(cast.admin)
    paths = [address(name, world) for name in FORMS]
    paths += [f"{address(name, world).partition('?')[0]}?q=o" for name in SUGGESTIONS]
    paths += [f"{address('move_create', world)}?kind={kind}" for kind in KINDS]
    add_many(cast)
    owner.execute("SET session_replication_role = replica")
    owner.execute(BUNDLES.format(first=1, last=60))
    owner.execute("SET session_replication_role = origin")
    before = measured(client, paths)
    grow(owner)
    after = measured(client, paths)
    assert {path: count for path, (count, _size) in after.items()} == {
        path: count for path, (count, _size) in before.items()
    }
    assert {path: size for path, (_count, size) in after.items() if size >= MOST_BYTES} == {}
