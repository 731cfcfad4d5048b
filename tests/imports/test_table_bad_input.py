"""What people paste or choose by mistake, or out of malice, on the real pages: told in place, and nothing comes in."""

import re
import zipfile
from html import unescape
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from imports.models import Batch
from quotas.models import Quota
from territories.models import Territory, User
from tests.imports.company import everything
from tests.imports.tables import pasted, workbook

LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + "]>"
)


def told(client, table, text):
    """The answer to a pasted table, as a reader sees it."""
    answer = client.post(f"/setup/tables/{table}/", {"action": "check", "text": text})
    assert answer.status_code == 200
    return " ".join(unescape(re.sub("<[^>]+>", " ", answer.content.decode())).split())


def chosen(client, table, name, content):
    file = SimpleUploadedFile(name, content)
    return client.post(f"/setup/tables/{table}/", {"action": "check", "file": file})


def repacked(book, name, change):
    """A workbook with one of its parts changed."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(book)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for entry in old.namelist():
            content = old.read(entry)
            packed.writestr(entry, change(content) if entry == name else content)
    return out.getvalue()


def rows():
    with everything():
        return User.objects.count(), Territory.objects.count(), Quota.objects.count()


PEOPLE = "Name | E-mail | Role | Manager"
SAID = [
    ("people", [PEOPLE.replace(" | Role", ""), "Ann | a@x.example |"], "A column is missing. Add one named Role"),
    ("people", [PEOPLE, "Ann | a@x.example | rep |", "Bo | a@x.example | rep |"],
     "This person stands on line 2 already. Keep one of the two lines."),
    ("people", [PEOPLE, "Ann | a@x.example | rep | Zoë Nobody"],
     "Nobody of that name is in the table or here already."),
    ("people", [PEOPLE, "Ann | a@x.example | manager | Bo", "Bo | b@x.example | manager | Ann"],
     "They report to each other in a circle: Ann → Bo → Ann. Leave one manager empty."),
    ("territories", ["Code | Name | Parent", "N | North |"],
     "It has no parent. Name the one that it lies below; the root is Company (COMPANY)."),
    ("quotas", ["Person | Territory | 2026-Q3", " |  | 5"], "It is for nobody. Name one person or one territory."),
    ("quotas", ["Person | 2026-Q3", "Rita Rep | 1.234,50"], "It can't be read as a number. Write it as 1,234.57."),
]  # fmt: skip


@pytest.mark.parametrize(("table", "lines", "said"), SAID)
def test_it_is_told_in_place_and_nothing_comes_in(cast, browse, table, lines, said):
    before = rows()
    page = told(browse(cast.admin), table, pasted(*lines))
    assert said in page
    assert "Bring in " not in page.partition("wrong; nothing is brought in")[2]
    assert rows() == before


def test_a_workbook_of_entities_that_unfold_is_refused(cast, browse):
    book = workbook(["Name", "E-mail", "Role"], ["Ann", "a@x.example", "rep"])
    for part in ("xl/worksheets/sheet1.xml", "xl/workbook.xml"):
        bomb = repacked(book, part, lambda xml: LAUGHS.encode() + xml.replace(b">Ann<", b">&i;<"))
        answer = chosen(browse(cast.admin), "people", "bomb.xlsx", bomb)
        assert answer.status_code == 200
        assert "be read as an XLSX file. Save it again as XLSX" in answer.content.decode()


def test_a_workbook_that_unpacks_to_too_much_is_refused(cast, browse):
    book = workbook(["Name", "E-mail", "Role"], ["Ann", "a@x.example", "rep"])
    bomb = repacked(book, "xl/worksheets/sheet1.xml", lambda xml: xml + b" " * (65 * 1024 * 1024))
    assert len(bomb) < 200_000
    page = chosen(browse(cast.admin), "people", "bomb.xlsx", bomb).content.decode()
    assert "The XLSX file unpacks to more than 64 MB. Split it." in page


def test_a_file_of_more_than_10_mb_is_refused(cast, browse):
    large = b"Name,E-mail,Role\n" + b"x" * (10 * 1024 * 1024)
    answer = chosen(browse(cast.admin), "people", "large.csv", large)
    assert "The file is larger than 10 MB. Split it." in answer.content.decode()
    with everything():
        assert not Batch.objects.exists()


def test_10001_pasted_lines_are_too_many(cast, browse):
    lines = [f"Rep {number} | r{number}@x.example | rep |" for number in range(10_001)]
    page = told(browse(cast.admin), "people", pasted(PEOPLE, *lines))
    assert "It has 10,001 lines; at most 10,000 are taken at once. Split it." in page
