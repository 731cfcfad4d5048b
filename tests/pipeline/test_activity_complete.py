"""A planned activity is marked as done in the browser."""

from datetime import date

import pytest
from django.urls import reverse

from pipeline.models import Activity
from pipeline.services import log_activity


@pytest.fixture
def planned(cast, acting):
    with acting(cast.rep):
        return log_activity(
            by=cast.rep.pk,
            kind="task",
            subject="Send brochure",
            account_id=cast.accounts["Acorn"].pk,
            done=False,
            due_on=date(2026, 5, 19),
        )


def address(activity):
    return reverse("activity_complete", args=[activity.pk])


def test_it_is_done_with_its_outcome(cast, browse, acting, planned):
    answer = browse(cast.rep).post(address(planned), {"outcome": "Sent", "version": 1})
    assert answer["Location"] == reverse("account_detail", args=[cast.accounts["Acorn"].pk])
    with acting(cast.rep):
        row = Activity.objects.get(pk=planned.pk)
    assert row.outcome == "Sent"
    assert row.done_at
    assert row.done_at.date() == date(2026, 5, 20)


def test_twice_is_told(cast, browse, planned):
    client = browse(cast.rep)
    client.post(address(planned), {"version": 1})
    assert client.post(address(planned), {"version": 2}).status_code == 422


def test_a_stale_form_is_told(cast, browse, planned):
    assert browse(cast.rep).post(address(planned), {"version": 5}).status_code == 412


@pytest.mark.parametrize(
    ("person", "status"),
    [("rep", 200), ("manager", 200), ("peer", 404), ("other_director", 404), ("executive", 403)],
)
def test_who_may(cast, browse, planned, person, status):
    assert browse(getattr(cast, person)).get(address(planned)).status_code == status
