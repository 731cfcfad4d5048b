"""An import is taken back whole and leaves what was there before, or it stays and says why."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from accounts.models import Account, AccountTerritory, Contact, MovedAccount
from catalog.models import Family, Product
from common.errors import Conflict
from common.importing import Row
from common.models import Period, Rate, Setting
from imports.models import Batch
from imports.rules.steps import STEPS
from imports.services import NotUndone, undo_batch
from imports.services.folders import APPLY
from orders.models import BookingEvent, Credit
from orders.rollup import verify_ledger
from orders.services import LineInput, OpeningInput, book, post_opening
from pipeline.models import Opportunity, OpportunityLine, Stage, StageVisit
from pipeline.services import follow_accounts
from quotas.models import Quota
from territories.models import Edge, RoleGrant, Seat, Territory, User
from tests.imports.company import everything
from tests.imports.tables import Tables, applied

DAY = date(2026, 5, 1)
TABLES = """SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
    AND (table_name NOT LIKE '%event' OR table_name = 'orders_bookingevent')
    AND table_name NOT IN ('imports_batch', 'common_idempotencykey', 'django_session', 'accounts_accountcount',
                           'common_rowchange')
    ORDER BY 1"""  # counts come and go in rows of their own (tests/accounts/test_counts.py); what changed stays noted
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
TABLE_OF = {reading.entity: step.name for step in STEPS.values() for reading in step.readings}
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
            return applied(cast.admin, TABLE_OF[entities[-1]])

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


def lines_of(*cells: Any) -> Any:
    """Some lines of a table, no two of one name in the first column; `cells` are what each column may say."""
    line = st.tuples(*(st.sampled_from(words) for words in cells))
    return st.lists(line, min_size=1, max_size=4, unique_by=lambda one: one[0])


NAMES, CODES = ["Nora", "Nils", "Noor"], ["NORTH", "NEAR", "EAST-1"]
DRAWN = st.one_of(
    st.tuples(
        st.just("territories"), st.just("Code | Name | Parent"),
        lines_of(CODES, ["North", "Nearby"], ["EAST-TEAM"]),
    ),
    st.tuples(
        st.just("people"), st.just("E-mail | Name | Role | Manager"),
        lines_of(["a@x.example", "b@x.example", "rep@example.com"], NAMES, ["rep", "manager"], ["", "Dora Director"]),
    ),
    st.tuples(
        st.just("products"), st.just("Code | Name | Family | List price"),
        lines_of(["SAW", "AXE", "SERVER"], ["Saw", "Axe"], ["Software", "Tools"], ["5", "7"]),
    ),
    st.tuples(
        st.just("accounts"), st.just("Number | Name | Territory | Town"),
        lines_of(["N-1", "N-2", "A-1"], ["Nine", "Ten", "Acorn"], ["", "EAST-1"], ["", "Ulm", "Bonn"]),
    ),
)  # fmt: skip


def company() -> dict[str, list[str]]:
    """Every row but of the queue of accounts whose deals are to follow them: that they follow back is no row less."""
    return {name: rows for name, rows in dump().items() if name != "accounts_movedaccount"}


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(drawn=st.lists(DRAWN, min_size=1, max_size=4))
def test_any_tables_are_undone_one_after_another(cast, undo, drawn):
    """Each leaves the company as the table before it left it; what can't be brought in leaves it as it was."""
    tables, states, batches = Tables(cast.admin), [company()], []
    for table, header, lines in drawn:
        batch = tables.check(table, header, *(" | ".join(line) for line in lines))
        assert company() == states[-1]
        counts = batch.counts.values()
        if not batch.rejects and any(count["created"] + count["changed"] for count in counts):
            batches.append(tables.apply(batch))
            states.append(company())
    event(f"{len(batches)} tables brought in")
    for batch in reversed(batches):
        assert company() == states.pop()
        undo(batch)
    assert company() == states.pop()


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


