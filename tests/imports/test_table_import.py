"""The page of a table: looked at as soon as it is pasted, brought in whole, and shown again where anything changed."""

import re

import pytest

from common.errors import Conflict
from imports.models import Batch
from imports.rules.steps import STEPS
from pipeline.models import Opportunity
from quotas.models import Quota
from quotas.services import set_quota
from territories.models import User
from tests.imports.company import everything
from tests.imports.tables import Tables, as_admin, pasted, workbook

PEOPLE = pasted("Name | E-mail | Role | Manager", "Ann Baker | ann@x.example | rep | Mona Manager")


def url(table="people"):
    return f"/setup/tables/{table}/"


def check(client, text=PEOPLE, table="people", **more):
    return client.post(url(table), {"action": "check", "text": text}, **more)


def hidden(answer):
    """The hidden fields of the form that brings it in."""
    page = answer.content.decode()
    form = page[page.index('value="apply"') - 400 :]
    found = dict(re.findall(r'name="(batch|shown|idempotency_key)" value="([^"]+)"', form))
    return {"action": "apply", **found}


@pytest.mark.parametrize("table", STEPS)
def test_every_table_has_its_page(cast, browse, table):
    page = browse(cast.admin).get(url(table)).content.decode()
    assert f"/setup/tables/{table}/sample.xlsx" in page
    assert all(column.name in page for column in STEPS[table].columns)


def test_a_table_is_shown_then_brought_in_with_one_form(cast, browse):
    client = browse(cast.admin)
    checked = check(client, headers={"HX-Request": "true"})
    text = checked.content.decode()
    assert "<html" not in text
    assert "1 person" in text
    assert "1 new, 0 changed, 0 the same" in text
    assert "Bring in 1 person" in text
    with everything():
        assert not User.objects.filter(email="ann@x.example").exists()
    done = client.post(url(), hidden(checked), follow=True)
    assert "1 person: all of it is in." in done.content.decode()
    with everything():
        batch = Batch.objects.get()
        assert (batch.state, batch.by_id, batch.style["lines"]) == ("applied", cast.admin.pk, 1)
        assert batch.request_id is not None
        assert batch.applied_at is not None
        assert User.objects.get(email="ann@x.example").seats.get().territory.name == "Ann Baker's territory"


def test_without_a_script_the_page_keeps_what_was_typed(cast, browse):
    page = check(browse(cast.admin), PEOPLE.replace("ann@x.example", "")).content.decode()
    assert "<html" in page
    assert "Ann Baker\trep" not in page
    assert "Ann Baker\t\trep" in page
    assert "It is empty. Fill it in." in page
    assert "Bring in" not in page


def test_the_same_table_again_changes_nothing_and_says_so(cast, browse):
    client = browse(cast.admin)
    client.post(url(), hidden(check(client)))
    again = check(client).content.decode()
    assert "Nothing to do: all of it is here already" in again
    assert "0 new, 0 changed, 1 the same" in again


def test_two_administrators_at_the_same_step_are_told_and_bring_it_in_once(cast, browse, owner):
    owner.execute(
        "INSERT INTO territories_rolegrant (user_id, role, starts_on) VALUES (%s, 'admin', '2025-01-01')",
        [cast.coordinator.pk],
    )
    one, other = browse(cast.admin), browse(cast.coordinator)
    mine, theirs = hidden(check(one)), hidden(check(other))
    one.post(url(), mine)
    told = other.post(url(), theirs)
    page = told.content.decode()
    assert told.status_code == 409
    assert "Ada Admin brought in import" in page
    assert "Nothing to do: all of it is here already" in page
    with everything():
        assert User.objects.filter(email="ann@x.example").count() == 1
        assert Batch.objects.filter(state="applied").count() == 1


def test_the_button_of_the_page_that_says_what_changed_brings_in_the_rest(cast, browse, owner):
    owner.execute(
        "INSERT INTO territories_rolegrant (user_id, role, starts_on) VALUES (%s, 'admin', '2025-01-01')",
        [cast.coordinator.pk],
    )
    one, other = browse(cast.admin), browse(cast.coordinator)
    theirs = hidden(check(other, f"{PEOPLE}\r\nBo Bond\tbo@x.example\trep\tMona Manager"))
    one.post(url(), hidden(check(one)))
    told = other.post(url(), theirs)
    assert told.status_code == 409
    assert "1 new, 0 changed, 1 the same" in told.content.decode()
    done = other.post(url(), hidden(told), follow=True)
    assert "1 person: all of it is in." in done.content.decode()
    with everything():
        assert User.objects.filter(email__endswith="@x.example").count() == 2


