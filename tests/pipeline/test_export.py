"""The list as a file: exactly what it shows, safe in a spreadsheet, within reach, and kept by whom it was taken."""

import csv
from datetime import date, datetime
from io import BytesIO, StringIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from common.access import Reach
from common.transaction import work
from pipeline.services import edit_opportunity
from pipeline.views import export as export_of
from tests.pipeline.test_opportunity_list import many
from workspace.models import Export
from workspace.selectors.exports import export_of as export_by_pk
from workspace.services.exports import record_export


def fetch(client, kind="csv", **query):
    asked = client.post(
        reverse("opportunity_export") + "?" + "&".join(f"{k}={v}" for k, v in query.items()), {"format": kind}
    )
    assert asked.status_code == 302
    return client.get(asked["Location"])


def rows(answer):
    return list(csv.reader(StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))


def test_a_file_has_the_columns_the_order_and_the_rows_of_the_list(cast, browse):
    many(cast, 1, name="=1+1", number="F", close_on=date(2026, 7, 1), currency="EUR", amount_minor=12_345)
    answer = fetch(browse(cast.rep), columns="name,amount,close,stage", sort="-close")
    assert answer["Content-Disposition"] == 'attachment; filename="opportunities-2026-05-20.csv"'
    assert rows(answer) == [
        ["Name", "Amount", "Currency of Amount", "Close date", "Stage"],
        ["'=1+1", "123.45", "EUR", "2026-07-01", "Qualified"],
        ["Acorn renewal", "100000.01", "USD", "2026-06-15", "Negotiation"],
    ]


def test_a_workbook_has_numbers_and_days(cast, browse):
    answer = fetch(browse(cast.rep), "xlsx", columns="name,amount,close")
    sheet = load_workbook(BytesIO(b"".join(answer.streaming_content))).active
    assert [[cell.value for cell in row] for row in sheet.rows] == [
        ["Name", "Amount", "Currency of Amount", "Close date"],
        ["Acorn renewal", 100000.01, "USD", datetime(2026, 6, 15)],  # noqa: DTZ001  a day without a zone
    ]


def test_filters_groups_and_all_pages(cast, browse):
    many(cast, 60)
    found = rows(fetch(browse(cast.manager), group="category", columns="name", category="pipeline"))
    assert found[0] == ["Category", "Name"]
    assert len(found) == 61
    assert {row[0] for row in found[1:]} == {"Pipeline"}
    both = rows(fetch(browse(cast.manager), group="category", columns="name"))
    assert [row[0] for row in both[1:4]] == ["Commit", "Commit", "Pipeline"]


def test_a_file_holds_only_what_its_reader_sees(cast, browse):
    assert [row[0] for row in rows(fetch(browse(cast.peer), columns="name"))[1:]] == ["Beech renewal"]


def test_who_took_what_is_kept_and_cannot_be_changed(cast, browse, acting, owner):
    fetch(browse(cast.rep), q="acorn", columns="name")
    with acting(cast.admin):
        kept = Export.objects.get()
        assert (kept.person, kept.page, kept.query) == (cast.rep, "opportunity_list", "q=acorn&columns=name")
        assert (kept.format, kept.rows) == ("csv", 1)
    with acting(cast.peer):
        assert not Export.objects.exists()
    with pytest.raises(Exception, match="append-only"):
        owner.execute("DELETE FROM workspace_export")


def test_a_long_question_is_kept_whole(cast, acting):
    """The file is made from it: cut, it would hold other rows than the list."""
    long = "columns=name&owner=" + ",".join(map(str, range(1_000))) + "&sort=-close"
    with acting(cast.rep):
        made = record_export(by=cast.rep.pk, page="opportunity_list", query=long, format="csv", rows=1)
        assert export_by_pk(cast.rep.pk, made.pk, "opportunity_list").query == long


def test_a_file_is_fetched_by_who_asked_and_soon(cast, browse, clock, acting):
    client = browse(cast.rep)
    asked = client.post(reverse("opportunity_export"), {"format": "csv"})["Location"]
    assert browse(cast.manager).get(asked).status_code == 404
    clock.move_to("2026-05-20 09:20:00+00:00")
    assert client.get(asked).status_code == 404


def test_what_left_the_reach_in_between_is_not_in_the_file(cast, browse, acting):
    client = browse(cast.rep)
    asked = client.post(reverse("opportunity_export") + "?columns=name", {"format": "csv"})["Location"]
    assert [row[0] for row in rows(client.get(asked))] == ["Name", "Acorn renewal"]
    with acting(cast.manager):
        deal = cast.deals["Acorn renewal"]
        known = {"by": cast.manager.pk, "opportunity_id": deal.pk, "version": deal.version}
        edit_opportunity(owner_id=cast.peer.pk, **known)
    assert [row[0] for row in rows(client.get(asked))] == ["Name"]


def test_who_has_left_fetches_no_file(cast, browse, acting):
    client = browse(cast.rep)
    asked = client.post(reverse("opportunity_export"), {"format": "csv"})["Location"]
    with work(by=None, why="they left", reach=Reach.everything()):
        type(cast.rep).objects.filter(pk=cast.rep.pk).update(is_active=False)
    assert client.get(asked).status_code in (302, 403, 404)


def test_too_many_rows_say_so_and_nothing_is_kept(cast, browse, acting, monkeypatch):
    monkeypatch.setattr(export_of, "MOST_ROWS", 2)
    many(cast, 2)
    client = browse(cast.rep)
    assert "A file has at most 2 rows." in client.get(reverse("opportunity_export")).content.decode()
    refused = client.post(reverse("opportunity_export"), {"format": "csv"})
    assert (refused.status_code, "Filter the list first" in refused.content.decode()) == (422, True)
    with acting(cast.admin):
        assert not Export.objects.exists()