def test_a_seat_under_which_credit_was_booked_stays(bring, undo, acting, cast):
    batch = bring(
        "seat",
        rows=[{"person": "admin@example.com", "territory": "WEST", "kind": "overlay", "starts_on": DAY}],
    )
    with everything():
        facts = (cast.admin.pk, cast.families["Hardware"].pk, DAY, "USD", 5_00, "by hand")
        post_opening(by=None, entries=[OpeningInput(*facts)])
        assert Credit.objects.get().seat_id == cast.territories["West"].pk
    assert refused(undo, batch, "in use: 1 entry of the books").first == []


def test_a_place_of_an_account_that_ordered_since_stays(bring, undo, acting, cast):
    with acting(cast.admin):
        Account.objects.create(name="Loose", number="L", territory=cast.territories["Unassigned"])
    batch = bring("account", rows=[{"number": "L", "name": "Loose", "territory": "EAST-1", "starts_on": DAY}])
    with everything():
        lines = [LineInput(cast.products["Licence"].pk, 1, 5_00)]
        order = {"booked_on": date(2026, 5, 12), "currency": "USD", "motion": "new", "shares": []}
        book(by=cast.rep.pk, account_id=Account.objects.get(number="L").pk, lines=lines, **order)
    assert refused(undo, batch, "in use: 1 booking").first == []


def test_an_account_that_waits_for_its_deals_to_follow_is_undone(bring, undo):
    account = {"number": "L", "name": "Loose"}
    first = bring("account", rows=[account])
    undo(bring("account", rows=[{**account, "territory": "EAST-1", "starts_on": DAY}]))
    undo(first)
    with everything():
        assert not Account.objects.filter(number="L").exists()
        assert MovedAccount.objects.exists()
    with everything(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE salesops_worker")
        assert follow_accounts() == 0
        assert not MovedAccount.objects.exists()


def test_the_history_of_what_was_undone_is_there_for_who_sees_all(bring, undo, acting, cast):
    batch = bring("account")
    with acting(cast.admin):
        undone_one = Account.objects.get(number="N-1").pk
    undo(batch)
    history: Any = Account._meta.get_field("history").related_model
    events = history.objects.filter(pgh_obj_id=undone_one).order_by("pgh_id")
    for person, labels in ((cast.admin, ["insert", "delete"]), (cast.rep, [])):
        with acting(person):
            assert [event.pgh_label for event in events.all() if event.pgh_label != "update"] == labels


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
        ({"state": "undone", "undone_at": "2026-05-20"}, "undone already"),
        ({"state": "checked", "applied_at": None, "request_id": None}, "not applied"),
        ({"table": ""}, "folder"),
    ],
)
def test_only_an_applied_table_is_undone(bring, undo, owner, facts, words):
    batch = bring("family")
    sets = ", ".join(f'"{name}" = %s' for name in facts)
    owner.execute(f"UPDATE imports_batch SET {sets}", list(facts.values()))
    before = dump()
    refused(undo, batch, words)
    assert dump() == before


GUARDED = {
    "rows of this table are not deleted": (
        User,
        Territory,
        Family,
        Product,
        Account,
        Opportunity,
        OpportunityLine,
    ),
    "a dated row is superseded once": (Seat, Edge, RoleGrant, AccountTerritory),
    "this table is append-only": (StageVisit,),
    "permission denied": (Stage, Quota, Rate, Setting, Credit, BookingEvent),
}


@pytest.mark.parametrize(
    ("model", "words"), [(model, words) for words, models in GUARDED.items() for model in models]
)
def test_no_row_is_deleted_but_by_undoing_the_import_that_made_it(cast, acting, bring, owner, model, words):
    bring("opportunity", "quota", "opening")
    other = bring("family")
    name = model._meta.db_table
    with acting(cast.admin), connection.cursor() as cursor:
        Setting.objects.create(name="new_customer_months", value=6, starts_on=DAY)
        for request in ("", str(other.request_id) if model is not Family else "", str(uuid4())):
            cursor.execute("SELECT set_config('app.undo', %s, true)", [request])
            with pytest.raises(DatabaseError, match=words), transaction.atomic():
                cursor.execute(f"DELETE FROM {name} WHERE id = (SELECT min(id) FROM {name})")


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
