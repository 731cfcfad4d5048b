"""What goes into a file to be edited: cut by territory, with the lines of each part."""

import csv
import io
from datetime import date

from django.template.loader import render_to_string
from django.urls import reverse

from accounts.models import Account
from imports.rules.steps import STEPS
from planning.rules.sheet import MOST_LINES
from planning.selectors.exchange import Cut

CUT, EXPORT = reverse("realignment_cut"), reverse("realignment_export")


def lines(client, query=""):
    return list(csv.reader(io.StringIO(client.get(EXPORT + query).content.decode("utf-8-sig"), newline="")))


def parts(page):
    cuts = page.context["cuts"]
    return [(one.territory.name, one.accounts, one.lines) for one in cuts.parts]


def test_each_part_says_how_many_lines_its_file_has(cast, acting, browse):
    with acting(cast.admin):
        Account.objects.create(name="Dogwood", number="A-9", territory=cast.territories["Unassigned"])
    client = browse(cast.admin)
    page = client.get(CUT)
    assert parts(page) == [("East", 2, 6), ("West", 1, 4), ("Unassigned", 1, 2)]
    cuts = page.context["cuts"]
    assert (cuts.lines, cuts.chosen.territory.name, cuts.chosen.lines) == (13, "Company", 13)
    for cut in [cuts.chosen, *cuts.parts]:
        assert len(lines(client, f"?below={cut.territory.pk}")) == 1 + cut.lines
    assert len(lines(client)) == 1 + cuts.lines
    east = client.get(f"{CUT}?below={cast.territories['East'].pk}")
    assert parts(east) == [("East Team", 2, 5)]
    assert [node.name for node in east.context["cuts"].above] == ["Company"]


def test_a_part_holds_its_territories_and_accounts_alone(cast, browse):
    found = lines(browse(cast.admin), f"?below={cast.territories['West'].pk}")
    assert [(row[0], row[5]) for row in found[1:]] == [
        ("WEST", ""),
        ("WEST-TEAM", ""),
        ("WEST-1", ""),
        ("WEST-1", "A-3"),
    ]


def test_a_director_cuts_what_they_lead(cast, browse):
    client = browse(cast.director)
    page = client.get(CUT)
    assert (parts(page), page.context["cuts"].chosen.lines) == ([("East Team", 2, 5)], 6)
    for address in (CUT, EXPORT):
        assert client.get(f"{address}?below={cast.territories['West'].pk}").status_code == 404
        assert client.get(f"{address}?below=987654321").status_code == 404


def test_what_is_too_long_to_come_back_is_marked(cast):
    east, day = cast.territories["East"], date(2026, 5, 21)
    for lines_of, is_marked in ((50_000, False), (50_001, True)):
        cut = Cut(east, lines_of - 4, lines_of, has_below=True)
        row = render_to_string("planning/_realignment_cut_row.html", {"cut": cut, "day": day})
        assert ("too long to come back whole" in row) == is_marked
        assert f"{EXPORT}?on=2026-05-21&amp;below={east.pk}&amp;format=xlsx" in row


def test_one_limit_holds_on_both_ways():
    assert STEPS["realignment"].most_lines == MOST_LINES == 50_000
