"""The types of territories that tables bring: as they say, or by the place; those made for people by their role."""

from typing import Any

import pytest

from territories.models import Territory
from tests.cast import Cast
from tests.imports.tables import Tables, wrong


@pytest.fixture
def tables(cast: Cast) -> Tables:
    return Tables(cast.admin)


def kinds(acting: Any, cast: Cast, *names: str) -> dict[str, str]:
    with acting(cast.admin):
        Territory.objects.filter(name="Company").update(kind="company")
        found = dict(Territory.objects.filter(name__in=names).values_list("name", "kind"))
    return {name: found[name] for name in names}


def test_a_table_of_territories_says_them(tables: Tables, acting: Any, cast: Cast) -> None:
    kinds(acting, cast)
    tables.bring(
        "territories",
        "Code | Name | Parent | Type | From",
        "N | North | COMPANY | | 2026-06-01",
        "N1 | North 1 | N | | 2026-06-01",
        "N2 | North 2 | N | Overlay | 2026-06-01",
        "S | South | COMPANY | area | 2026-06-01",
    )
    assert kinds(acting, cast, "North", "North 1", "North 2", "South") == {
        "North": "region",
        "North 1": "territory",
        "North 2": "overlay",
        "South": "area",
    }
    bad = tables.check(
        "territories", "Code | Name | Parent | Type", "C | City | N1 | city", "D | Dale | N1 | area"
    )
    assert [one[:3] for one in wrong(bad)] == [(2, "Type", "The word is not known here.")]
    row = "D | Dale | N1 | region | 2026-06-01"
    bad = tables.check("territories", "Code | Name | Parent | Type | From", row)
    assert [one[1] for one in wrong(bad)] == ["Type"]


def test_those_of_people_fit_their_role_and_their_place(tables: Tables, acting: Any, cast: Cast) -> None:
    kinds(acting, cast)
    tables.bring(
        "people",
        "Name | E-mail | Role | Manager | From",
        "Ann | ann@x.example | rep | Bob | 2026-06-01",
        "Bob | bob@x.example | manager | Cyd | 2026-06-01",
        "Cyd | cyd@x.example | director | | 2026-06-01",
        "Dan | dan@x.example | director | Bob | 2026-06-01",
        "Eva | eva@x.example | manager | manager@example.com | 2026-06-01",
    )
    assert kinds(acting, cast, "Ann's territory", "Bob's team", "Cyd's team", "Dan's team", "Eva's team") == {
        "Ann's territory": "territory",
        "Bob's team": "area",
        "Cyd's team": "region",
        "Dan's team": "area",
        "Eva's team": "territory",
    }
