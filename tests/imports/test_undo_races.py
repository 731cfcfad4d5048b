"""An import is undone while somebody else works on what it brought in: nothing is lost, nothing comes twice."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from time import monotonic, sleep
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from accounts.models import Account
from common.importing import Row
from common.models import Period
from imports.models import Batch
from imports.services import NotUndone, import_folder, undo_batch
from imports.services.folders import APPLY
from orders.models import Credit
from orders.rollup import verify_ledger
from orders.services import OpeningInput, post_opening
from quotas.models import Quota
from quotas.services import set_quota
from territories.models import User
from tests.imports.company import everything
from tests.imports.tables import Tables, applied, as_admin
from tests.workspace.at_once import at_once

DAY = date(2026, 10, 5)
PROFILE = """
name = "more"
[company]
name = "Cast Company"
reporting_currency = "USD"
time_zone = "America/New_York"
locale = "en-US"
fiscal_start_month = 1
first_year = 2026
last_year = 2026
[style]
dates = "YYYY-MM-DD"
decimal = "."
[[table]]
entity = "account"
file = "accounts.csv"
[table.fields]
number = "no"
name = "name"
"""


@pytest.fixture
def tables(cast: Any) -> Tables:
    return Tables(cast.admin)


@pytest.fixture
def undo(cast: Any) -> Callable[[Batch], Any]:
    """What undoing answered, or its refusal."""

    def run(batch: Batch) -> Any:
        try:
            with as_admin(cast.admin):
                return undo_batch(by=cast.admin.pk, batch_id=batch.pk)
        except NotUndone as refusal:
            return refusal

    return run


@pytest.fixture
def meanwhile(owner: Any) -> Iterator[Callable[[Callable[[], Any]], Future[Any]]]:
    """Start a call on another connection; comes back as soon as it is done or waits for a lock."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"

    def run(call: Callable[[], Any]) -> Any:
        try:
            return call()
        finally:
            connections.close_all()

    def start(call: Callable[[], Any]) -> Future[Any]:
        job, until = pool.submit(run, call), monotonic() + 20
        while monotonic() < until and not job.done():
            owner.execute(waiting)
            if owner.fetchone()[0]:
                break
            sleep(0.01)
        return job

    with ThreadPoolExecutor(1) as pool:
        yield start


def test_one_import_is_undone_twice_at_once(tables, undo, cast):
    batch = tables.bring("accounts", "Number | Name", "N-1 | Nine")
    answers = at_once(lambda: undo(batch), lambda: undo(batch))
    (refused,) = [answer for answer in answers if isinstance(answer, NotUndone)]
    assert str(refused.message) == "This import was undone already."
    with everything():
        assert not Account.objects.filter(number="N-1").exists()


def known(rows: list[Quota]) -> dict[Any, list[int]]:
    """Which amounts were known at each instant at which one came or went."""
    instants = {row.recorded_at for row in rows} | {row.superseded_at for row in rows if row.superseded_at}
    return {
        at: [
            row.amount_minor
            for row in rows
            if row.recorded_at <= at and (row.superseded_at is None or at < row.superseded_at)
        ]
        for at in sorted(instants)
    }


def test_undone_quotas_give_back_what_a_colleague_set_while_the_import_waited(cast, undo, meanwhile):
    with everything():
        quarter = Period.objects.get(code="2026-Q4")

    def set_it(amount: int, reason: str = "") -> None:
        with as_admin(cast.admin):
            whose = {"person_id": cast.rep.pk, "period_id": quarter.pk}
            set_quota(by=cast.admin.pk, amount_minor=amount, reason=reason, **whose)

    set_it(5_00)
    with as_admin(cast.admin):
        meanwhile(lambda: set_it(7_00, "more")).result(20)
        rows = [Row("table", 2, {"person": cast.rep.email, "on": DAY, "amount": 9_00})]
        assert APPLY["quota"](by=cast.admin.pk, entity="quota", rows=rows).changed == 1
        batch = applied(cast.admin, "quotas")
    undone = undo(batch)
    assert undone.state == "undone"
    with everything():
        versions = list(Quota.objects.filter(person=cast.rep, period=quarter).order_by("pk"))
    assert [(row.amount_minor, row.superseded_at is None) for row in versions] == [
        (5_00, False), (7_00, False), (9_00, False), (7_00, True),
    ]  # fmt: skip
    assert list(known(versions).values()) == [[5_00], [7_00], [9_00], [7_00]]


def test_an_opening_entry_is_put_right_by_hand_while_it_is_undone(tables, undo, meanwhile, cast):
    header = "Person | Day | Family | Amount | Currency"
    batch = tables.bring("openings", header, "Rita Rep | 2026-04-03 | Hardware | 40 | EUR")
    facts = (cast.rep.pk, cast.families["Hardware"].pk, date(2026, 4, 3), "EUR", -40_00, "by hand")
    with everything():
        post_opening(by=None, entries=[OpeningInput(*facts)])
        job = meanwhile(lambda: undo(batch))
    refused = job.result(20)
    assert isinstance(refused, NotUndone)
    assert "changed since: 1 booking" in str(refused.message)
    with everything():
        assert sum(row.amount_minor for row in Credit.objects.filter(kind="opening")) == 0
        assert verify_ledger().is_sound


def test_a_folder_is_brought_in_while_the_accounts_that_it_names_are_undone(
    tables, meanwhile, cast, tmp_path
):
    batch = tables.bring("accounts", "Number | Name", "N-1 | Nine")
    (tmp_path / "accounts.csv").write_text("no,name\nN-1,Nine again\n")

    def bring() -> Any:
        with everything():
            return import_folder(by=None, profile_text=PROFILE, folder=tmp_path)

    with everything():
        undone_one = Account.objects.get(number="N-1").pk
    with as_admin(cast.admin):
        undo_batch(by=cast.admin.pk, batch_id=batch.pk)
        job = meanwhile(bring)
    applied = job.result(20)
    assert applied.counts["account"].created == 1
    with everything():
        account = Account.objects.get(number="N-1")
        assert account.name == "Nine again"
        assert account.pk != undone_one


def test_somebody_signs_in_while_their_import_is_undone(tables, meanwhile, undo):
    batch = tables.bring("people", "Name | E-mail | Role", "Ann | ann@x.example | rep")
    with everything():
        User.objects.filter(email="ann@x.example").update(last_login=timezone.now())
        job = meanwhile(lambda: _answer(undo, batch))
    assert "Ann signed in already" in job.result(20)
    with everything():
        assert User.objects.filter(email="ann@x.example").exists()


def _answer(undo: Any, batch: Batch) -> str:
    try:
        return str(undo(batch).state)
    except Exception as refusal:  # noqa: BLE001  whatever it says
        return str(refusal)
