"""A director's sheet: what they export they bring back, within what they lead; nothing is said of what lies beyond."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.models import Account, Participant
from accounts.services import assign_accounts
from common.errors import Forbidden
from imports.models import Batch
from imports.services import check_table
from planning.models import Draft
from planning.selectors.drafts import in_words
from planning.services.realigning import preview_draft
from tests.imports.tables import wrong

TABLE = reverse("table_import", args=["realignment"])
EXPORT = reverse("realignment_export")
NO_ACCOUNT = ("There is no such account.", "Write its number as it stands here, or take the line out.")
NO_TERRITORY = ("There is no such territory.", "Name a territory that you lead, or take the line out.")
NOT_THEIRS = (
    "Only administrators move territories and people.",
    "Leave the cell as it was, or take the column out.",
)


def check(client, content):
    """The page after a look at a file."""
    file = SimpleUploadedFile("East in spring.csv", content.encode(), "text/csv")
    return client.post(TABLE, {"action": "check", "file": file})


def told(acting, cast, content):
    """What is wrong with a director's lines."""
    with acting(cast.director):
        batch = check_table(by=cast.director.pk, table="realignment", content=content.encode(), way="csv")
    return wrong(batch)


@pytest.fixture
def sheet(cast, browse):
    return browse(cast.director).get(EXPORT).content.decode("utf-8-sig")


def test_what_they_export_comes_back_as_their_draft(cast, acting, browse, sheet):
    client = browse(cast.director)
    assert "Nothing differs" in check(client, sheet).content.decode()
    assert sheet.count("EAST-1,,,,,A-1") == 1
    page = check(client, sheet.replace("EAST-1,,,,,A-1", "EAST-2,,,,,A-1"))
    assert page.context["answer"].batch.rejects == []
    shown = {
        "action": "apply",
        "batch": page.context["answer"].batch.pk,
        "shown": page.context["answer"].shown,
    }
    done = client.post(TABLE, shown, follow=True)
    with acting(cast.director):
        draft = Draft.objects.get()
        assert (draft.name, draft.made_by_id, draft.state) == ("East in spring", cast.director.pk, "open")
        assert [in_words(move) for move in draft.moves.all()] == ["1 account goes to East 2"]
        seen = preview_draft(by=cast.director.pk, draft_id=draft.pk, version=draft.version)
        assert "refused" not in seen.preview
        assert seen.preview["accounts"] == 1
    assert done.redirect_chain == [(reverse("draft_detail", args=[draft.pk]), 302)]
    batch = reverse("batch_detail", args=[shown["batch"]])
    assert client.get(batch).status_code == 200
    assert browse(cast.other_director).get(batch).status_code == 404
    assert client.post(f"{batch}undo/", follow=True).redirect_chain == [(batch, 302)]
    with acting(cast.director):
        assert Draft.objects.get().state == "dropped"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("EAST-2,,,,,A-3", [(2, "Account", *NO_ACCOUNT)]),
        ("EAST-2,,,,,A-999", [(2, "Account", *NO_ACCOUNT)]),
        ("EAST-2,,,,,A-9", [(2, "Account", *NO_ACCOUNT)]),
        ("WEST-1,,,,,A-1", [(2, "Territory", *NO_TERRITORY)]),
        ("NOWHERE,,,,,A-1", [(2, "Territory", *NO_TERRITORY)]),
        ("UNASSIGNED,,,,,A-1", [(2, "Territory", *NO_TERRITORY)]),
        ("West 1,,,,,A-1", [(2, "Territory", *NO_TERRITORY)]),
        ("WEST,,COMPANY,,,", [(2, "Territory", *NO_TERRITORY)]),
        ("EAST-1,,EAST,rep@example.com,,", [(2, "Lies below", *NOT_THEIRS)]),
        ("EAST-1,,NOWHERE,rep@example.com,,", [(2, "Lies below", *NOT_THEIRS)]),
        ("EAST-1,,,rep@example.com,,", [(2, "Lies below", *NOT_THEIRS)]),
        ("EAST-1,,EAST-TEAM,peer@example.com,,", [(2, "Owner", *NOT_THEIRS)]),
        ("EAST-1,,EAST-TEAM,nobody@example.com,,", [(2, "Owner", *NOT_THEIRS)]),
        ("EAST-1,,EAST-TEAM,,,", [(2, "Owner", *NOT_THEIRS)]),
        ("EAST,,COMPANY,,rep@example.com,", [(2, "Lead", *NOT_THEIRS)]),
        ("EAST,,Company,,Dora Director,", []),
    ],
)
def test_what_is_not_theirs_is_refused_by_line(cast, acting, line, said):
    with acting(cast.admin):
        Account.objects.create(name="Dogwood", number="A-9", territory=cast.territories["Unassigned"])
    assert told(acting, cast, f"Territory,Name,Lies below,Owner,Lead,Account\n{line}\n") == said
    with acting(cast.admin):
        assert not Draft.objects.exists()


