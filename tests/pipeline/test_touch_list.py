"""Accounts touched and neglected: by class, by territory, counts that lead to their rows, seniors whom nobody met."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Account, Contact
from accounts.services import set_norm
from pipeline.rules.touches import cadence, neglected_before
from pipeline.selectors.touches import ALL, NEGLECTED, TOUCHED, TouchFilters, touch_lines, touch_page
from pipeline.services import log_activity
from tests.cast import Cast
from tests.pages import parsed
from tests.pipeline.insight import won
from workspace.models import ListValue

DAY = date(2026, 5, 20)


@pytest.mark.parametrize(("touches", "days"), [(12, 31), (52, 8), (365, 1), (0, 90), (None, 90)])
def test_how_long_a_touch_lasts(touches: int | None, days: int) -> None:
    assert cadence(touches, 90) == days


def test_the_last_day_that_still_counts() -> None:
    assert neglected_before(date(2026, 5, 31), 31) == date(2026, 4, 30)


def touch(cast: Cast, acting: Any, account: str, on: date, kind: str = "call", who: str = "rep") -> None:
    person = getattr(cast, who)
    with acting(person):
        about = {"subject": "Talk", "account_id": cast.accounts[account].pk}
        log_activity(by=person.pk, kind=kind, done_on=on, **about)


def names(cast: Cast, acting: Any, who: str, **filters: Any) -> list[tuple[str, date | None]]:
    person = getattr(cast, who)
    with acting(person) as context:
        page = touch_page(context.reach, TouchFilters(**filters), DAY, None)
    return [(row.account.name, row.last_on) for row in page.rows]


def test_an_account_is_neglected_after_the_days_of_the_setting(cast: Cast, acting: Any) -> None:
    touch(cast, acting, "Acorn", date(2026, 2, 19))
    assert names(cast, acting, "rep") == []
    assert names(cast, acting, "rep", state=TOUCHED) == [("Acorn", date(2026, 2, 19))]
    touch(cast, acting, "Beech", date(2026, 2, 18), who="peer")
    assert names(cast, acting, "peer") == [("Beech", date(2026, 2, 18))]
    assert names(cast, acting, "manager", state=ALL) == [
        ("Beech", date(2026, 2, 18)),
        ("Acorn", date(2026, 2, 19)),
    ]


@pytest.mark.parametrize("kind", ["note", "task", "follow_up"])
def test_a_note_touches_nobody(cast: Cast, acting: Any, kind: str) -> None:
    touch(cast, acting, "Acorn", DAY, kind)
    assert names(cast, acting, "rep") == [("Acorn", None)]


def test_a_norm_of_the_class_counts_before_the_setting(cast: Cast, acting: Any) -> None:
    touch(cast, acting, "Acorn", date(2026, 4, 18))
    with acting(cast.admin):
        ListValue.objects.get_or_create(list=ListValue.List.SEGMENT, value="Key")
        Account.objects.filter(pk=cast.accounts["Acorn"].pk).update(segment="Key")
        set_norm(by=cast.admin.pk, segment="Key", tier="", touches=12, minutes=60, starts_on=date(2026, 1, 1))
    assert names(cast, acting, "rep") == [("Acorn", date(2026, 4, 18))]
    touch(cast, acting, "Acorn", date(2026, 4, 19))
    assert names(cast, acting, "rep") == []


def test_whoever_touched_it_the_day_is_one_for_all_who_read_the_account(cast: Cast, acting: Any) -> None:
    """The coordinator's own call is in no other reach, and touched the account all the same."""
    touch(cast, acting, "Cedar", date(2026, 5, 19), who="coordinator")
    assert names(cast, acting, "other_rep", state=ALL) == [("Cedar", date(2026, 5, 19))]


def test_counts_by_territory_are_their_rows(cast: Cast, acting: Any) -> None:
    touch(cast, acting, "Acorn", DAY)
    with acting(cast.director) as context:
        lines = touch_lines(context.reach, TouchFilters(), DAY)
    found = [(line.territory.name, line.owner, line.accounts, line.touched, line.neglected) for line in lines]
    assert found == [("East 2", "Paul Peer", 1, 0, 1), ("East 1", "Rita Rep", 1, 1, 0)]
    for line in lines:
        for state, number in ((NEGLECTED, line.neglected), (TOUCHED, line.touched), (ALL, line.accounts)):
            rows = names(cast, acting, "director", state=state, territory_id=line.territory.pk)
            assert len(rows) == number
    assert names(cast, acting, "director", owner_id=cast.peer.pk) == [("Beech", None)]


def test_seniors_whom_nobody_met(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        acorn = cast.accounts["Acorn"]
        chief = Contact.objects.create(account=acorn, name="Ann", seniority="executive")
        Contact.objects.create(account=acorn, name="Vic", seniority="vice")
        Contact.objects.create(account=cast.accounts["Beech"], name="Stan", seniority="staff")
    with acting(cast.manager) as context:
        about = {"subject": "Talk", "account_id": acorn.pk, "contact_ids": [chief.pk]}
        log_activity(by=cast.manager.pk, kind="meeting", done_on=date(2026, 2, 19), **about)
        log_activity(by=cast.manager.pk, kind="email", **about)
        for who, waiting in (("c", []), ("vp", ["Vic"]), ("both", ["Vic"])):
            page = touch_page(context.reach, TouchFilters(state=ALL, unmet=who), DAY, None)
            assert [contact.name for row in page.rows for contact in row.unmet] == waiting


def test_the_page_leads_from_counts_to_rows(cast: Cast, browse: Any) -> None:
    client = browse(cast.manager)
    page = client.get(reverse("touch_list"))
    links = [one for one in parsed(page.content.decode()).walk() if one.has_class("row-link")]
    assert [one.text for one in links] == ["Acorn", "Beech"]
    east = cast.territories["East 2"].pk
    page = client.get(reverse("touch_list"), {"territory": east, "state": "neglected"})
    assert "Beech" in page.content.decode()
    assert "Acorn" not in page.content.decode()
    assert client.get(reverse("touch_list"), {"state": "lost"}).status_code == 400


def test_what_a_neglected_account_is_worth_leads_to_its_deals(cast: Cast, browse: Any) -> None:
    """The cast's open deal is worth 100,000.01; of two that were won one lies more than a year back."""
    won(cast, "Last year's", "2025-01-01", "2025-05-20", amount_minor=70_00)
    won(cast, "This year's", "2025-01-01", "2025-05-21", amount_minor=30_00)
    won(cast, "Of unknown worth", "2025-06-01", "2025-07-01", amount_minor=None)
    client = browse(cast.manager)
    page = client.get(reverse("touch_list"))
    row, urls = next((row, urls) for row, urls in page.context["rows"] if row.account.name == "Acorn")
    assert row.owner == "Rita Rep"
    assert (row.worth.won, row.worth.won_minor) == (2, 30_00)
    assert (row.worth.open, row.worth.open_minor) == (1, 100_000_01)
    for name, number, minor in (("won", 2, 30_00), ("open", 1, 100_000_01)):
        found = client.get(reverse("touch_list") + urls[name].removesuffix("#deals")).context["behind"]
        assert (found.deals, len(found.page.rows), found.minor) == (number, number, minor)
    html = page.content.decode()
    assert html.index("row-link") < html.index("By territory")
    foreign = {"show": "won", "key": cast.accounts["Cedar"].pk}
    assert client.get(reverse("touch_list"), foreign).status_code == 404
