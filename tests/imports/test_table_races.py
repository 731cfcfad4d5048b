"""Two administrators at once: one is served, the other is told in plain words; never a half, never a lock-up."""

from datetime import date
from functools import partial
from html import unescape
from time import monotonic

import pytest
from django.db import OperationalError, connection

from common.errors import Refused
from common.importing import Row
from common.models import Period
from imports.models import Batch
from imports.services.turns import in_a_moment
from pipeline.models import Opportunity
from pipeline.services import apply_import
from quotas.models import Quota
from quotas.services import set_quota
from territories.models import User
from territories.services import edit_person
from tests.imports.company import everything
from tests.imports.tables import Tables, as_admin, pasted
from tests.imports.test_table_import import check, hidden, url
from tests.imports.test_undo_races import meanwhile
from tests.orders.test_book import order_of
from tests.workspace.at_once import at_once as together

__all__ = ["meanwhile"]


def at_once(*acts):
    """What each answered that starts with the others, or the refusal that it met."""
    return together(*(partial(answer_of, act) for act in acts))


def answer_of(act):
    try:
        return act()
    except Refused as refusal:
        return refusal


@pytest.fixture
def second(cast, owner):
    """A second administrator."""
    owner.execute(
        "INSERT INTO territories_rolegrant (user_id, role, starts_on) VALUES (%s, 'admin', '2025-01-01')",
        [cast.coordinator.pk],
    )
    return cast.coordinator


def arrived():
    with everything():
        people = User.objects.filter(email__endswith="@x.example")
        return people.count(), Batch.objects.filter(state="applied").count()


def test_one_checked_table_sent_twice_comes_in_once(cast, browse):
    one, other = browse(cast.admin), browse(cast.admin)
    form = hidden(check(one))
    forms = [{**form, "idempotency_key": f"another-key-{number}"} for number in range(2)]
    answers = at_once(
        lambda: one.post(url(), forms[0], follow=True), lambda: other.post(url(), forms[1], follow=True)
    )
    pages = sorted(unescape(answer.content.decode()) for answer in answers)
    assert [answer.status_code for answer in answers] == [200, 200]
    told = "This table is in already; nothing was brought in twice."
    assert sorted(told in page for page in pages) == [False, True]
    assert sorted("1 person: all of it is in." in page for page in pages) == [False, True]
    assert arrived() == (1, 1)


def test_two_administrators_bring_in_the_same_rows(cast, browse, second):
    one, other = browse(cast.admin), browse(second)
    mine, theirs = hidden(check(one)), hidden(check(other))
    answers = at_once(lambda: one.post(url(), mine), lambda: other.post(url(), theirs))
    assert sorted(answer.status_code for answer in answers) == [302, 409]
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert "Nothing to do: all of it is here already" in refused.content.decode()
    assert arrived() == (1, 1)


def test_two_administrators_look_at_the_same_rows_in_another_order(cast, browse, second):
    lines = [f"Rep {number} | r{number}@x.example | rep" for number in range(200)]
    asked = [(cast.admin, lines), (second, lines[::-1])]
    acts = [
        lambda person=person, own=own: Tables(person).check("people", "Name | E-mail | Role", *own)
        for person, own in asked
    ]
    found = at_once(*acts)
    assert [(batch.counts["person"]["created"], batch.rejects) for batch in found] == [(200, []), (200, [])]
    assert arrived() == (0, 0)


def test_a_person_is_renamed_while_their_table_is_undone(cast, browse, second):
    batch = Tables(cast.admin).bring("people", "Name | E-mail | Role", "Ann | ann@x.example | rep")
    with everything():
        ann = User.objects.get(email="ann@x.example")
    client = browse(second)

    def rename():
        with as_admin(cast.admin):
            return edit_person(by=cast.admin.pk, user_id=ann.pk, version=1, name="Anna")

    renamed, undone = at_once(rename, lambda: client.post(f"/imports/{batch.pk}/undo/", {}))
    if isinstance(renamed, Refused):
        assert (undone.status_code, arrived()) == (302, (0, 0))
        assert renamed.code in ("not_found", "stale")
    else:
        assert (undone.status_code, arrived()) == (409, (1, 1))
        assert "changed since: 1 person (Anna)" in undone.content.decode()


