"""The list of accounts: filters, pages by key, and only what is in reach."""

from typing import Any

import pytest
from django.urls import reverse

from accounts import services
from tests.cast import Cast

URL = reverse("account_list")


def names(client: Any, **query: str) -> list[str]:
    response = client.get(URL, query)
    assert response.status_code == 200
    return [account.name for account in response.context["page"].rows]


def test_each_sees_what_is_in_reach(cast: Cast, browse: Any) -> None:
    expected = {
        cast.rep: ["Acorn"],
        cast.manager: ["Acorn", "Beech"],
        cast.director: ["Acorn", "Beech"],
        cast.other_director: ["Cedar"],
        cast.admin: ["Acorn", "Beech", "Cedar"],
        cast.coordinator: ["Acorn", "Beech", "Cedar"],
        cast.executive: ["Acorn", "Beech", "Cedar"],
    }
    for person, visible in expected.items():
        assert names(browse(person)) == visible


def test_filters_narrow_by_name_number_industry_place_and_territory(
    cast: Cast, browse: Any, acting: Any
) -> None:
    with acting(cast.admin):
        services.create_account(
            by=cast.admin.pk,
            name="Dogwood Bank",
            number="X-9",
            industry="Banking",
            town="Boston",
            country="US",
            territory_id=cast.territories["East 1"].pk,
        )
    client = browse(cast.admin)
    assert names(client, q="WOOD") == ["Dogwood Bank"]
    assert names(client, q="X-9") == ["Dogwood Bank"]
    assert names(client, industry="Banking") == ["Dogwood Bank"]
    assert names(client, place="boston, us") == ["Dogwood Bank"]
    assert names(client, place="boston, de") == []
    east_1 = str(cast.territories["East 1"].pk)
    assert names(client, territory=east_1) == ["Acorn", "Dogwood Bank"]
    assert names(client, territory=east_1, industry="Retail") == ["Acorn"]


def test_pages_follow_each_other_without_gap_or_double(cast: Cast, browse: Any, acting: Any) -> None:
    with acting(cast.admin):
        for number in range(60):
            services.create_account(by=cast.admin.pk, name=f"same name {number % 2}", anyway_reason="a twin")
    client = browse(cast.admin)
    first = client.get(URL).context["page"]
    second = client.get(URL, {"after": first.after}).context["page"]
    assert (len(first.rows), len(second.rows), second.after) == (50, 13, None)
    assert len({row.pk for row in [*first.rows, *second.rows]}) == 63


@pytest.mark.parametrize(
    "query", [{"sort": "name"}, {"territory": "east"}, {"after": "???"}, {"q": "x" * 201}]
)
def test_what_is_no_filter_is_refused(cast: Cast, browse: Any, query: dict[str, str]) -> None:
    assert browse(cast.admin).get(URL, query).status_code == 400


def test_nothing_found_and_nothing_there_say_what_to_do(cast: Cast, browse: Any) -> None:
    assert "Nothing matches" in browse(cast.rep).get(URL, {"q": "zzz"}).content.decode()
    assert reverse("account_create") in browse(cast.rep).get(URL).content.decode()
    assert reverse("account_create") not in browse(cast.director).get(URL).content.decode()