def test_an_account_that_they_see_but_do_not_lead_is_none(cast, acting):
    with acting(cast.admin):
        Participant.objects.create(account=cast.accounts["Cedar"], user=cast.director, reason="asked")
    with acting(cast.director):
        assert Account.objects.filter(number="A-3").exists()
    found = told(acting, cast, "Territory,Account\nEAST-2,A-3\n")
    assert found == [(2, "Account", *NO_ACCOUNT)]


def test_what_is_planned_to_leave_is_not_held_back_by_them(cast, acting):
    with acting(cast.admin):
        place = {"territory_id": cast.territories["West 1"].pk, "starts_on": date(2026, 7, 1)}
        assign_accounts(by=cast.admin.pk, account_ids=[cast.accounts["Acorn"].pk], reason="x", **place)
    assert told(acting, cast, "Territory,Account\nEAST-2,A-1\n") == [
        (
            2,
            "Territory",
            "From Jul 1, 2026 on it is planned to lie outside of what you lead.",
            "Take the line out, or ask an administrator.",
        )
    ]
    assert told(acting, cast, "Territory,Account\nEAST-1,A-1\n") == []


def test_other_tables_stay_the_administrator_s(cast, acting, browse):
    client = browse(cast.director)
    for table in ("accounts", "people", "modules"):
        page = reverse("table_import", args=[table])
        assert client.get(page).status_code == 403
        assert client.post(page, {"action": "check", "text": "Name\nAnn"}).status_code == 403
        with pytest.raises(Forbidden), acting(cast.director):
            check_table(by=cast.director.pk, table=table, content=b"Name\nAnn")
    for person in (cast.rep, cast.manager, cast.executive):
        assert browse(person).get(TABLE).status_code == 403
    with acting(cast.admin):
        assert not Batch.objects.exists()


def test_nobody_goes_on_with_the_table_of_another(cast, acting, browse, sheet):
    page = check(browse(cast.director), sheet.replace("EAST-1,,,,,A-1", "EAST-2,,,,,A-1"))
    answer = page.context["answer"]
    other = browse(cast.other_director)
    assert other.get(f"{TABLE}?batch={answer.batch.pk}").status_code == 404
    sent = {"action": "apply", "batch": answer.batch.pk, "shown": answer.shown}
    assert other.post(TABLE, sent).status_code == 404
    assert other.post(reverse("batch_undo", args=[answer.batch.pk])).status_code == 404
    with acting(cast.admin):
        assert not Draft.objects.exists()


def test_the_page_takes_fifty_thousand_lines_and_leads_back_to_realignments(cast, browse):
    page = browse(cast.director).get(TABLE).content.decode()
    assert "at most 10 MB and 50,000 lines" in page
    assert f'href="{reverse("draft_list")}"' in page
    assert f'href="{reverse("setup")}"' not in page
