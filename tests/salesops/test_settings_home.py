"""Everything that can be set on one page, and the page of each setting."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from common.models import Organisation, Setting
from common.policies import POLICIES
from common.selectors import policy
from common.services import add_day_off
from common.transaction import now, widened
from forecasts.models import Submission
from forecasts.services import submit
from imports.models import Batch
from territories.models import User
from tests.cast import PEOPLE, Cast
from tests.salesops.conftest import plain
from workspace.services import add_value, invite, name_stand_in, offer_value

HOME = reverse("settings_home")
STALLED = reverse("policy_edit", args=["stalled_after_days"])
DUE_HOUR = reverse("policy_edit", args=["forecast_due_hour"])


def typed(**changes: str) -> dict[str, str]:
    return {"version": "0", "value": "30", "reason": "", **changes}


def test_the_page_says_what_is_set_and_who_changed_it(cast: Cast, browse: Any) -> None:
    client = browse(cast.admin)
    assert (
        client.post(DUE_HOUR, typed(value="9", starts_on="2026-06-01", reason="Earlier")).status_code == 302
    )
    page = plain(client.get(HOME))
    assert "Cast Company · USD · America/New_York" in page
    assert "Calls are due at 12:00, from Jun 1, 2026 on 09:00 Ada Admin · " in page
    assert "Stalled after 45 days" in page
    assert "Price, Product fit, Timing, Competitor, No decision, No budget" in page
    assert "Prospecting → Qualified → " in page
    assert "Table: Products" in page
    assert "Imports 0 imports" in page


def test_every_part_says_what_it_is_now_and_who_changed_it_last(
    cast: Cast, browse: Any, acting: Any, night: Any
) -> None:
    """Of each part there are several rows: the newest one counts, and of a list only what is on offer."""
    client = browse(cast.admin)
    with acting(cast.coordinator), widened("organisation"):
        Organisation.objects.update(name="Cast & Daughters")
    with acting(cast.admin):
        for day, name in ((date(2026, 7, 3), "Independence Day"), (date(2026, 5, 25), "Memorial Day")):
            add_day_off(by=cast.admin.pk, on=day, name=name)
        add_day_off(by=cast.admin.pk, on=date(2026, 5, 1), name="May Day")
        add_value(by=cast.admin.pk, name="industry", value="Retail")
        energy = add_value(by=cast.admin.pk, name="industry", value="Energy")
        offer_value(by=cast.admin.pk, value_id=energy.pk, version=energy.version, is_offered=False)
        name_stand_in(
            by=cast.admin.pk,
            person_id=cast.manager.pk,
            stand_in_id=cast.other_manager.pk,
            starts_on=date(2026, 6, 1),
            stops_on=date(2026, 6, 8),
        )
        for name in ("first.csv", "second.csv"):
            facts = {"table": "products", "name": name, "by": cast.admin, "request_id": uuid4()}
            Batch.objects.create(state=Batch.State.APPLIED, applied_at=now(), **facts)
        invite(by=cast.admin.pk, user_ids=[newcomer(cast).pk])
    night()
    page = plain(client.get(HOME))
    for words in (
        "Cast & Daughters · USD · America/New_York Cora Coordinator · ",
        "Fiscal calendar until Dec 31, 2035 the system · ",
        "Days off Memorial Day, May 25, 2026 Ada Admin · ",
        "Exchange rates 1 currency the system · ",
        "Industries Retail Ada Admin · ",
        "Reasons why deals are lost Price, Product fit, Timing, Competitor, No decision, No budget ",
        "Sales models Prospecting → Qualified → Proposal → Negotiation → Won → Lost the system · ",
        "Catalogue 2 products in 2 families the system · ",
        "Territories 9 territories the system · ",
        "People 11 people ",
        "Invitations 1 open Ada Admin · ",
        "Stand-ins 1 now or later Ada Admin · ",
        "Table: Products second.csv Ada Admin · ",
        "Imports 2 imports",
        "Runs attainment of May 19, 2026: published the system · ",
    ):
        assert words in page


def newcomer(cast: Cast) -> User:
    """A person without a password."""
    person = User(email="nina@example.com", name="Nina New")
    person.set_unusable_password()
    person.save()
    return person


@pytest.mark.parametrize("key", sorted(set(PEOPLE) - {"admin"}))
def test_only_administrators_have_it(cast: Cast, browse: Any, key: str) -> None:
    client = browse(getattr(cast, key))
    assert [client.get(url).status_code for url in (HOME, STALLED)] == [403, 403]
    assert client.post(STALLED, typed()).status_code == 403
    assert f'href="{HOME}"' not in client.get("/").content.decode()


@pytest.mark.parametrize("name", POLICIES)
def test_every_setting_has_its_page(cast: Cast, browse: Any, name: str) -> None:
    page = plain(browse(cast.admin).get(reverse("policy_edit", args=[name])))
    one = POLICIES[name]
    for words in (one.label, one.meaning, one.changes, f"Default {one.in_words(one.default)}"):
        assert str(words) in page
    assert "Nobody changed it yet: the default holds." in page


def test_a_change_is_made_and_stands_in_the_history(cast: Cast, browse: Any, acting: Any) -> None:
    client = browse(cast.admin)
    page = plain(client.post(STALLED, typed(reason="Faster quarters"), follow=True))
    assert "Stalled after: 30 days." in page
    assert "From May 20, 2026 on: 30 days (was 45 days). Faster quarters" in page
    with acting(cast.rep):
        assert policy("stalled_after_days") == 30


@pytest.mark.parametrize(
    ("url", "changes", "words"),
    [
        (STALLED, {"value": "0"}, "Write a whole number from 1 to 730."),
        (STALLED, {"value": "1.5"}, "Write a whole number from 1 to 730."),
        (STALLED, {"value": ""}, "This field is required."),
        (
            DUE_HOUR, {"value": "9", "starts_on": "2026-05-19"},
            "A change holds from today or a later day on: what has been keeps its value.",
        ),
        (DUE_HOUR, {"value": "24", "starts_on": "2026-05-20"}, "24 is not one of the available choices."),
    ],
)  # fmt: skip
def test_odd_input_is_named_at_its_field(
    cast: Cast, browse: Any, url: str, changes: dict[str, str], words: str
) -> None:
    answer = browse(cast.admin).post(url, typed(**changes))
    assert answer.status_code == 422
    assert words in plain(answer)
    assert not Setting.objects.exists()


def test_the_second_of_two_sees_what_the_first_decided_and_may_decide_again(cast: Cast, browse: Any) -> None:
    client = browse(cast.admin)
    client.post(STALLED, typed())
    late = client.post(STALLED, typed(value="60"))
    assert late.status_code == 412
    assert "From May 20, 2026 on: 30 days (was 45 days)" in plain(late)
    again = typed(value="60", version=str(late.context["form"].data["version"]))
    assert client.post(STALLED, again).status_code == 302


def test_a_setting_that_there_is_not(cast: Cast, browse: Any) -> None:
    assert browse(cast.admin).get(reverse("policy_edit", args=["largest_discount"])).status_code == 404


@pytest.mark.parametrize("is_changed", [False, True])
def test_a_call_is_judged_by_the_due_time_of_its_day(
    cast: Cast, browse: Any, acting: Any, clock: Any, is_changed: bool
) -> None:
    """Due Mondays at 12, or at 9 from 1 June on: only the call of 8 June, at 10 in New York, is judged otherwise."""
    if is_changed:
        browse(cast.admin).post(DUE_HOUR, typed(value="9", starts_on="2026-06-01"))
    for day, hour in ((22, 14), (25, 14), (25, 17)):
        _call(cast, acting, clock, datetime(2026, 5, day, hour, tzinfo=UTC))
    _call(cast, acting, clock, datetime(2026, 6, 8, 14, tzinfo=UTC))
    with acting(cast.rep):
        told = list(Submission.objects.order_by("id").values_list("is_late", flat=True))
    assert told == [True, True, False, is_changed]


def _call(cast: Cast, acting: Any, clock: Any, instant: datetime) -> None:
    clock.move_to(instant)
    with acting(cast.rep):
        submit(by=cast.rep.pk, period_id=cast.q2.pk, amount_minor=100)
