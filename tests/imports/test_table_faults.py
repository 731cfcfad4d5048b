"""Many faults of one kind are one sentence; a workbook that is a trap is refused in plain words."""

import re
import struct
from html import unescape

import pytest

from imports.rules.entities import ENTITIES
from imports.rules.sheets import MOST_UNPACKED, read_workbook
from imports.rules.steps import STEPS
from imports.rules.tables import BadFile
from imports.selectors.batches import told_faults
from imports.services import tables as service
from tests.imports.tables import Tables, pasted, workbook
from tests.imports.test_table_bad_input import repacked, told
from tests.imports.test_table_import import url

SHEET = "xl/worksheets/sheet1.xml"


@pytest.fixture
def tables(cast):
    return Tables(cast.admin)


@pytest.mark.parametrize("step", STEPS.values(), ids=lambda step: step.name)
def test_every_field_that_is_read_is_one_of_its_entity_s(step):
    for reading in step.readings:
        assert reading.fields.keys() <= ENTITIES[reading.entity].fields.keys()


DEALS = "Name | Account | Owner | Stage | Close date"


def deals(count, stage="Discovered"):
    return [f"Deal {n} | Acorn | Rita Rep | {stage} | 2026-06-30" for n in range(count)]


def test_what_many_lines_share_is_said_once(cast, browse):
    lines = [*deals(100), "Other | Acorn |  | Proposal | 2026-06-30"]
    page = told(browse(cast.admin), "opportunities", pasted(DEALS, *lines))
    assert "101 things are wrong" in page
    assert page.count("There is no such stage") == 1
    said = "Stage : There is no such stage: 'Discovered' — in 100 lines: 2, 3, 4 … Open stages: "
    assert said in page
    assert "102 Other Acorn — It is empty. Fill it in." in page
    assert "Deal 7" not in page.partition("things are wrong")[2]


def test_ten_lines_are_shown_each_and_other_words_are_named(tables):
    faults, lines = told_faults(tables.check("opportunities", DEALS, *deals(10)))
    assert (faults, [line.number for line in lines]) == ([], list(range(2, 12)))
    many = [*deals(8, "One"), *deals(8, "Two"), *deals(8, "Three"), *deals(8, "Four")]
    lines = [line.replace("Deal", f"Deal {n}") for n, line in enumerate(many)]
    faults, lines = told_faults(tables.check("opportunities", DEALS, *lines))
    assert [one["problem"] for one in faults] == [
        "There is no such stage: 'One', 'Two', 'Three' … — in 32 lines: 2, 3, 4 …"
    ]
    assert lines == []
    empty = [f"D{n} | Acorn |  | Proposal | 2026-06-30" for n in range(11)]
    ((fault,), lines) = told_faults(tables.check("opportunities", DEALS, *empty))
    assert (fault["column"], fault["problem"]) == ("Owner", "It is empty — in 11 lines: 2, 3, 4 …")
    assert lines == []


def test_every_line_of_them_is_in_the_file(cast, browse):
    client = browse(cast.admin)
    page = client.post(url("opportunities"), {"action": "check", "text": pasted(DEALS, *deals(30))})
    (path,) = re.findall(r"/imports/\d+/rejects.csv", page.content.decode())
    rows = client.get(path).content.decode("utf-8-sig").splitlines()
    assert [row.partition(",")[0] for row in rows] == ["line", *map(str, range(2, 32))]


def test_of_very_many_wrong_cells_the_first_are_kept_and_all_are_counted(tables, monkeypatch):
    monkeypatch.setattr(service, "MOST_KEPT", 12)
    batch = tables.check("opportunities", DEALS, *deals(30))
    assert (len(batch.rejects), batch.style["wrong"]) == (12, 30)


def lying(book, name, size):
    """A workbook in which a part says of itself that it unpacks to so much."""
    out = bytearray(book)
    for mark, place, length in ((b"PK\x03\x04", 22, 30), (b"PK\x01\x02", 24, 46)):
        begin = out.index(mark)
        while out[begin + length : begin + length + len(name)] != name.encode():
            begin = out.index(mark, begin + 1)
        struct.pack_into("<I", out, begin + place, size)
    return bytes(out)


def refused(content):
    with pytest.raises(BadFile) as found:
        read_workbook(content)
    return str(found.value)


BOOK = workbook(["Name", "Role"], ["Ann", "rep"])


@pytest.mark.parametrize("name", [SHEET, "xl/styles.xml"])
def test_a_part_that_lies_about_its_size_is_not_unpacked(name):
    bomb = repacked(BOOK, name, lambda xml: xml + b" " * (2 * MOST_UNPACKED))
    assert len(bomb) < 500_000
    assert "unpacks to more than 64 MB" in refused(lying(bomb, name, 1000))
    assert "damaged" in refused(lying(BOOK, name, 100))


@pytest.mark.parametrize("row", [b"1048577", b"9999999999"])
def test_a_row_far_below_is_refused_at_once(row):
    content = repacked(BOOK, SHEET, lambda xml: re.sub(rb'<row r="2"', b'<row r="%s"' % row, xml))
    assert "empty ones with a format" in refused(content)


def test_empty_rows_with_a_format_below_the_table_are_refused_at_once():
    rows = b"".join(b'<row r="%d">%s</row>' % (n, b"<c/>" * 256) for n in range(3, 3_003))
    content = repacked(BOOK, SHEET, lambda xml: xml.replace(b"</sheetData>", rows + b"</sheetData>"))
    assert "empty ones with a format" in refused(content)


def test_more_lines_than_are_taken_end_the_reading():
    rows = b"".join(b'<row r="%d"><c r="A%d"><v>1</v></c></row>' % (n, n) for n in range(3, 10_003))
    content = repacked(BOOK, SHEET, lambda xml: xml.replace(b"</sheetData>", rows + b"</sheetData>"))
    assert "more than 10,000 lines" in refused(content)


