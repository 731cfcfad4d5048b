"""Who took which list as a file: administrators find all of it, by pages."""

import re
from typing import Any

from django.urls import reverse

from tests.cast import Cast
from workspace.services.exports import record_export

URL = "/settings/exports/"


def take(acting: Any, person: Any, rows: int, query: str = "", page: str = "opportunity_list") -> None:
    with acting(person):
        record_export(by=person.pk, page=page, query=query, format="csv", rows=rows)


def test_who_took_what_with_how_many_rows_and_when(cast: Cast, acting: Any, browse: Any) -> None:
    admin = browse(cast.admin)
    assert "Nobody took a list yet" in admin.get(URL).content.decode()
    take(acting, cast.rep, 1_234, "q=acorn&columns=name")
    page = admin.get(URL).content.decode()
    (line,) = re.findall(r"<tr>\s*<th scope=\"row\">(.*?)</tr>", page, re.DOTALL)
    for told in ("Rita Rep", ">Opportunities</a>", "CSV", "1,234", "May 20, 2026"):
        assert told in line, told
    assert f'href="{reverse("opportunity_list")}?q=acorn&amp;columns=name"' in line
    assert f'href="{URL}"' in admin.get(reverse("settings_home")).content.decode()


def test_fifty_and_then_the_older_ones(cast: Cast, acting: Any, browse: Any) -> None:
    for number in range(51):
        take(acting, cast.rep, 7_000 + number)
    admin = browse(cast.admin)
    page = admin.get(URL).content.decode()
    assert ("7,050" in page, "7,001" in page, "7,000" in page) == (True, True, False)
    (after,) = set(re.findall(r'href="(\?after=[^"]+)"', page))
    assert re.findall(r"7,0\d\d", admin.get(URL + after).content.decode()) == ["7,000"]


def test_a_page_that_is_no_more_stays_in_the_list(cast: Cast, acting: Any, browse: Any) -> None:
    take(acting, cast.rep, 3, page="former_list")
    assert "former_list" in browse(cast.admin).get(URL).content.decode()


def test_nobody_else_reads_it(cast: Cast, browse: Any) -> None:
    for person in (cast.rep, cast.manager, cast.director):
        assert browse(person).get(URL).status_code == 403