def test_two_set_the_first_quota_of_one_person(cast, second):
    with everything():
        quarter = Period.objects.get(code="2026-Q4")

    def ask(person, amount):
        with as_admin(person):
            whom = {"person_id": cast.rep.pk, "period_id": quarter.pk}
            return set_quota(by=person.pk, amount_minor=amount, **whom)

    answers = at_once(lambda: ask(cast.admin, 5_00), lambda: ask(second, 6_00))
    (refused,) = [answer for answer in answers if isinstance(answer, Refused)]
    assert str(refused.message) in (
        "Say why the quota changes; both versions are kept.",
        "There already is a quota for this period; change that one.",
    )
    with everything():
        rows = Quota.objects.current().filter(person=cast.rep, period=quarter)
        assert rows.count() == 1


def test_a_quota_is_set_while_a_table_brings_it(cast, second):
    with everything():
        quarter = Period.objects.get(code="2026-Q4")
    tables = Tables(cast.admin)
    batch = tables.check("quotas", "Person | 2026-Q4", "Rita Rep | 5")
    assert batch.rejects == []

    def set_it():
        with as_admin(second):
            return set_quota(by=second.pk, person_id=cast.rep.pk, period_id=quarter.pk, amount_minor=6_00)

    answers = at_once(lambda: tables.apply(batch), set_it)
    assert sum(isinstance(answer, Refused) for answer in answers) == 1
    with everything():
        assert Quota.objects.current().filter(person=cast.rep, period=quarter).count() == 1


HELD = {
    "the turn": "SELECT pg_advisory_xact_lock(hashtext('imports_turn'))",
    "a deal": "SELECT id FROM pipeline_opportunity FOR NO KEY UPDATE",
}


@pytest.mark.parametrize("held", HELD)
def test_a_look_does_not_wait_for_who_is_at_it_but_says_so(cast, browse, owner, held):
    text = pasted(
        "Number | Name | Account | Owner | Stage | Close date",
        "O-1 | Acorn renewal | Acorn | Rita Rep | Proposal | 2026-06-15",
    )
    client = browse(cast.admin)
    owner.execute("BEGIN")
    owner.execute(HELD[held])
    started = monotonic()
    busy = check(client, text, "opportunities")
    assert monotonic() - started < 10
    owner.execute("ROLLBACK")
    assert busy.status_code == 409
    page = unescape(busy.content.decode())
    assert "Somebody is bringing in or saving something just now. Try again in a moment." in page
    assert "O-1\tAcorn renewal" in page
    assert "Bring in 1 opportunity" in check(client, text, "opportunities").content.decode()


def test_a_deal_that_is_won_while_a_file_brings_it_stays_won(cast, meanwhile):
    values = {
        "number": "O-1", "name": "Acorn renewal", "account": "Acorn", "owner": "rep@example.com", "stage": "Proposal",
        "currency": "USD", "motion": "new", "created_on": date(2026, 2, 2), "close_on": date(2026, 6, 15),
    }  # fmt: skip

    def bring():
        with everything():
            return apply_import(by=None, entity="opportunity", rows=[Row("deals.csv", 2, values)])

    with as_admin(cast.admin):
        deal = Opportunity.objects.get(number="O-1")
        order_of(
            cast,
            by=cast.admin,
            opportunity_id=deal.pk,
            opportunity_version=deal.version,
            owner_id=cast.rep.pk,
        )
        job = meanwhile(bring)
    assert [one.problem for one in job.result(20).rejects] == ["It is won here."]
    with everything():
        assert Opportunity.objects.get(number="O-1").state == "won"


def test_a_table_is_brought_in_while_a_colleague_saves_the_same_deal(cast, meanwhile):
    tables = Tables(cast.admin)
    batch = tables.check(
        "opportunities",
        "Number | Name | Account | Owner | Stage | Close date",
        "O-1 | Acorn renewal | Acorn | Rita Rep | Proposal | 2026-06-15",
    )
    with as_admin(cast.admin):
        deal = Opportunity.objects.get(number="O-1")
        Opportunity.objects.change(deal.pk, deal.version, amount_minor=500_00)
        job = meanwhile(lambda: answer_of(lambda: tables.apply(batch)))
    assert job.result(20).code == "changed_since"
    with everything():
        deal = Opportunity.objects.get(number="O-1")
        assert (deal.amount_minor, deal.stage.name) == (500_00, "Negotiation")


def test_only_what_others_hold_is_called_busy(cast):
    def sleep():
        with in_a_moment(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 1")
            cursor.execute("SELECT pg_sleep(1)")

    with as_admin(cast.admin), pytest.raises(OperationalError, match="statement timeout"):
        sleep()
