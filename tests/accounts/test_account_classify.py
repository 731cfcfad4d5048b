"""Segment, tier, business unit and strategic: from a day on, with what went before kept."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Account, Classification
from accounts.selectors.standing import book_of_classes, classes_on
from accounts.services import classify_account, classify_accounts, edit_account
from accounts.tasks import apply_due_assignments
from common.errors import Conflict, Forbidden, NotInReach, Refused
from tests.cast import Cast
from tests.closing import close_period
from workspace.services import add_value

TODAY, JUNE, JULY = date(2026, 5, 20), date(2026, 6, 1), date(2026, 7, 1)


def classify(cast: Cast, *names: str, on: date = TODAY, **values: Any) -> list[int]:
    ids = [cast.accounts[name].pk for name in names]
    return classify_accounts(by=cast.admin.pk, account_ids=ids, starts_on=on, **values)


def now(name: str) -> tuple[str, str, str, bool]:
    row = Account.objects.get(name=name)
    return row.segment, row.tier, row.business_unit, row.is_strategic


def on(cast: Cast, name: str, day: date) -> tuple[str, str, str, bool]:
    row = classes_on(cast.accounts[name], day)
    return row.segment, row.tier, row.business_unit, row.is_strategic


def test_from_its_day_on_and_earlier_days_keep_what_they_had(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        classify(cast, "Acorn", on=date(2026, 2, 1), segment="Enterprise", tier="A")
        classify(cast, "Acorn", tier="B", is_strategic=True, reason="annual review")
        assert on(cast, "Acorn", date(2026, 1, 31)) == ("", "", "", False)
        assert on(cast, "Acorn", date(2026, 5, 19)) == ("Enterprise", "A", "", False)
        assert on(cast, "Acorn", TODAY) == now("Acorn") == ("Enterprise", "B", "", True)


def test_many_at_once_those_that_are_so_already_stay(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        classify(cast, "Acorn", segment="Enterprise")
        changed = classify(cast, "Acorn", "Beech", "Cedar", segment="Enterprise")
        assert changed == [cast.accounts["Beech"].pk, cast.accounts["Cedar"].pk]
        assert {now(name)[0] for name in ("Acorn", "Beech", "Cedar")} == {"Enterprise"}
        with pytest.raises(Refused, match="already"):
            classify(cast, "Acorn", "Beech", segment="Enterprise")


def test_a_later_day_waits_for_the_worker(cast: Cast, acting: Any, clock: Any) -> None:
    with acting(cast.admin):
        classify(cast, "Acorn", on=JUNE, segment="Mid-market")
        assert now("Acorn")[0] == ""
    clock.move_to(datetime(2026, 6, 1, 9, tzinfo=UTC))
    apply_due_assignments()
    with acting(cast.admin):
        assert now("Acorn")[0] == "Mid-market"


def test_what_was_planned_for_later_is_dropped_also_where_nothing_changes_today(
    cast: Cast, acting: Any
) -> None:
    with acting(cast.admin):
        classify(cast, "Acorn", segment="Enterprise")
        classify(cast, "Acorn", on=JULY, segment="Mid-market")
        classify(cast, "Acorn", on=JUNE, segment="Enterprise")
        assert on(cast, "Acorn", date(2027, 1, 1))[0] == "Enterprise"
        classify(cast, "Beech", on=JULY, tier="A")
        assert classify(cast, "Beech", on=JUNE, tier="") == [cast.accounts["Beech"].pk]
        assert on(cast, "Beech", date(2027, 1, 1))[1] == ""


def test_values_are_those_of_the_lists_and_what_an_account_has_it_keeps(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        classify(cast, "Acorn", on=date(2026, 5, 1), segment="Old")
        add_value(by=cast.admin.pk, name="segment", value="Enterprise")
        with pytest.raises(Refused) as refusal:
            classify(cast, "Beech", segment="Old")
        assert (refusal.value.path, refusal.value.code) == ("segment", "unknown_segment")
        classify(cast, "Beech", segment="enterprise")
        assert now("Beech")[0] == "Enterprise"
        classify(cast, "Acorn", segment="Old", tier="A")
        assert now("Acorn")[:2] == ("Old", "A")
        with pytest.raises(Refused):
            classify(cast, "Acorn", colour="red")


def test_who_may(cast: Cast, acting: Any) -> None:
    acorn, cedar = cast.accounts["Acorn"].pk, cast.accounts["Cedar"].pk
    with acting(cast.manager):
        classify_account(by=cast.manager.pk, account_id=acorn, starts_on=TODAY, tier="A")
        with pytest.raises(NotInReach):
            classify_accounts(by=cast.manager.pk, account_ids=[acorn, cedar], starts_on=TODAY, tier="B")
        with pytest.raises(NotInReach):
            classify_account(by=cast.manager.pk, account_id=cedar, starts_on=TODAY, tier="B")
    for person in (cast.rep, cast.director, cast.coordinator, cast.executive):
        with acting(person), pytest.raises(Forbidden):
            classify_account(by=person.pk, account_id=acorn, starts_on=TODAY, tier="B")


def test_none_too_many_and_a_closed_day_are_refused(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        for ids in (range(0), range(1, 502)):
            with pytest.raises(Refused, match="500"):
                classify_accounts(by=cast.admin.pk, account_ids=ids, starts_on=TODAY, tier="A")
        close_period(cast.q1.pk)
        with pytest.raises(Conflict, match="2026-Q1"):
            classify(cast, "Acorn", on=date(2026, 3, 31), tier="A")


def test_the_book_says_who_said_what(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        classify(cast, "Acorn", on=date(2026, 5, 1), segment="Enterprise", is_strategic=True)
        classify(cast, "Acorn", segment="", is_strategic=False, reason="was a mistake")
        said = [(line.text, line.mark) for line in book_of_classes(cast.accounts["Acorn"])]
        texts = [text for text, _mark in said]
        assert sorted(texts) == [
            "Enterprise · strategic, May 1, 2026 until May 20, 2026",
            "Enterprise · strategic, from May 1, 2026 on",
            "—, from May 20, 2026 on: was a mistake",
        ]
        assert sum(bool(mark) for _text, mark in said) == 1


def test_the_dialog_offers_the_lists_and_keeps_what_is_not_offered_any_more(
    cast: Cast, browse: Any, acting: Any
) -> None:
    with acting(cast.admin):
        classify(cast, "Acorn", on=date(2026, 5, 1), segment="Old")
        add_value(by=cast.admin.pk, name="segment", value="Enterprise")
    client, pk = browse(cast.manager), cast.accounts["Acorn"].pk
    url = reverse("account_classify", args=[pk])
    page = client.get(url).content.decode()
    assert '<option value="Old" selected>Old</option>' in page
    assert '<option value="Enterprise">' in page
    data = {"segment": "Enterprise", "tier": "Gold", "is_strategic": "on", "starts_on": "2026-05-20"}
    answer = client.post(url, data)
    assert answer["Location"] == reverse("account_detail", args=[pk])
    panel = browse(cast.rep).get(reverse("account_classes_panel", args=[pk])).content.decode()
    for words in ("Enterprise", "Gold", "Old", "May 1, 2026 until May 20, 2026"):
        assert words in panel
    assert "Classify" not in panel


def test_an_edit_of_the_profile_leaves_classes_alone(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        classify(cast, "Acorn", tier="A")
        pk = cast.accounts["Acorn"].pk
        edit_account(
            by=cast.admin.pk,
            account_id=pk,
            version=1,
            web_domain="HTTPS://www.Acorn.com/",
            tax_number="us 12-3",
        )
        account = Account.objects.get(pk=pk)
        assert (account.tier, account.web_domain, account.tax_number) == ("A", "acorn.com", "US123")
        with pytest.raises(Refused) as refusal:
            edit_account(by=cast.admin.pk, account_id=pk, version=2, web_domain="acorn")
        assert refusal.value.path == "web_domain"
        assert Classification.objects.filter(account=pk).count() == 1