@pytest.mark.parametrize("cells", [b'<c r="XFD2"><v>1</v></c>', b"<c/>" * 300])
def test_columns_far_to_the_right_are_refused(cells):
    content = repacked(
        BOOK, SHEET, lambda xml: xml.replace(b"</row></sheetData>", cells + b"</row></sheetData>")
    )
    assert "more than 256 columns" in refused(content)


def test_a_formula_that_answers_with_nothing_is_empty_and_one_without_an_answer_is_not():
    book = workbook(["Name", "Role"], ["Ann", "=1+1"], ["Bo", '=IF(A3="","x","")'])
    stored = repacked(book, SHEET, lambda xml: re.sub(rb'<c r="B3"', b'<c r="B3" t="str"', xml))
    grid = read_workbook(stored)
    assert grid.rows == [(2, ["Ann", "#"]), (3, ["Bo"])]
    assert list(grid.broken) == [(2, 1)]


def test_merged_cells_are_to_be_unmerged_first_but_on_other_sheets():
    merge = b'<mergeCells count="1"><mergeCell ref="B2:B6"/></mergeCells>'
    content = repacked(BOOK, SHEET, lambda xml: xml.replace(b"</sheetData>", b"</sheetData>" + merge))
    assert refused(content) == "Cells B2:B6 are merged. Unmerge them, and fill in each of them."
    other = repacked(
        BOOK, "xl/worksheets/sheet2.xml", lambda xml: xml.replace(b"</sheetData>", b"</sheetData>" + merge)
    )
    assert read_workbook(other).rows == [(2, ["Ann", "rep"])]


@pytest.mark.parametrize(
    "change",
    [
        lambda xml: xml.replace(
            b"</row></sheetData>", b'<c r="C2"><v>' + b"9" * 400 + b"</v></c></row></sheetData>"
        ),
        lambda xml: xml.decode().encode("utf-16"),
    ],
    ids=["a number of 400 digits", "another encoding"],
)
def test_what_no_spreadsheet_writes_is_no_workbook(change):
    assert "be read as an XLSX file" in refused(repacked(BOOK, SHEET, change))


def test_an_empty_table_is_told_at_its_field(cast, browse):
    client = browse(cast.admin)
    answer = client.post(url(), {"action": "check", "text": ""}, headers={"HX-Request": "true"})
    page = unescape(answer.content.decode())
    assert answer.status_code == 422
    assert re.search(r'<ul class="field-errors" id="id_text_error" hx-swap-oob="true"><li>[^<]+</li>', page)
    assert '<ul class="field-errors" id="id_file_error" hx-swap-oob="true"></ul>' in page
    whole = client.get(url()).content.decode()
    assert 'aria-describedby="id_text_error"' in whole
    assert 'id="table-said" role="status"' in whole
    assert "aria-live" not in whole.partition('id="table-answer"')[2].partition(">")[0]


def test_the_first_sentence_is_read_out_and_not_the_table(cast, browse):
    text = pasted("Name | E-mail | Role", "Ann |  | rep")
    answer = browse(cast.admin).post(url(), {"action": "check", "text": text}, headers={"HX-Request": "true"})
    said = '<p id="table-said" hx-swap-oob="innerHTML">1 thing is wrong; nothing is brought in before it is mended</p>'
    assert said in answer.content.decode()


def test_an_error_and_too_many_rows_are_told():
    book = workbook(["Name", "Role"], ["Ann", "=1/0"])
    error = repacked(
        book, SHEET, lambda xml: re.sub(rb'<c r="B2".*?</c>', b'<c r="B2" t="e"><v>#N/A</v></c>', xml)
    )
    assert (
        str(read_workbook(error).broken[2, 1])
        == "It holds the error #N/A. Mend the formula, or type the value."
    )
    rows = b"<row/>" * 1_048_577
    content = repacked(BOOK, SHEET, lambda xml: xml.replace(b"</sheetData>", rows + b"</sheetData>"))
    assert "more than 10,000 lines" in refused(content)


def test_a_checked_table_is_shown_again_with_its_wrong_lines(cast, browse, tables):
    batch = tables.check("people", "Name | E-mail | Role", "Ann |  | rep")
    page = browse(cast.admin).get(f"{url()}?batch={batch.pk}").content.decode()
    assert "1 thing is wrong" in page
    assert "It is empty. Fill it in." in page


def test_a_file_s_days_and_currencies_are_told_how_to_be_written(tables):
    days = tables.check("territories", content=b"Code,Name,Parent,From\nN,North,COMPANY,soon", way="csv")
    assert [one["problem"] for one in days.rejects] == ["It can't be read as a day."]
    money = tables.check("products", content=b"Code,Name,Family,Currency\nA,Nut,Hardware,EURO", way="csv")
    assert [one["problem"] for one in money.rejects] == ["EURO is not a currency."]


def test_the_button_names_what_comes_in_where_the_people_are_here_already(cast, browse, tables):
    tables.bring("territories", "Code | Name | Parent", "N-9 | North 9 | COMPANY")
    text = pasted(
        "Name | E-mail | Role | Territory", "Cora Coordinator | coordinator@example.com | rep | N-9"
    )
    page = browse(cast.admin).post(url(), {"action": "check", "text": text}).content.decode()
    assert "Bring in 1 person" in page
    text = pasted("Name | E-mail | Role | Territory", "Rita Rep | rep@example.com | rep | N-9")
    page = browse(cast.admin).post(url(), {"action": "check", "text": text}).content.decode()
    assert "Bring in 1 seat" in page
