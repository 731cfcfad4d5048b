"""The company's settings: what figures rest on stays, the rest can be changed and is remembered."""

from typing import Any

import pytest
from django.urls import reverse

from common import services
from common.errors import Refused
from common.models import Organisation
from tests.cast import Cast

URL = reverse("organisation_edit")


def typed(**changes: str) -> dict[str, str]:
    return {
        "name": "Cast Company",
        "reporting_currency": "USD",
        "time_zone": "America/New_York",
        "locale": "en-US",
        "first_weekday": "0",
        "fiscal_start_month": "1",
        "fiscal_label": "start",
        "calendar": "months",
        "year_end_weekday": "5",
        "year_ends": "last",
        "version": "1",
        **changes,
    }


def test_a_new_name_stands_everywhere_and_in_the_history(cast: Cast, browse: Any) -> None:
    client = browse(cast.admin)
    assert client.post(URL, typed(name="Cast & Sons")).status_code == 302
    text = client.get(URL).content.decode()
    assert "Cast &amp; Sons" in text
    assert "Name: <del>Cast Company</del> → <ins>Cast &amp; Sons</ins>" in text
    assert "Ada Admin · " in text


def test_lists_of_weekdays_begin_with_the_first_day_of_the_week(cast: Cast, browse: Any) -> None:
    client, page = browse(cast.admin), reverse("policy_edit", args=["forecast_due_weekday"])
    first = [str(client.get(page).context["form"].fields["value"].choices[0][1])]
    assert client.post(URL, typed(first_weekday="6")).status_code == 302
    first += [str(client.get(page).context["form"].fields["value"].choices[0][1])]
    assert first == ["Monday", "Sunday"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reporting_currency": "EUR"}, "reporting_currency"),
        ({"fiscal_start_month": "4"}, "fiscal_start_month"),
        ({"fiscal_label": "end"}, "fiscal_label"),
    ],
)
def test_what_figures_rest_on_stays(cast: Cast, browse: Any, changes: dict[str, str], field: str) -> None:
    response = browse(cast.admin).post(URL, typed(**changes))
    assert response.status_code == 409
    assert list(response.context["form"].errors) == [field]


@pytest.mark.parametrize(
    ("gone", "status"),
    [(["rate"], 409), (["period"], 409), (["rate", "period"], 302)],
)
def test_the_currency_stays_once_there_are_years_or_rates(
    cast: Cast, browse: Any, owner: Any, gone: list[str], status: int
) -> None:
    owner.execute("SET session_replication_role = replica")
    for table in gone:
        owner.execute(f"DELETE FROM common_{table}")
    response = browse(cast.admin).post(URL, typed(reporting_currency="JPY"))
    assert response.status_code == status
    if status == 409:
        message = "There are fiscal years or rates already, so the reporting currency stays USD."
        assert response.context["form"].errors == {"reporting_currency": [message]}


def test_a_stale_edit_shows_both_versions(cast: Cast, browse: Any) -> None:
    client = browse(cast.admin)
    client.post(URL, typed(name="First"))
    stale = client.post(URL, typed(name="Second", time_zone="UTC"))
    assert stale.status_code == 412
    assert stale.context["conflict"].rows == [
        {"label": "Name", "theirs": "First", "yours": "Second"},
        {"label": "Time zone", "theirs": "America/New York", "yours": "UTC"},
    ]


def test_others_may_not(cast: Cast, browse: Any) -> None:
    for person in (cast.rep, cast.manager, cast.director, cast.coordinator, cast.executive):
        client = browse(person)
        assert client.get(URL).status_code == client.post(URL, typed()).status_code == 403


def test_no_unknown_setting_is_written(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        with pytest.raises(Refused):
            services.edit_organisation(by=cast.admin.pk, version=1, is_demo=True)
        assert not Organisation.objects.get().is_demo