def test_what_somebody_changed_since_the_look_is_not_overwritten_unseen(cast, browse):
    text = pasted(
        "Number | Name | Account | Owner | Stage | Amount | Close date",
        "O-1 | Acorn renewal | Acorn | Rita Rep | Proposal | 120 | 2026-06-15",
    )
    client = browse(cast.admin)
    form = hidden(check(client, text, "opportunities"))
    with as_admin(cast.admin):
        deal = Opportunity.objects.get(number="O-1")
        Opportunity.objects.change(deal.pk, deal.version, amount_minor=500_00)
    told = client.post(url("opportunities"), form)
    assert told.status_code == 409
    assert "Something changed since you checked" in told.content.decode()
    with everything():
        assert Opportunity.objects.get(number="O-1").amount_minor == 500_00
    assert client.post(url("opportunities"), hidden(told)).status_code == 302
    with everything():
        assert Opportunity.objects.get(number="O-1").amount_minor == 120_00


def test_a_quota_that_was_replaced_since_the_look_is_not_replaced_unseen(cast, browse):
    tables = Tables(cast.admin)
    tables.bring("quotas", "Person | 2026-Q4", "Rita Rep | 5")
    mine = tables.check("quotas", "Person | 2026-Q4", "Rita Rep | 9")
    with everything():
        quota = Quota.objects.current().get(person=cast.rep, period__code="2026-Q4")
    with as_admin(cast.admin):
        whom = {"person_id": cast.rep.pk, "period_id": quota.period_id}
        set_quota(by=cast.admin.pk, amount_minor=7_00, reason="more", version=quota.pk, **whom)
    with pytest.raises(Conflict, match="Something changed"):
        tables.apply(mine)


def test_a_form_that_does_not_say_what_it_showed_is_refused_in_words(cast, browse):
    client = browse(cast.admin)
    form = hidden(check(client))
    for broken in ({"shown": ""}, {"shown": "x" * 65}, {"batch": "one"}):
        answer = client.post(url(), {**form, **broken})
        assert answer.status_code == 422
        assert "The page did not say which table it showed." in answer.content.decode()
    assert client.post(url(), form).status_code == 302


def test_a_second_click_on_an_older_page_brings_nothing_in_twice(cast, browse):
    client = browse(cast.admin)
    form = hidden(check(client))
    client.post(url(), form)
    again = client.post(url(), {**form, "idempotency_key": "another-key-1"}, follow=True)
    assert "This table is in already; nothing was brought in twice." in again.content.decode()


def test_what_was_checked_anew_is_not_brought_in_from_an_older_page(cast, browse):
    client = browse(cast.admin)
    older = hidden(check(client))
    newer = check(client, PEOPLE.replace("ann@", "anna@"))
    assert hidden(newer)["batch"] == older["batch"]
    assert client.post(url(), older).status_code == 409
    with everything():
        assert not User.objects.filter(email__endswith="@x.example").exists()


def test_a_checked_table_is_found_again(cast, browse):
    client = browse(cast.admin)
    pk = hidden(check(client))["batch"]
    page = client.get(f"{url()}?batch={pk}").content.decode()
    assert "Ann Baker\tann@x.example" in page
    assert "Bring in 1 person" in page
    assert f"/setup/tables/people/?batch={pk}" in client.get(f"/imports/{pk}/").content.decode()


def test_a_file_is_looked_at_kept_and_given_back(cast, browse):
    from django.core.files.uploadedfile import SimpleUploadedFile

    client = browse(cast.admin)
    book = workbook(["Name", "E-mail", "Role"], ["Ann", "=1+1", "rep"], ["Bo", "bo@x.example", "seller"])
    answer = client.post(url(), {"action": "check", "file": SimpleUploadedFile("staff.xlsx", book)})
    text = answer.content.decode()
    assert "B2: It holds a formula without a result." in text
    assert "C3: The word is not known here. Write one of: rep, manager" in text
    with everything():
        pk = Batch.objects.get().pk
    original = client.get(f"/imports/{pk}/original/")
    assert original.content == book
    assert original["Content-Disposition"] == 'attachment; filename="staff.xlsx"'
    assert original["Content-Type"] == "application/octet-stream"
    rejects = client.get(f"/imports/{pk}/rejects.csv").content.decode("utf-8-sig")
    assert rejects.splitlines()[0] == "line,column,cell,value,problem,remedy"
    assert "3,Role,C3,seller" in rejects


def test_the_list_of_imports_and_one_of_them(cast, browse):
    client = browse(cast.admin)
    pk = hidden(check(client))["batch"]
    rows = client.get("/imports/").content.decode()
    assert "checked" in rows
    assert f"Import {pk}: People" in rows
    client.post(url(), {**hidden(check(client))})
    page = client.get(f"/imports/{pk}/").content.decode()
    assert "What it brought" in page
    assert "Ada Admin" in page
    assert f"/imports/{pk}/original/" in page


def test_only_administrators_come_here(cast, browse):
    assert browse(cast.rep).get(url()).status_code == 403
    assert browse(cast.admin).get("/setup/tables/planets/").status_code == 404
