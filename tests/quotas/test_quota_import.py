"""Quotas from a file: looked at first, faults by row and column, applied whole or not at all."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from quotas.models import Quota
from quotas.services import set_quota
from tests.cast import Cast
from tests.conftest import Acting, Browser

Browse = Callable[[Any], Browser]
HEAD = "person,territory,period,family,kind,amount\n"
GOOD = (
    HEAD
    + "rep@example.com,,2026-Q2,,,1200.50\n"
    + "PEER@example.com,,2026-Q2,HARDWARE,own,300\n"
    + ",EAST-1,2026-Q3,,assigned,5000.00\n"
)


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def look(client: Browser, content: str | bytes, name: str = "quotas.csv") -> Any:
    data = content.encode() if isinstance(content, str) else content
    return client.post(reverse("quota_import"), {"file": SimpleUploadedFile(name, data)})


def apply(client: Browser, content: str, reason: str = "") -> Any:
    return client.post(reverse("quota_import"), {"content": content, "reason": reason})


def stored(acting: Acting, cast: Cast) -> list[tuple[str, str, int]]:
    with acting(cast.admin):
        rows = Quota.objects.current().select_related("person", "territory", "period").order_by("id")
        return [((row.person or row.territory).name, row.period.code, row.amount_minor) for row in rows]


@pytest.fixture
def standing(cast: Cast, acting: Acting) -> None:
    with acting(cast.admin):
        for person, amount in ((cast.rep, 1_000_00), (cast.other_rep, 800_00)):
            set_quota(by=cast.admin.pk, period_id=cast.q2.pk, person_id=person.pk, amount_minor=amount)


def test_the_preview_counts_and_writes_nothing(
    cast: Cast, browse: Browse, acting: Acting, standing: None
) -> None:
    answer = look(browse(cast.admin), GOOD + "other_rep@example.com,,2026-Q2,,,800.00\n")
    text = plain(answer.content.decode())
    assert answer.status_code == 200
    assert "New 2 Changed 1 Unchanged 1 Sum of the file $7,300.50" in text
    assert len(stored(acting, cast)) == 2


def test_what_was_looked_at_is_applied(cast: Cast, browse: Browse, acting: Acting) -> None:
    client = browse(cast.admin)
    page = look(client, GOOD).content.decode()
    match = re.search(r'name="content" value="([^"]*)"', page)
    assert match
    answer = apply(client, unescape(match[1]))
    assert (answer.status_code, answer["Location"]) == (302, reverse("quota_list"))
    assert stored(acting, cast) == [
        ("Rita Rep", "2026-Q2", 1_200_50),
        ("Paul Peer", "2026-Q2", 300_00),
        ("East 1", "2026-Q3", 5_000_00),
    ]
    with acting(cast.admin):
        own = Quota.objects.get(person=cast.peer)
        assert (own.kind, own.family) == ("own", cast.families["Hardware"])


def test_looking_and_applying_are_two_acts_with_keys_of_their_own(cast: Cast, browse: Browse) -> None:
    data = {"file": SimpleUploadedFile("q.csv", GOOD.encode()), "idempotency_key": "the-look-0123456789"}
    page = browse(cast.admin).post(reverse("quota_import"), data).content.decode()
    keys = re.findall(r'name="idempotency_key" value="([^"]+)"', page)
    assert keys
    assert "the-look-0123456789" not in keys


def test_a_change_needs_a_reason_and_keeps_the_version_before(
    cast: Cast, browse: Browse, acting: Acting, standing: None
) -> None:
    client = browse(cast.admin)
    refused = apply(client, GOOD)
    assert refused.status_code == 422
    assert "Say why the quota changes" in refused.content.decode()
    assert len(stored(acting, cast)) == 2
    assert apply(client, GOOD, "The new plan").status_code == 302
    with acting(cast.admin):
        versions = Quota.objects.filter(person=cast.rep).order_by("id")
        assert [(row.amount_minor, row.reason) for row in versions] == [
            (1_000_00, ""),
            (1_200_50, "The new plan"),
        ]


def test_the_same_file_twice_changes_nothing(cast: Cast, browse: Browse, acting: Acting) -> None:
    client = browse(cast.admin)
    apply(client, GOOD)
    assert "New 0 Changed 0 Unchanged 3" in plain(look(client, GOOD).content.decode())
    assert apply(client, GOOD).status_code == 302
    assert len(stored(acting, cast)) == 3


@pytest.mark.parametrize(
    ("line", "row", "column", "value", "remedy"),
    [
        ("nobody@example.com,,2026-Q2,,,1", 2, "person", "nobody@example.com", "Nobody in your reach"),
        (",NOWHERE,2026-Q2,,,1", 2, "territory", "NOWHERE", "No territory in your reach"),
        (",,2026-Q2,,,1", 2, "person", "—", "leave the other empty"),
        ("rep@example.com,EAST-1,2026-Q2,,,1", 2, "person", "rep@example.com", "leave the other empty"),
        ("rep@example.com,,2026,,,1", 2, "period", "2026", "code of a quarter"),
        ("rep@example.com,,2026-Q2,CHAIRS,,1", 2, "family", "CHAIRS", "No product family"),
        ("rep@example.com,,2026-Q2,,guess,1", 2, "kind", "guess", "assigned, own"),
        ('rep@example.com,,2026-Q2,,,"1,000.00"', 2, "amount", "1,000.00", ""),
        ("rep@example.com,,2026-Q2,,,-5.00", 2, "amount", "-5.00", "zero or more"),
        ("rep@example.com,,2026-Q2,,overlay,5.00", 2, "kind", "overlay", "assigned, own"),
        ("rep@example.com,,2026-Q2,,,1.005", 2, "amount", "1.005", ""),
        ("rep@example.com,,2026-Q2,,,1,x", 2, "—", "—", "as many cells"),
        ("rep@example.com,,2026-Q2,,,1\nREP@example.com,,2026-Q2,,,2", 3, "—", "—", "Line 2 already holds"),
    ],
)
def test_one_wrong_cell_names_its_place_and_nothing_is_applied(
    cast: Cast,
    browse: Browse,
    acting: Acting,
    line: str,
    row: int,
    column: str,
    value: str,
    remedy: str,
) -> None:
    client, content = browse(cast.admin), f"{HEAD}{line}\n,EAST-2,2026-Q2,,,7\n"
    answer = look(client, content)
    text = plain(answer.content.decode())
    assert answer.status_code == 422
    assert "1 fault; nothing was applied" in text
    assert f"{row} {column} {value} {remedy}"[:60] in text or (
        f"{row} {column} {value}" in text and remedy in text
    )
    assert "Apply all of it" not in text
    assert apply(client, content, "anyway").status_code == 422
    assert stored(acting, cast) == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "The first line names the columns"),
        ("who,period,amount\n", "The first line names the columns"),
        ("person,period\n", "The first line names the columns"),
        ("person,person,period,amount\n", "The first line names the columns"),
        ('person,period,amount\n"rep', "This is not a CSV file"),
        (b"person,period,amount\n\xff\xfe", "not UTF-8 text"),
        (b"x" * 1_000_001, "larger than 1 MB"),
    ],
)
def test_what_is_no_such_file_is_refused(
    cast: Cast, browse: Browse, content: str | bytes, message: str
) -> None:
    answer = look(browse(cast.admin), content)
    assert answer.status_code == 422
    assert (
        message in plain(answer.content.decode()) or "The submitted file is empty" in answer.content.decode()
    )


def test_family_and_kind_may_be_left_out(cast: Cast, browse: Browse, acting: Acting) -> None:
    client = browse(cast.admin)
    assert apply(client, "territory,amount,period\nEAST-1,12.00,2026-Q2\n").status_code == 302
    assert stored(acting, cast) == [("East 1", "2026-Q2", 12_00)]


def test_only_administrators_bring_files_in(cast: Cast, browse: Browse, acting: Acting) -> None:
    for person in (cast.director, cast.manager, cast.executive):
        assert apply(browse(person), GOOD).status_code == 403
    assert stored(acting, cast) == []
