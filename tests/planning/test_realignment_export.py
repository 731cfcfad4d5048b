"""What stands on a day as a file: the tree with its people, then the accounts, as far as they are in reach."""

import csv
import io
from datetime import date

import pytest
from openpyxl import load_workbook

from accounts.models import Account
from accounts.services import assign_accounts
from planning.selectors.exchange import HEADS

URL = "/realignments/export/"
DAY = "2026-05-21"


def lines(answer):
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def test_the_tree_with_its_people_then_the_accounts(cast, browse):
    answer = browse(cast.admin).get(URL)
    assert answer["Content-Disposition"] == f'attachment; filename="realignment-{DAY}.csv"'
    found = lines(answer)
    assert found[0] == list(HEADS)
    nodes = {row[0]: row[1:] for row in found[1:10]}
    assert nodes["COMPANY"] == ["Company", "", "", "", "", "", DAY, "", ""]
    assert nodes["EAST"] == ["East", "COMPANY", "", "director@example.com", "", "", DAY, "", ""]
    assert nodes["EAST-1"] == ["East 1", "EAST-TEAM", "rep@example.com", "", "", "", DAY, "", ""]
    assert nodes["UNASSIGNED"] == ["Unassigned", "COMPANY", "", "", "", "", DAY, "", ""]
    assert found[10:] == [
        ["EAST-1", "", "", "", "", "A-1", "Acorn", DAY, "rep@example.com", ""],
        ["EAST-2", "", "", "", "", "A-2", "Beech", DAY, "peer@example.com", ""],
        ["WEST-1", "", "", "", "", "A-3", "Cedar", DAY, "other_rep@example.com", ""],
    ]


def test_a_director_gets_what_they_lead(cast, browse):
    found = lines(browse(cast.director).get(URL))
    assert [row[0] for row in found[1:]] == ["EAST", "EAST-TEAM", "EAST-1", "EAST-2", "EAST-1", "EAST-2"]
    assert [row[5] for row in found[5:]] == ["A-1", "A-2"]
    assert found[1][2] == "COMPANY"


def test_what_leaves_the_subtree_until_that_day_is_not_in_it(cast, acting, browse):
    with acting(cast.admin):
        ids, west = [cast.accounts["Acorn"].pk], cast.territories["West 1"].pk
        assign_accounts(
            by=cast.admin.pk, account_ids=ids, territory_id=west, starts_on=date(2026, 6, 1), reason="x"
        )
    client = browse(cast.director)
    assert [row[5] for row in lines(client.get(URL))[1:] if row[5]] == ["A-1", "A-2"]
    assert [row[5] for row in lines(client.get(f"{URL}?on=2026-06-01"))[1:] if row[5]] == ["A-2"]
    found = lines(browse(cast.admin).get(f"{URL}?on=2026-06-01"))
    assert ["WEST-1", "", "", "", "", "A-1", "Acorn", "2026-06-01", "other_rep@example.com", ""] in found


def test_an_account_that_goes_elsewhere_later_says_so(cast, acting, browse):
    with acting(cast.admin):
        ids, west = [cast.accounts["Acorn"].pk], cast.territories["West 1"].pk
        assign_accounts(
            by=cast.admin.pk, account_ids=ids, territory_id=west, starts_on=date(2026, 12, 2), reason="x"
        )
    [acorn] = [row for row in lines(browse(cast.admin).get(URL)) if row[5] == "A-1"]
    assert acorn[0] == "EAST-1"
    assert acorn[8:] == ["rep@example.com", "in West 1 from Dec 2, 2026 on"]


def test_the_same_as_a_workbook_and_no_cell_is_a_formula(cast, acting, browse):
    with acting(cast.admin):
        nobody = cast.territories["Unassigned"]
        evil = Account.objects.create(name="=1+1", number="A-9", territory=nobody)
    client = browse(cast.admin)
    book = load_workbook(io.BytesIO(client.get(f"{URL}?format=xlsx").content))
    rows = [[cell.value for cell in row] for row in book.worksheets[0]]
    assert rows[0] == list(HEADS)
    assert len(rows) == 14
    [one] = [row for row in book.worksheets[0] if row[5].value == evil.number]
    assert (one[0].value, one[6].value, one[6].data_type) == ("UNASSIGNED", "=1+1", "s")
    assert one[7].value.date() == date(2026, 5, 21)
    assert ["UNASSIGNED", "", "", "", "", evil.number, "'=1+1", DAY, "", ""] in lines(client.get(URL))


def test_who_may_not_draft_gets_nothing(cast, browse):
    for person in (cast.rep, cast.manager, cast.executive):
        assert browse(person).get(URL).status_code == 403


@pytest.mark.parametrize("query", ["?format=pdf", "?on=soon"])
def test_an_address_that_says_nothing_is_refused(cast, browse, query):
    assert browse(cast.admin).get(URL + query).status_code == 400
