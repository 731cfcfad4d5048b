"""The first step of the set-up: one form makes the company, its years, the tree's root and the stages."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.urls import reverse

from common.access import Reach
from common.errors import Conflict
from common.models import Organisation, Period
from common.transaction import work
from imports.services import set_up_company
from pipeline.models import Stage
from territories.models import Edge, Territory, User
from territories.services import create_admin
from tests.cast import Cast
from tests.conftest import Browser
from tests.salesops.conftest import plain

URL = reverse("setup_company")
TYPED = {
    "name": "Quell GmbH", "reporting_currency": "EUR", "time_zone": "Europe/Berlin", "locale": "de-DE",
    "first_weekday": "0", "fiscal_start_month": "4", "fiscal_label": "end", "first_year": "",
    "calendar": "months", "year_end_weekday": "5", "year_ends": "last",
}  # fmt: skip


def everything() -> Any:
    return work(by=None, why="a test", reach=Reach.everything())


@pytest.fixture
def admin(empty: str, clock: Any) -> Browser:
    """The first administrator of an empty installation on 20 May 2026, signed in."""
    clock.move_to(datetime(2026, 5, 20, 9, tzinfo=UTC))
    with everything():
        person = create_admin(
            email="ada@example.com", name="Ada Brown", password="seven green bottles", locale="de-DE"
        )
    client = Browser()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def test_one_form_makes_all_that_else_rests_on(admin: Browser) -> None:
    answer = admin.post(URL, TYPED)
    assert (answer.status_code, answer["Location"]) == (302, reverse("setup"))
    with everything():
        company = Organisation.objects.get()
        assert (company.name, company.fiscal_label, company.is_set_up) == ("Quell GmbH", "end", False)
        years = Period.objects.filter(kind="year")
        assert list(years.values_list("code", "starts_on")) == [
            ("2026", date(2025, 4, 1)), ("2027", date(2026, 4, 1)), ("2028", date(2027, 4, 1)),
        ]  # fmt: skip
        assert Period.objects.get(code="2027-Q1").starts_on == date(2026, 4, 1)
        root = Territory.objects.get(code="ALL")
        assert root.name == "Quell GmbH"
        places = Edge.objects.order_by("pk").values_list("child__name", "parent__name", "starts_on")
        assert list(places) == [
            ("Quell GmbH", None, date(2025, 4, 1)), ("Unassigned", "Quell GmbH", date(2025, 4, 1)),
        ]  # fmt: skip
        names = list(Stage.objects.values_list("name", flat=True))
        assert names == ["Qualify", "Discover", "Propose", "Negotiate", "Won", "Lost"]


def test_zone_currency_and_week_are_proposed(admin: Browser) -> None:
    form = admin.get(URL).context["form"]
    proposed = {
        name: form[name].value() for name in ("time_zone", "locale", "reporting_currency", "first_weekday")
    }
    assert proposed == {
        "time_zone": "UTC",
        "locale": "de-DE",
        "reporting_currency": "EUR",
        "first_weekday": 0,
    }


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"name": ""}, "name"),
        ({"reporting_currency": "XXX"}, "reporting_currency"),
        ({"fiscal_start_month": "13"}, "fiscal_start_month"),
        ({"fiscal_label": "middle"}, "fiscal_label"),
        ({"first_weekday": "7"}, "first_weekday"),
        ({"first_year": "2016"}, "first_year"),
        ({"first_year": "2028"}, "first_year"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_made(
    admin: Browser, typed: dict[str, str], field: str
) -> None:
    answer = admin.post(URL, {**TYPED, **typed})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    with everything():
        assert not Organisation.objects.exists()
        assert not Territory.objects.filter(code="ALL").exists()


def test_the_years_begin_where_it_is_said(admin: Browser) -> None:
    admin.post(URL, {**TYPED, "first_year": "2024"})
    with everything():
        assert list(Period.objects.filter(kind="year").values_list("code", flat=True)) == [
            "2024", "2025", "2026", "2027", "2028",
        ]  # fmt: skip


def test_who_comes_second_finds_the_company_of_the_first(admin: Browser) -> None:
    admin.post(URL, TYPED)
    answer = admin.post(URL, {**TYPED, "name": "Another"})
    assert answer.status_code == 409
    assert "This installation has its company already." in plain(answer)
    assert admin.get(URL)["Location"] == reverse("organisation_edit")
    with everything():
        ada = User.objects.get()
        with pytest.raises(Conflict):
            set_up_company(by=ada.pk, name="Another", reporting_currency="EUR")


def test_before_it_every_page_says_so_and_leads_an_administrator_there(admin: Browser) -> None:
    for name in ("account_list", "team_attainment", "person_list", "calendar", "search", "organisation_edit"):
        answer = admin.get(reverse(name))
        assert answer.status_code == 409, name
        assert "This installation has no company yet" in plain(answer)
        assert f'href="{reverse("setup")}"' in answer.content.decode()
    api = admin.get("/api/v1/accounts/")
    assert (api.status_code, api.json()["errors"][0]["code"]) == (409, "no_organisation")
    assert admin.get("/")["Location"] == reverse("setup")
    assert admin.get(reverse("setup")).status_code == 200


def test_others_are_told_plainly(admin: Browser) -> None:
    with everything():
        from territories.models import RoleGrant

        rita = User.objects.create(email="rita@example.com", name="Rita")
        RoleGrant.objects.create(user=rita, role="rep", starts_on=date(2026, 1, 1))
    client = Browser()
    client.force_login(rita, backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = client.get("/")
    assert answer.status_code == 409
    assert "An administrator sets it up." in plain(answer)
    assert client.get(URL).status_code == client.get(reverse("setup")).status_code == 403


def test_others_may_not(cast: Cast, browse: Any) -> None:
    for person in (cast.rep, cast.director, cast.executive):
        client = browse(person)
        for name in ("setup", "setup_company", "setup_night"):
            assert client.get(reverse(name)).status_code == 403
        assert client.post(reverse("setup_finish")).status_code == 403
