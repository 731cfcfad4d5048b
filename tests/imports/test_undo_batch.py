"""An import is taken back whole and leaves what was there before, or it stays and says why."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.postgres.functions import TransactionNow
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Account, AccountTerritory, Contact, MovedAccount
from common.errors import Conflict
from common.importing import Row
from common.models import Period
from common.transaction import context
from imports.models import Batch
from imports.services import NotUndone, undo_batch
from imports.services.folders import APPLY
from orders.models import Credit
from orders.rollup import verify_ledger
from pipeline.models import Opportunity, Stage
from quotas.models import Quota
from territories.models import Edge, RoleGrant, Seat, Territory, User
from tests.imports.company import everything

DAY = date(2026, 5, 1)
TABLES = """SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
    AND table_name NOT LIKE '%event' AND table_name NOT IN ('imports_batch', 'common_idempotencykey', 'django_session')
    ORDER BY 1"""
ROWS: dict[str, list[dict[str, Any]]] = {
    "person": [
        {"email": "new@example.com", "name": "Nora New", "role": "rep", "starts_on": DAY},
        {"email": "rep@example.com", "name": "Rita Renamed", "role": "manager", "starts_on": DAY},
    ],
    "territory": [
        {"code": "NORTH", "name": "North", "parent": "COMPANY", "starts_on": DAY},
        {"code": "NORTH-1", "name": "North 1", "parent": "NORTH", "starts_on": DAY},
        {"code": "EAST-1", "name": "East one", "parent": "EAST-TEAM", "starts_on": DAY},
    ],
    "seat": [
        {"person": "peer@example.com", "territory": "WEST", "kind": "overlay", "starts_on": DAY},
    ],
    "family": [{"code": "TOOLS", "name": "Tools"}, {"code": "HARDWARE", "name": "Hard things"}],
    "product": [
        {"code": "SAW", "name": "Saw", "family": "SOFTWARE", "currency": "USD", "list_price": 5_00},
        {"code": "SERVER", "name": "Server", "family": "SOFTWARE", "currency": "USD", "list_price": 7_00},
    ],
    "account": [
        {"number": "N-1", "name": "Nine", "territory": "EAST-1", "starts_on": DAY, "parent": "N-2", "town": "Ulm"},
        {"number": "N-2", "name": "Ten", "territory": "WEST-1", "starts_on": DAY, "parent": None, "town": ""},
        {"number": "A-1", "name": "Acorn Ltd", "territory": "EAST-1", "starts_on": DAY, "parent": "N-1", "town": ""},
    ],
    "stage": [
        {"name": "Talk", "position": 7, "kind": "open", "probability": 5, "category": "pipeline"},
        {"name": "Proposal", "position": 8, "kind": "open", "probability": 55, "category": "commit"},
    ],
    "opportunity": [
        {
            "number": number, "name": name, "account": "A-1", "owner": "rep@example.com", "stage": "Proposal",
            "amount": 500_00, "currency": "USD", "motion": "new", "created_on": date(2026, 3, 1),
            "close_on": date(2026, 7, 1), "product": "Licence", "quantity": 2,
        }
        for number, name in (("D-1", "Fresh"), ("O-1", "Acorn renewed"))
    ],
    "quota": [
        {"person": "rep@example.com", "on": date(2026, 5, 1), "amount": 900_00},
        {"person": "peer@example.com", "on": date(2026, 5, 1), "amount": 800_00},
    ],
    "opening": [
        {"person": "rep@example.com", "on": date(2026, 4, 3), "family": "HARDWARE", "amount": 40_00, "currency": "EUR"},
    ],
}  # fmt: skip
DELETED = [name for name in ROWS if name not in ("quota", "opening")]


def dump() -> dict[str, list[str]]:
    """Every row of every table but histories; without versions, which go on."""
    with everything(), connection.cursor() as cursor:
        cursor.execute(TABLES)
        tables = [row[0] for row in cursor.fetchall()]
        found = {}
        for name in tables:
            cursor.execute(f"SELECT (to_jsonb(t) - 'version')::text FROM {name} t ORDER BY 1")
            found[name] = [row[0] for row in cursor.fetchall()]
    return found


@pytest.fixture
def bring(cast: Any, acting: Any) -> Any:
    """`bring("account", rows)`: an applied import of the admin."""

    def run(*entities: str, rows: list[dict[str, Any]] | None = None) -> Batch:
        with acting(cast.admin):
            for entity in entities:
                values = ROWS[entity] if rows is None else rows
                asked = [Row("table", line, one) for line, one in enumerate(values, 2)]
                outcome = APPLY[entity](by=cast.admin.pk, entity=entity, rows=asked)
                assert outcome.rejects == []
            batch = Batch.objects.create(profile="", table="accounts", files_hash="", by=cast.admin)
            Batch.objects.filter(pk=batch.pk).update(
                request_id=context().request_id, applied_at=TransactionNow()
            )
        return batch

    return run


@pytest.fixture
def undo(cast: Any, acting: Any) -> Any:
    def run(batch: Batch) -> Batch:
        with acting(cast.admin):
            return undo_batch(by=cast.admin.pk, batch_id=batch.pk)

    return run


@pytest.mark.parametrize("entity", DELETED)
def test_an_undone_import_leaves_every_table_as_it_was_and_can_be_brought_in_again(bring, undo, entity):
    before = dump()
    batch = bring(entity)
    assert dump() != before
    assert undo(batch).state == "undone"
    assert dump() == before
    undo(bring(entity))
    assert dump() == before


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(chosen=st.lists(st.sampled_from(DELETED), min_size=2, unique=True))
def test_any_imports_are_undone_one_after_another_in_any_company(bring, undo, chosen):
    before = dump()
    batches = [bring(entity) for entity in DELETED if entity in chosen]
    for batch in reversed(batches):
        undo(batch)
    assert dump() == before


def test_people_territories_and_seats_of_one_table_go_together(bring, undo):
    before = dump()
    undo(bring("person", "territory", "seat"))
    assert dump() == before


def standing():
    with everything():
        rows = Quota.objects.current().order_by("person_id", "period_id")
        return [(row.person_id, row.period_id, row.amount_minor) for row in rows]


def test_quotas_are_superseded_by_what_stood_before_also_one_after_another(bring, undo, cast):
    first = bring("quota", rows=[{"person": "rep@example.com", "on": DAY, "amount": 100_00}])
    before = standing()
    second = bring("quota")
    with pytest.raises(NotUndone, match="was changed since: 1 quota"):
        undo(first)
    undo(second)
    assert standing() == before == [(cast.rep.pk, cast.q2.pk, 100_00)]
    undo(first)
    assert standing() == []
    with everything():
        whys = Quota.objects.values_list("superseded_why", flat=True)
        assert list(whys.order_by("pk")) == ["a test", "import undone", "import undone", "import undone"]
    undo(bring("quota"))


def test_opening_entries_are_countered_with_their_own_stamps_and_rates(bring, undo):
    batch = bring("opening")
    undo(batch)
    with everything():
        rows = list(Credit.objects.filter(kind="opening").order_by("ledger_seq"))
        assert [(row.amount_minor, row.plan_minor, row.booked_minor) for row in rows] == [
            (40_00, 44_00, 48_00),
            (-40_00, -44_00, -48_00),
        ]
        assert (rows[1].seat_id, rows[1].reverses_id) == (rows[0].seat_id, rows[0].pk)
        assert verify_ledger().is_sound
    bring("opening")


def test_an_entry_that_was_put_right_is_not_countered_again(bring, undo):
    batch = bring("opening")
    rows = [{**ROWS["opening"][0], "amount": 1_00, "motion": "renewal"}]
    bring("opening", rows=rows)
    undo(batch)
    with pytest.raises(NotUndone):
        undo(batch)
    second = bring("opening")
    with everything():
        from orders.services import OpeningInput, post_opening

        credit = Credit.objects.filter(event__reason="", amount_minor=40_00).latest("ledger_seq")
        post_opening(
            by=None,
            entries=[
                OpeningInput(credit.person_id, credit.family_id, credit.booked_on, "EUR", -10_00, "right")
            ],
        )
    with pytest.raises(NotUndone, match="changed since: 1 booking"):
        undo(second)


@pytest.mark.parametrize("entity", ["quota", "opening"])
def test_what_is_closed_stays(bring, undo, entity):
    batch = bring(entity)
    with everything():
        Period.objects.filter(code__in=["2026-Q2", "2026-04"]).update(is_closed=True)
    before = dump()
    with pytest.raises(Conflict, match="closed"):
        undo(batch)
    assert dump() == before


def refused(undo: Any, batch: Batch, words: str) -> NotUndone:
    before = dump()
    with pytest.raises(NotUndone, match=words) as caught:
        undo(batch)
    assert dump() == before
    return caught.value


def test_deals_of_imported_accounts_keep_them_until_they_are_undone(bring, undo):
    accounts = bring("account")
    deals = bring("opportunity", rows=[{**ROWS["opportunity"][0], "account": "Nine"}])
    assert refused(undo, accounts, "in use: 1 opportunity").first == [deals]
    undo(deals)
    undo(accounts)


def test_what_a_person_wrote_on_it_keeps_it(bring, undo, acting, cast):
    batch = bring("account")
    with acting(cast.admin):
        Contact.objects.create(account=Account.objects.get(number="N-1"), name="Ann")
        Contact.objects.create(account=Account.objects.get(number="N-1"), name="Ben")
    assert refused(undo, batch, "in use: 2 contacts").first == []


@pytest.mark.parametrize(("number", "name"), [("N-1", "Elf"), ("A-1", "Zwölf")])
def test_a_row_that_was_changed_since_keeps_it(bring, undo, acting, cast, number, name):
    batch = bring("account")
    with acting(cast.admin):
        account = Account.objects.get(number=number)
        Account.objects.change(account.pk, account.version, name=name)
    assert refused(undo, batch, rf"changed since: 1 account \({name}\)").first == []


def test_a_place_that_was_replaced_since_keeps_it(bring, undo, acting, cast):
    batch = bring("seat")
    with acting(cast.admin):
        Seat.objects.get(kind="overlay").replaced(stops_on=DAY + timedelta(days=9))
    assert refused(undo, batch, "changed since: 1 seat").first == []


def test_people_who_signed_in_stay(bring, undo, acting, cast):
    batch = bring("person")
    with acting(cast.admin):
        User.objects.filter(email="new@example.com").update(last_login=timezone.now())
    before = dump()
    with pytest.raises(Conflict, match="Nora New signed in already"):
        undo(batch)
    assert dump() == before


def test_seats_on_which_published_figures_stand_stay(bring, undo, owner, cast):
    batch = bring("seat")
    owner.execute(
        "INSERT INTO common_run (job, as_of, state, changed_rows, input_hash, output_hash, error, finished_at)"
        " VALUES ('attainment', '2026-05-19', 'published', 0, '', '', '', clock_timestamp())"
    )
    owner.execute(
        "INSERT INTO quotas_quotacell (node_id, period_id, rolled_minor) VALUES (%s, %s, 5)",
        [cast.territories["West"].pk, cast.q2.pk],
    )
    assert refused(undo, batch, "in use: 1 published figure").first == []
    owner.execute("DELETE FROM quotas_quotacell")
    undo(batch)


def test_an_account_that_was_here_before_is_followed_back_by_its_deals(bring, undo, acting, cast, owner):
    with acting(cast.admin):
        account = Account.objects.create(name="Loose", number="L", territory=cast.territories["Unassigned"])
    batch = bring("account", rows=[{**ROWS["account"][1], "number": "L", "name": "Loose"}])
    owner.execute("DELETE FROM accounts_movedaccount")
    undo(batch)
    with acting(cast.admin):
        account.refresh_from_db()
        assert account.territory_id == cast.territories["Unassigned"].pk
        assert list(MovedAccount.objects.values_list("account_id", flat=True)) == [account.pk]


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"state": "undone"}, "undone already"),
        ({"state": "checked"}, "not applied"),
        ({"table": ""}, "folder"),
    ],
)
def test_only_an_applied_table_is_undone(bring, undo, owner, facts, words):
    batch = bring("family")
    for name, value in facts.items():
        owner.execute(f'UPDATE imports_batch SET "{name}" = %s', [value])
    before = dump()
    refused(undo, batch, words)
    assert dump() == before


ROWS_OF = [
    (User, False), (Territory, False), (Account, False), (Opportunity, False), (Stage, False),
    (Seat, True), (Edge, True), (RoleGrant, True), (AccountTerritory, True),
]  # fmt: skip


@pytest.mark.parametrize(("model", "is_dated"), ROWS_OF)
def test_outside_of_undoing_nothing_is_deleted(cast, acting, model, is_dated):
    statement = f"DELETE FROM {model._meta.db_table} WHERE id = (SELECT max(id) FROM {model._meta.db_table})"
    with acting(cast.admin), connection.cursor() as cursor:
        for instant in ["", *(["2020-01-01T00:00:00Z"] if is_dated else [])]:
            cursor.execute("SELECT set_config('app.undo', %s, true)", [instant])
            with pytest.raises(IntegrityError), transaction.atomic():
                cursor.execute(statement)


def test_the_button_takes_it_back_and_a_refusal_says_what_goes_first(bring, browse, cast):
    accounts = bring("account")
    deals = bring("opportunity", rows=[{**ROWS["opportunity"][0], "account": "Nine"}])
    client = browse(cast.admin)
    answer = client.post(f"/imports/{accounts.pk}/undo/", {})
    assert answer.status_code == 409
    assert f"/imports/{deals.pk}/" in answer.content.decode()
    assert "in use: 1 opportunity" in answer.content.decode()
    for batch in (deals, accounts):
        assert client.post(f"/imports/{batch.pk}/undo/", {}).status_code == 302
    assert client.post("/imports/999999/undo/", {}).status_code == 404
    assert client.get(f"/imports/{accounts.pk}/undo/").status_code == 405
    assert browse(cast.rep).post(f"/imports/{accounts.pk}/undo/", {}).status_code == 403
