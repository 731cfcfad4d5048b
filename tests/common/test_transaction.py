"""Who, why and when of every change; rolled back as a whole; done once."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import Account
from catalog.models import Family
from common.access import Reach
from common.errors import Conflict, Refused, Stale
from common.models import IdempotencyKey
from common.selectors import the_organisation, today
from common.services import edit_organisation
from common.transaction import act, context, job, widened, work
from orders.models import LedgerHead
from tests.cast import Cast


@act
def rename(*, by: int, pk: int, name: str) -> None:
    Account.objects.filter(pk=pk).update(name=name)


def test_a_text_that_is_too_long_is_refused_in_words(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        with pytest.raises(Refused) as refused:
            rename(by=cast.admin.pk, pk=cast.accounts["Acorn"].pk, name="x" * 161)
        assert refused.value.code == "out_of_range"
        assert Account.objects.get(pk=cast.accounts["Acorn"].pk).name == "Acorn"


def test_an_act_needs_a_transaction_with_who_and_why(cast: Cast) -> None:
    with pytest.raises(ImproperlyConfigured):
        rename(by=1, pk=1, name="x")
    with pytest.raises(ImproperlyConfigured):
        context()


def test_a_change_without_context_is_refused_by_the_database(cast: Cast) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Family.objects.filter(pk=cast.families["Hardware"].pk).update(name="Quietly")


def test_history_says_who_and_why(cast: Cast, acting: Any, owner: Any) -> None:
    account = cast.accounts["Acorn"]
    with acting(cast.rep, why="POST /accounts/1/"):
        rename(by=cast.rep.pk, pk=account.pk, name="Acorn Ltd")
    owner.execute(
        "SELECT name, pgh_context->>'by', pgh_context->>'why' FROM accounts_accountevent "
        "WHERE pgh_obj_id = %s ORDER BY pgh_id DESC LIMIT 1",
        [account.pk],
    )
    assert owner.fetchone() == ("Acorn Ltd", str(cast.rep.pk), "POST /accounts/1/")


def test_history_can_be_neither_changed_nor_removed(cast: Cast, acting: Any) -> None:
    for statement in ("UPDATE accounts_accountevent SET name = 'x'", "DELETE FROM accounts_accountevent"):
        with (
            pytest.raises(Exception, match="permission denied"),
            acting(cast.admin),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_an_edit_of_an_old_version_is_stale_and_changes_nothing(cast: Cast, acting: Any) -> None:
    account = cast.accounts["Acorn"]
    with acting(cast.rep):
        Account.objects.change(account.pk, account.version, name="First")
        with pytest.raises(Stale):
            Account.objects.change(account.pk, account.version, name="Second")
        assert Account.objects.get(pk=account.pk).name == "First"


def test_a_refusal_of_the_database_speaks(cast: Cast, acting: Any) -> None:
    @act
    def clash(*, by: int) -> None:
        Account.objects.filter(pk=cast.accounts["Acorn"].pk).update(parent=cast.accounts["Acorn"].pk)

    with acting(cast.admin), pytest.raises(Refused, match="own parent") as refused:
        clash(by=cast.admin.pk)
    assert refused.value.code == "account_not_own_parent"


def test_what_was_read_once_is_read_again_after_a_change(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        company = the_organisation()
        edit_organisation(by=cast.admin.pk, version=company.version, name="Another name")
        assert (company.name, the_organisation().name) == ("Cast Company", "Another name")


def test_no_midnight_falls_into_a_transaction(cast: Cast, acting: Any, clock: Any) -> None:
    with acting(cast.rep):
        day = today()
        clock.shift(timedelta(days=1))
        assert today() == day
    assert today() == day + timedelta(days=1)


def test_a_view_that_is_wide_already_is_not_widened_again(cast: Cast, acting: Any) -> None:
    with acting(cast.rep), widened("account", "contact"):
        with CaptureQueriesContext(connection) as asked, widened("account"):
            pass
        assert len(asked) == 0
        assert Account.objects.count() == 3


def test_jobs_wait_at_one_gate(cast: Cast, owner: Any) -> None:
    owner.connection.autocommit = False
    owner.execute("LOCK TABLE common_rungate IN EXCLUSIVE MODE")
    with pytest.raises(Conflict, match="in progress"), job("the night"):
        pass
    owner.connection.rollback()
    with job("the night") as running:
        assert running.reach == Reach.everything()


def test_an_answer_of_400_or_more_rolls_back_its_key_too(cast: Cast, browse: Any) -> None:
    key = uuid.uuid4().hex
    answer = browse(cast.admin).post(
        "/catalogue/families/new/", {"idempotency_key": key, "name": "", "code": ""}
    )
    assert answer.status_code == 422
    assert not IdempotencyKey.objects.filter(key=key).exists()


def test_the_same_key_happens_once_and_answers_the_same(cast: Cast, browse: Any) -> None:
    client, key = browse(cast.admin), uuid.uuid4().hex
    body = {"idempotency_key": key, "name": "Services", "code": "SERVICES"}
    first = client.post("/catalogue/families/new/", body)
    second = client.post("/catalogue/families/new/", body)
    assert (first.status_code, first["Location"]) == (second.status_code, second["Location"])
    assert Family.objects.filter(code="SERVICES").count() == 1


def test_a_key_with_another_body_is_refused(cast: Cast, browse: Any) -> None:
    client, key = browse(cast.admin), uuid.uuid4().hex
    client.post("/catalogue/families/new/", {"idempotency_key": key, "name": "Services", "code": "SERVICES"})
    answer = client.post(
        "/catalogue/families/new/", {"idempotency_key": key, "name": "Support", "code": "SUPPORT"}
    )
    assert answer.status_code == 422
    assert not Family.objects.filter(code="SUPPORT").exists()


def test_a_post_without_a_key_is_refused_with_428(cast: Cast, browse: Any) -> None:
    answer = browse(cast.admin).post(
        "/catalogue/families/new/", {"idempotency_key": "", "name": "Services", "code": "SERVICES"}
    )
    assert answer.status_code == 428


def test_the_ledger_head_is_one_row(cast: Cast) -> None:
    with work(by=None, why="a test", reach=Reach.everything()):
        assert LedgerHead.objects.count() == 1


def test_another_transaction_is_looked_at_as_long_as_it_lasts(cast: Cast, acting: Any, owner: Any) -> None:
    def names(snapshot: bool | str) -> list[str]:
        with work(by=None, why="look", reach=Reach.everything(), snapshot=snapshot):
            return list(Account.objects.filter(pk=cast.accounts["Acorn"].pk).values_list("name", flat=True))

    owner.execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT pg_export_snapshot()")
    snapshot = owner.fetchone()[0]
    with acting(cast.rep):
        rename(by=cast.rep.pk, pk=cast.accounts["Acorn"].pk, name="Acorn Ltd")
    assert (names(snapshot), names(snapshot=True)) == (["Acorn"], ["Acorn Ltd"])
    owner.execute("ROLLBACK")
    for name in (snapshot, "no such name"):
        with pytest.raises(Conflict) as gone:
            names(name)
        assert gone.value.code == "snapshot_gone"
