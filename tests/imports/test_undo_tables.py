"""Tables that are undone: what people were asked goes with them, and what must stay says why."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from common.constraints import explained
from common.errors import Conflict
from imports.services import NotUndone, undo_batch
from quotas.models import Quota
from territories.models import RoleGrant, User
from territories.services import end_role
from tests.imports.company import everything
from tests.imports.tables import Tables, as_admin
from workspace.models import Approval
from workspace.services import answer


@pytest.fixture
def tables(cast):
    return Tables(cast.admin)


@pytest.fixture
def undo(cast):
    def run(batch):
        with as_admin(cast.admin):
            return undo_batch(by=cast.admin.pk, batch_id=batch.pk)

    return run


def waiting():
    """What waits for acceptance: by whom, and of which amounts."""
    with everything():
        rows = Approval.objects.filter(kind="quota_accept", state="waiting").order_by("approver__name")
        return [
            (row.approver.name, sorted(_amounts(row.payload["quota_ids"])))
            for row in rows.select_related("approver")
        ]


def _amounts(ids):
    rows = Quota.objects.filter(pk__in=ids)
    assert all(row.superseded_at is None for row in rows)
    return [row.amount_minor for row in rows if row.amount_minor in (1_00, 2_00, 3_00, 4_00)]


def test_quotas_by_quarter_are_asked_about_once(tables):
    tables.bring("quotas", "Person | 2026-Q3 | 2026-Q4", "Rita Rep | 1 | 2")
    assert waiting() == [("Rita Rep", [1_00, 2_00])]
    with everything():
        assert Approval.objects.filter(kind="quota_accept").count() == 1


def test_undone_quotas_are_not_to_be_accepted_any_more(tables, undo):
    tables.bring("quotas", "Person | 2026-Q3", "Rita Rep | 1")
    before = waiting()
    assert before == [("Rita Rep", [1_00])]
    batch = tables.bring("quotas", "Person | 2026-Q3 | 2026-Q4", "Rita Rep | 3 | 4", "Paul Peer | | 2")
    assert waiting() == [("Paul Peer", [2_00]), ("Rita Rep", [3_00, 4_00])]
    undo(batch)
    left = [(name, amounts) for name, amounts in waiting() if amounts]
    assert left == before
    with everything():
        standing = Quota.objects.current().filter(person__name="Paul Peer", period__code="2026-Q4")
        assert not standing.exists()


def accept(cast, acting):
    with acting(cast.rep):
        asked = Approval.objects.get(kind="quota_accept", state="waiting", approver=cast.rep)
        return answer(by=cast.rep.pk, approval_id=asked.pk, version=asked.version, is_granted=True)


def test_quotas_that_somebody_accepted_are_not_undone(tables, undo, cast, acting):
    batch = tables.bring("quotas", "Person | 2026-Q3 | 2026-Q4", "Rita Rep | 1 | 2", "Paul Peer | 3 |")
    accept(cast, acting)
    with pytest.raises(Conflict) as caught:
        undo(batch)
    assert str(caught.value.message) == (
        "Rita Rep accepted these quotas. Set another amount instead; it is asked about anew."
    )
    assert waiting() == [("Paul Peer", [3_00])]
    later = tables.bring("quotas", "Person | 2026-Q3", "Paul Peer | 4")
    undo(later)  # of a person who did not
    assert waiting() == [("Paul Peer", [3_00])]


def test_what_is_asked_after_the_undoing_can_be_accepted(tables, undo, cast, acting):
    tables.bring("quotas", "Person | 2026-Q3", "Rita Rep | 1")
    undo(tables.bring("quotas", "Person | 2026-Q3 | 2026-Q4", "Rita Rep | 3 | 4"))
    assert waiting() == [("Rita Rep", [1_00])]
    accepted = accept(cast, acting)
    with everything():
        assert Approval.objects.get(pk=accepted.pk).state == "granted"


def test_the_last_administrator_s_role_is_not_undone(tables, undo, cast):
    batch = tables.bring(
        "people", "Name | E-mail | Role", "Cora Coordinator | coordinator@example.com | admin"
    )
    with as_admin(cast.coordinator):
        theirs = RoleGrant.objects.current().get(user=cast.admin, role="admin")
        end_role(
            by=cast.coordinator.pk,
            grant_id=theirs.pk,
            stops_on=date(2026, 5, 20),
        )
    with pytest.raises(Conflict, match="Somebody has to be administrator"):
        undo(batch)
    with everything():
        assert RoleGrant.objects.current().filter(user=cast.coordinator, role="admin", stops_on=None).exists()


def test_another_administrator_s_role_is_undone(tables, undo, cast):
    undo(tables.bring("people", "Name | E-mail | Role", "Cora Coordinator | coordinator@example.com | admin"))
    with everything():
        assert not RoleGrant.objects.filter(user=cast.coordinator, role="admin").exists()


@pytest.mark.parametrize(
    ("table", "lines", "things"),
    [
        ("quotas", ["Person | 2026-Q3", "ann@x.example | 5"], "1 quota"),
        (
            "openings",
            ["Person | Quarter | Family | Amount", "ann@x.example | 2026-Q2 | Hardware | 5"],
            "1 entry of the",
        ),
    ],
)
def test_people_whom_later_tables_name_stay_and_the_page_says_what_to_do(
    tables, cast, browse, table, lines, things
):
    batch = tables.bring("people", "Name | E-mail | Role", "Ann | ann@x.example | rep")
    later = tables.bring(table, *lines)
    answer = browse(cast.admin).post(f"/imports/{batch.pk}/undo/", {})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "What it brought in is in use: " in page
    assert things in page
    assert "Deactivate whom you brought in by mistake; their records keep their name." in page
    assert "other record" not in page
    assert f"/imports/{later.pk}/" not in page  # undone, it would stay on record and name her still
    with everything():
        assert User.objects.filter(email="ann@x.example").exists()


def test_a_foreign_key_s_refusal_names_things_and_no_table(cast, acting):
    with acting(cast.admin), connection.cursor() as cursor:
        theirs = "SELECT pgh_context_id::text FROM territories_userevent WHERE pgh_obj_id = %s AND pgh_label = 'insert'"
        cursor.execute(f"SELECT set_config('app.undo', ({theirs}), true)", [cast.coordinator.pk])
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(IntegrityError) as caught, transaction.atomic():
            cursor.execute("DELETE FROM territories_user WHERE id = %s", [cast.coordinator.pk])
        refusal = explained(caught.value)
    assert (type(refusal), refusal.code) == (Conflict, "in_use")
    assert str(refusal.message) == (
        "This and roles that go with it were changed at once. Reload the page and look again."
    )


def bring_more(tables):
    """People, their accounts and the deals of these; with the numbers of the imports."""
    people = tables.bring(
        "people", "Name | E-mail | Role | Manager", "Ann | ann@x.example | rep | Mona Manager"
    )
    accounts = tables.bring("accounts", "Number | Name | Owner", "N-7 | Seven | ann@x.example")
    deals = tables.bring(
        "opportunities",
        "Name | Account | Owner | Stage | Close date",
        "Big one | N-7 | Rita Rep | Proposal | 2026-07-01",
    )
    return people, accounts, deals


def test_all_later_tables_that_rest_on_people_are_named_newest_first(tables, undo):
    people, accounts, deals = bring_more(tables)
    with pytest.raises(NotUndone) as caught:
        undo(people)
    assert caught.value.first == [deals, accounts]  # the deals rest on an account of the table between
    assert "Deactivate" not in str(caught.value.message)
    for batch in (deals, accounts, people):
        undo(batch)


def publish(owner):
    """A night that counted the one territory that a table made."""
    owner.execute(
        "INSERT INTO common_run (job, as_of, state, changed_rows, input_hash, output_hash, error, finished_at)"
        " VALUES ('attainment', '2026-05-19', 'published', 0, '', '', '', clock_timestamp())"
    )
    owner.execute(
        "INSERT INTO quotas_quotacell (node_id, period_id, rolled_minor) SELECT t.id, p.id, 5"
        " FROM territories_territory t, common_period p WHERE t.name = %s AND p.code = '2026-Q2'",
        ["Ann's territory"],
    )


def test_they_are_named_too_when_a_night_has_published_figures(tables, undo, owner):
    people, accounts, deals = bring_more(tables)
    publish(owner)
    with pytest.raises(NotUndone, match="in use: 1 published figure") as caught:
        undo(people)
    assert caught.value.first == [deals, accounts]
    undo(deals)
    undo(accounts)
    with pytest.raises(NotUndone) as caught:
        undo(people)
    assert caught.value.first == []
    assert str(caught.value.message) == (
        "What it brought in is in use: 1 published figure. "
        "Take back the quotas and orders that these figures count, run the night, and try again."
    )
    owner.execute("DELETE FROM quotas_quotacell")
    undo(people)


def test_quotas_keep_people_even_when_undone_and_the_page_names_them(tables, undo, cast, browse):
    people, _accounts, _deals = bring_more(tables)
    quotas = tables.bring("quotas", "Person | 2026-Q3", "ann@x.example | 5")
    undo(quotas)
    page = browse(cast.admin).post(f"/imports/{people.pk}/undo/", {}).content.decode()
    assert f"It stays: what Quotas (import {quotas.pk}) named is on record, even when undone." in page
    assert "Deactivate whom you brought in by mistake" in page
    assert "Undo these first" not in page
