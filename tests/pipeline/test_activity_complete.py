"""A planned activity is marked as done in the browser."""

from datetime import date

import pytest
from django.urls import reverse

from accounts.models import Contact
from pipeline.models import Activity
from pipeline.services import log_activity
from tests.salesops.conftest import plain


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


def test_who_else_took_part_is_added(cast, browse, acting):
    with acting(cast.rep):
        acorn = cast.accounts["Acorn"]
        ann, bo = (Contact.objects.create(account=acorn, name=name) for name in ("Ann", "Bo"))
        about = {"kind": "visit", "subject": "Site", "account_id": acorn.pk, "contact_ids": [ann.pk]}
        visit = log_activity(by=cast.rep.pk, done=False, due_on=date(2026, 5, 20), **about)
    client = browse(cast.rep)
    page = plain(client.get(address(visit)))
    assert "Site · with Ann" in page
    assert "Who else took part (optional) Bo" in page
    assert client.post(address(visit), {"version": 1, "contact_ids": [bo.pk]}).status_code == 302
    with acting(cast.rep):
        assert Activity.objects.get(pk=visit.pk).contact_ids == [ann.pk, bo.pk]
