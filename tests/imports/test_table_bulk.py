"""Tables of many lines: with a few statements, whatever the number of lines, and as right as those of a few."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from imports.rules.people import Codes, Tree, circles, round_from
from imports.services import undo_batch
from territories.models import Edge, RoleGrant, Seat, Territory, User
from tests.imports.company import everything
from tests.imports.tables import Tables, as_admin, new, wrong


@pytest.fixture
def tables(cast):
    return Tables(cast.admin)


def staff(count: int, start: int = 0) -> list[str]:
    """A team of so many reps below a manager of their own."""
    boss = f"Boss {start} | boss{start}@x.example | manager |"
    return [boss, *[f"Rep {n} | r{n}@x.example | rep | Boss {start}" for n in range(start, start + count)]]


def test_more_people_do_not_take_more_statements(tables):
    counts = []
    for count, start in ((3, 0), (300, 1000)):
        with CaptureQueriesContext(connection) as asked:
            tables.bring("people", "Name | E-mail | Role | Manager", *staff(count, start))
        counts.append(len(asked))
    assert counts[1] == counts[0]
    with everything():
        assert User.objects.filter(email__endswith="@x.example").count() == 305
        assert RoleGrant.objects.filter(user__email__endswith="@x.example").count() == 305
        assert Seat.objects.filter(user__email__endswith="@x.example", kind="owner").count() == 303
        below = Edge.objects.filter(parent__code="BOSS-1000")
        assert below.count() == 300
        rep = User.objects.get(email="r1007@x.example")
        assert (rep.version, rep.has_usable_password()) == (1, False)
        assert rep.history.count() == 1  # type: ignore[attr-defined]


def test_a_deep_tree_in_any_order_comes_in_and_goes(tables, cast):
    before = {"territory": 400}
    lines = [f"T{n} | Node {n} | {f'T{n - 1}' if n else 'COMPANY'}" for n in range(400)]
    with CaptureQueriesContext(connection) as asked:
        batch = tables.bring("territories", "Code | Name | Parent", *reversed(lines))
    assert len(asked) < 150
    assert new(batch) == before
    with everything():
        parents = dict(Edge.objects.values_list("child__code", "parent__code"))
        assert all(parents[f"T{n}"] == f"T{n - 1}" for n in range(1, 400))
    with as_admin(cast.admin):
        undo_batch(by=cast.admin.pk, batch_id=batch.pk)
        assert not Territory.objects.filter(code__startswith="T").exists()


def test_the_nearest_name_is_looked_for_only_so_often(tables):
    lines = [f"Zed {n} | z{n}@x.example | rep | Mona Manger{n}" for n in range(30)]
    found = wrong(tables.check("people", "Name | E-mail | Role | Manager", *lines))
    assert [remedy for _line, _column, _problem, remedy in found] == [
        *["Did you mean 'Mona Manager'?"] * 10,
        *["Bring it in first, or correct the name."] * 20,
    ]


def test_a_role_that_ended_is_given_anew(tables, cast, owner):
    owner.execute(
        "INSERT INTO territories_rolegrant (user_id, role, starts_on, stops_on) VALUES (%s, 'rep', '2025-01-01', "
        "'2025-06-01')",
        [cast.coordinator.pk],
    )
    line = "Cora Coordinator | coordinator@example.com | rep | 2026-04-01"
    tables.bring("people", "Name | E-mail | Role | From", line)
    with everything():
        grants = RoleGrant.objects.filter(user=cast.coordinator, role="rep").order_by("starts_on")
        assert [str(grant.starts_on) for grant in grants] == ["2025-01-01", "2026-04-01"]


def test_codes_are_given_once_each():
    codes = Codes(["ANN-BAKER", "TEAM-2"], "TEAM")
    assert [codes.give(name) for name in ("Ann Baker", "王芳", "李娜", "Ann Baker", "Bo")] == [
        "ANN-BAKER-2", "TEAM", "TEAM-3", "ANN-BAKER-3", "BO",
    ]  # fmt: skip


def test_circles_are_found_once_and_long_ones_told_by_their_beginning():
    assert list(circles({"a": "b", "b": "c", "c": "b", "d": "d", "e": ""})) == [["b", "c"], ["d"]]
    assert round_from(["b", "c"], 1) == "c → b → c"
    many = [str(number) for number in range(20)]
    assert round_from(many, 18) == "18 → 19 → 0 → 1 → 2 → 3 → 4 → 5 → … → 18"
    ring = dict(zip(many, [*many[1:], many[0]], strict=True))
    assert list(circles(ring)) == [many]


def test_places_of_several_days_that_make_a_circle_end_the_way_up():
    tree = Tree({"A": "A", "B": "B"}, {"A": "B", "B": "A"}, {}, "")
    assert tree.lies_below("A", "B")
    assert not tree.lies_below("A", "C")
