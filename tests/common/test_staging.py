"""Bulk writing: every character arrives as it was, and a row that says the same is left alone."""

from datetime import date
from decimal import Decimal
from functools import partial

import pytest
from django.db import DataError, connection

from accounts.bulk.ruled import by_hash
from common.access import Reach
from common.staging import by_index, ids_for, line, merge, stage
from common.transaction import work


def everything():
    return work(by=None, why="a test", reach=Reach.everything())


def test_a_line_is_copys_text_form():
    assert (
        line(["a", None, True, False, 7, Decimal("1.50"), date(2026, 5, 1)])
        == "a\t\\N\tt\tf\t7\t1.50\t2026-05-01"
    )


def test_odd_characters_arrive_as_they_were(cast):
    texts = ["tab\there", "line\nend", "return\r", "back\\slash", "\\N", "", "José 🚲", "a'b\"c"]
    with everything(), connection.cursor() as cursor:
        stage("staged_texts", {"position": "int", "body": "text"}, enumerate(texts))
        cursor.execute("SELECT body FROM staged_texts ORDER BY position")
        assert [row[0] for row in cursor.fetchall()] == texts


def test_rows_are_inserted_updated_or_left_alone_with_their_version(cast):
    server, licence = cast.families["Hardware"], cast.families["Software"]
    known = {server.code: server.pk, licence.code: licence.pk}
    with everything():
        ids = ids_for("catalog_family", [server.code, licence.code, "NEW"], known)
        rows = [
            (ids[0], server.code, "Other name"),
            (ids[1], licence.code, licence.name),
            (ids[2], "NEW", "New"),
        ]
        created, changed = merge("catalog_family", ["id", "code", "name"], rows)
        assert (created, changed) == (1, {server.pk})
        for family, version in ((server, 2), (licence, 1)):
            family.refresh_from_db()
            assert family.version == version
        assert merge("catalog_family", ["id", "code", "name"], rows) == (0, set())


@pytest.mark.parametrize(
    ("without_it", "setting"),
    [(by_index, "enable_seqscan"), (partial(by_hash, is_whole=True), "enable_nestloop")],
)
@pytest.mark.parametrize("before", ["on", "off"])
def test_the_planner_does_as_before_whatever_happens_meanwhile(cast, without_it, setting, before):
    def now() -> str:
        cursor.execute(f"SHOW {setting}")
        return str(cursor.fetchone()[0])

    with everything(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL {setting} = {before}")
        with without_it():
            assert now() == "off"
        assert now() == before
        for go_wrong in (lambda: int("none"), lambda: cursor.execute("SELECT 1 / 0")):
            with pytest.raises((ValueError, DataError)), without_it():
                go_wrong()
            assert now() == before


def test_what_is_written_once_is_left_as_people_made_it(cast):
    server = cast.families["Hardware"]
    with everything():
        row = [(server.pk, server.code, "A name of the file")]
        assert merge("catalog_family", ["id", "code", "name"], row, once=["code", "name"]) == (0, set())
        assert merge("catalog_family", ["id", "code", "name"], []) == (0, set())
        server.refresh_from_db()
        assert server.name == "Hardware"
