"""Two accounts that are one: what moves, what stays, and taking them apart again."""

from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import (
    Account,
    AccountMerge,
    AccountTerritory,
    Contact,
    Hold,
    Module,
    ModuleMember,
)
from accounts.selectors import Search, account_list, account_suggest, named, unassigned_accounts
from accounts.services import create_account
from common.errors import Conflict, Forbidden, NotInReach, Refused, Stale
from common.transaction import reach
from orders.models import Credit, Order
from orders.selectors.awaiting import requests_in
from orders.services import LineInput, ShareInput, book
from pipeline.models import Activity, Opportunity
from pipeline.services import AccountInput, convert_lead, create_opportunity
from pipeline.tasks import follow_accounts
from planning.selectors.merging import ended, merging, stayed
from planning.services import leave
from planning.services.merging import merge_accounts, undo_merge
from territories.models import Edge
from tests.cast import Cast
from tests.orders.winning import asks, sign, won
from tests.pipeline.leads import a_lead
from tests.pipeline.test_follow_accounts import worker
from tests.workspace.at_once import at_once

TODAY = date(2026, 5, 20)


def merge(
    cast: Cast, survivor: str = "Acorn", merged: str = "Cedar", reason: str = "the same"
) -> AccountMerge:
    ids = {"survivor_id": cast.accounts[survivor].pk, "merged_id": cast.accounts[merged].pk}
    return merge_accounts(by=cast.admin.pk, reason=reason, **ids)


def undo(cast: Cast, one: AccountMerge, version: int = 1) -> AccountMerge:
    return undo_merge(by=cast.admin.pk, merge_id=one.pk, version=version)


def account(cast: Cast, name: str) -> Account:
    row: Account = Account.objects.select_related("territory").get(pk=cast.accounts[name].pk)
    return row


def spans(cast: Cast, name: str) -> list[tuple[str, date, date | None]]:
    rows = AccountTerritory.objects.current().filter(account=cast.accounts[name]).select_related("territory")
    return [(row.territory.name, row.starts_on, row.stops_on) for row in rows.order_by("starts_on")]


def book_order(cast: Cast, person: Any, name: str, day: date) -> None:
    book(
        by=person.pk,
        account_id=cast.accounts[name].pk,
        booked_on=day,
        currency="USD",
        lines=[LineInput(cast.products["Server"].pk, 1, 50_000)],
        shares=[ShareInput(person.pk, 100_000_000)],
        motion="new",
    )


def make_work(cast: Cast) -> tuple[Contact, Activity]:
    cedar = cast.accounts["Cedar"]
    contact = Contact.objects.create(account=cedar, name="Carl Cedar")
    activity = Activity.objects.create(
        kind="task",
        subject="Call",
        account=cedar,
        owner=cast.other_rep,
        territory=cedar.territory,
        due_on=TODAY,
    )
    return contact, activity


def follow(acting: Any, cast: Cast) -> tuple[str, str]:
    """The worker lets open work follow; the territory of Cedar's deal, and its owner."""
    with worker():
        follow_accounts()
    with acting(cast.admin):
        deal = Opportunity.objects.select_related("territory", "owner").get(name="Cedar renewal")
        return deal.territory.name, deal.owner.name


def test_deals_activities_and_contacts_move_and_come_back(cast: Cast, acting: Any) -> None:
    lost = cast.deals["Beech renewal"]
    with acting(cast.admin):
        contact, activity = make_work(cast)
        Opportunity.objects.filter(pk=lost.pk).update(
            account=cast.accounts["Cedar"], state="lost", stage=cast.stages["Lost"], closed_on=TODAY
        )
        done = merge(cast)
        deals = sorted([cast.deals["Cedar renewal"].pk, lost.pk])
        assert (done.moved["deals"], done.moved["activities"]) == (deals, [activity.pk])
        assert done.moved["contacts"] == [contact.pk]
        moved = [*Opportunity.objects.filter(pk__in=deals), activity, contact]
        assert whose(moved) == {cast.accounts["Acorn"].pk}
    assert follow(acting, cast) == ("East 1", "Oscar Other")
    with acting(cast.admin):
        assert stayed(undo(cast, done)) == []
        assert whose(moved) == {cast.accounts["Cedar"].pk}
    assert follow(acting, cast) == ("West 1", "Oscar Other")


def test_what_awaits_its_booking_goes_along_also_where_its_deal_has_no_account(
    cast: Cast, acting: Any
) -> None:
    asks(cast, acting, "contract")
    with acting(cast.admin):
        Opportunity.objects.filter(pk=cast.deals["Cedar renewal"].pk).update(account=None)
        won(cast, "Cedar renewal", by=cast.admin, account_id=cast.accounts["Cedar"].pk)
        done = merge(cast)
        (row,) = requests_in(reach())
        assert (row.account_id, row.account_name) == (cast.accounts["Acorn"].pk, "Acorn")
    with acting(cast.admin):
        assert stayed(undo(cast, done)) == []
        assert [row.account_name for row in requests_in(reach())] == ["Cedar"]


def test_what_awaits_its_booking_is_with_the_account_of_its_deal(cast: Cast, acting: Any) -> None:
    asks(cast, acting, "contract")
    with acting(cast.admin):
        won(cast, "Cedar renewal", by=cast.admin)
        merge(cast)
        assert [row.account_name for row in requests_in(reach())] == ["Acorn"]
    sign(cast, "Cedar renewal")
    with acting(cast.admin):
        order = won(cast, "Cedar renewal", by=cast.admin)
        assert order.account_id == cast.accounts["Acorn"].pk


def test_what_a_lead_became_follows_to_the_account_that_stays(cast: Cast, acting: Any) -> None:
    lead = a_lead(acting, cast.other_rep)
    with acting(cast.other_rep):
        here = AccountInput(cast.accounts["Cedar"].pk)
        convert_lead(by=cast.other_rep.pk, lead_id=lead.pk, version=1, account=here)
    with acting(cast.admin):
        done = merge(cast)
        assert done.moved["leads"] == [lead.pk]
        assert whose([lead]) == {cast.accounts["Acorn"].pk}
        assert stayed(undo(cast, done)) == []
        assert whose([lead]) == {cast.accounts["Cedar"].pk}


def test_a_merge_from_before_there_were_leads_is_taken_apart(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        done = merge(cast)
        AccountMerge.objects.filter(pk=done.pk).update(
            moved={name: ids for name, ids in done.moved.items() if name != "leads"}
        )
        assert stayed(undo(cast, done)) == []
        assert whose([cast.deals["Cedar renewal"]]) == {cast.accounts["Cedar"].pk}


def whose(rows: list[Any]) -> set[int]:
    for row in rows:
        row.refresh_from_db()
    return {row.account_id for row in rows}


def test_territories_holds_and_modules_end_today_and_begin_again(cast: Cast, acting: Any, clock: Any) -> None:
    cedar = cast.accounts["Cedar"]
    with acting(cast.admin):
        module = Module.objects.create(name="North")
        ModuleMember.objects.create(account=cedar, module=module, starts_on=date(2026, 1, 1))
        ends = {"starts_on": date(2026, 1, 1), "person": cast.other_rep}
        Hold.objects.create(account=cedar, stops_on=date(2026, 6, 1), **ends)
        done = merge(cast)
        assert spans(cast, "Cedar") == [("West 1", date(2025, 1, 1), TODAY)]
        assert account(cast, "Cedar").territory.is_unassigned
        assert [row.stops_on for row in ModuleMember.objects.current()] == [TODAY]
        assert [row.stops_on for row in Hold.objects.current()] == [TODAY]
    clock.move_to(datetime(2026, 6, 2, 9, tzinfo=UTC))
    with acting(cast.admin):
        undo(cast, done)
        assert spans(cast, "Cedar") == [
            ("West 1", date(2025, 1, 1), TODAY), ("West 1", date(2026, 6, 2), None),
        ]  # fmt: skip
        assert account(cast, "Cedar").territory == cast.territories["West 1"]
        assert Hold.objects.on(date(2026, 6, 2)).count() == 0  # it was over meanwhile
        assert ModuleMember.objects.on(date(2026, 6, 2)).count() == 1


def test_what_was_placed_anew_meanwhile_stays(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        done = merge(cast)
        AccountTerritory.objects.create(
            account=cast.accounts["Cedar"], territory=cast.territories["East 2"], starts_on=TODAY
        )
        again = undo(cast, done)
        assert (stayed(again), ended(again)) == ([], ["1 account's territory"])
        assert account(cast, "Cedar").territory == cast.territories["East 2"]


def bundled_and_held(cast: Cast) -> Module:
    """Cedar in a module, and held with Oscar until 1 September."""
    module: Module = Module.objects.create(name="North")
    since = {"account": cast.accounts["Cedar"], "starts_on": date(2026, 1, 1)}
    ModuleMember.objects.create(module=module, **since)
    Hold.objects.create(person=cast.other_rep, stops_on=date(2026, 9, 1), **since)
    return module


def test_nothing_begins_again_where_it_is_retired_or_gone(cast: Cast, acting: Any, browse: Any) -> None:
    with acting(cast.admin):
        module = bundled_and_held(cast)
        done = merge(cast)
        Edge.objects.get(child=cast.territories["West 1"]).replaced(stops_on=TODAY)
        Module.objects.filter(pk=module.pk).update(is_active=False)
    admin = browse(cast.admin)
    said = admin.post(reverse("account_merge_undo", args=[done.pk]), {"version": "1"}, follow=True)
    gone = "1 account&#x27;s territory, 1 hold, 1 module."
    assert f"Not begun again, because something else holds now or it is retired or gone: {gone}" in (
        said.content.decode()
    )
    panel = admin.get(reverse("account_merges_panel", args=[cast.accounts["Acorn"].pk])).content.decode()
    assert f"Not begun again: {gone}" in panel
    with acting(cast.admin):
        assert spans(cast, "Cedar") == [("West 1", date(2025, 1, 1), TODAY)]
        assert account(cast, "Cedar").territory.is_unassigned
        assert not Hold.objects.on(TODAY).exists()
        assert not ModuleMember.objects.on(TODAY).exists()


def test_a_hold_of_who_left_does_not_begin_again(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        bundled_and_held(cast)
        done = merge(cast)
        cast.other_rep.refresh_from_db()
        leave(
            by=cast.admin.pk,
            user_id=cast.other_rep.pk,
            version=cast.other_rep.version,
            successor_id=cast.other_manager.pk,
        )
        assert ended(undo(cast, done)) == ["1 hold"]
        assert account(cast, "Cedar").territory == cast.territories["West 1"]
        assert ModuleMember.objects.on(TODAY).count() == 1


def test_orders_and_credit_stay_and_the_first_order_is_the_earlier_one(cast: Cast, acting: Any) -> None:
    with acting(cast.other_rep):
        book_order(cast, cast.other_rep, "Cedar", date(2026, 4, 7))
    with acting(cast.rep):
        book_order(cast, cast.rep, "Acorn", date(2026, 5, 4))
    with acting(cast.admin):
        before = list(Credit.objects.order_by("pk").values())
        done = merge(cast)
        assert account(cast, "Acorn").first_ordered_on == date(2026, 4, 7)
        assert Order.objects.filter(account=cast.accounts["Cedar"]).count() == 1
        assert list(Credit.objects.order_by("pk").values()) == before
        undo(cast, done)
        assert account(cast, "Acorn").first_ordered_on == date(2026, 5, 4)
        assert list(Credit.objects.order_by("pk").values()) == before


def test_an_order_booked_since_is_the_survivors_first_one(cast: Cast, acting: Any) -> None:
    with acting(cast.other_rep):
        book_order(cast, cast.other_rep, "Cedar", date(2026, 4, 7))
    with acting(cast.admin):
        done = merge(cast)
    with acting(cast.rep):
        book_order(cast, cast.rep, "Acorn", date(2026, 5, 11))
    with acting(cast.admin):
        undo(cast, done)
        assert account(cast, "Acorn").first_ordered_on == date(2026, 5, 11)
        done = merge(cast)
    with acting(cast.rep):
        book_order(cast, cast.rep, "Acorn", date(2026, 3, 2))
    with acting(cast.admin):
        undo(cast, done)
        assert account(cast, "Acorn").first_ordered_on == date(2026, 3, 2)


def test_subsidiaries_hang_below_the_survivor_and_no_circle_comes_of_it(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        acorn, beech, cedar = (cast.accounts[name] for name in ("Acorn", "Beech", "Cedar"))
        dogwood = create_account(by=cast.admin.pk, name="Dogwood", parent_id=cedar.pk)
        Account.objects.filter(pk=beech.pk).update(parent=cedar)
        Account.objects.filter(pk=acorn.pk).update(parent=beech)
        done = merge(cast)
        assert account(cast, "Acorn").parent == beech
        assert account(cast, "Beech").parent is None
        dogwood.refresh_from_db()
        assert dogwood.parent == acorn
        Account.objects.filter(pk=beech.pk).update(parent=dogwood)
        again = undo(cast, done)
        assert stayed(again) == ["1 subsidiary"]
        dogwood.refresh_from_db()
        assert (dogwood.parent, account(cast, "Beech").parent) == (cedar, dogwood)


def test_what_changed_hands_since_stays_and_is_named(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        contact, activity = make_work(cast)
        done = merge(cast)
        beech = cast.accounts["Beech"]
        for row in (contact, activity, cast.deals["Cedar renewal"]):
            type(row).objects.filter(pk=row.pk).update(account=beech)
        again = undo(cast, done)
        assert stayed(again) == ["1 opportunity", "1 activity", "1 contact"]
        assert Opportunity.objects.get(name="Cedar renewal").account == beech


def test_it_leaves_lists_search_and_suggestions(cast: Cast, acting: Any, browse: Any) -> None:
    with acting(cast.admin):
        done = merge(cast)
        mine = reach()
        assert [row.name for row in account_list(mine, Search())] == ["Acorn", "Beech"]
        assert [*account_suggest(mine, "Ced"), *named(mine, "Cedar")] == []
        assert not unassigned_accounts(mine).exists()
    admin = browse(cast.admin)
    cedar = reverse("account_detail", args=[cast.accounts["Cedar"].pk])
    assert cedar not in admin.get(reverse("search") + "?q=Cedar").content.decode()
    page = admin.get(cedar).content.decode()
    for words in ("Merged into", ": the same</p>", "<ins>Acorn</ins>"):
        assert words in page
    assert reverse("account_merge_undo", args=[done.pk]) in page
    survivor = reverse("account_detail", args=[cast.accounts["Acorn"].pk])
    rep, other = browse(cast.rep), browse(cast.other_rep)
    assert rep.get(cedar)["Location"] == survivor
    assert "This account was merged into Acorn." in rep.get(survivor).content.decode()
    assert other.get(cedar).status_code == 404


def test_no_deal_and_no_order_comes_to_an_account_that_was_merged(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        merge(cast)
        with pytest.raises(Refused, match="Cedar was merged into another account"):
            book_order(cast, cast.admin, "Cedar", TODAY)
        with pytest.raises(Refused, match="Cedar was merged into another account") as refusal:
            create_opportunity(
                by=cast.admin.pk, account_id=cast.accounts["Cedar"].pk, name="Big one", amount_minor=1,
                currency="USD", close_on=TODAY, stage_id=cast.stages["Proposal"].pk,
            )  # fmt: skip
        assert (refusal.value.path, refusal.value.code) == ("account", "merged")


def test_who_may_and_what_is_refused(cast: Cast, acting: Any) -> None:
    for person in (cast.rep, cast.manager, cast.coordinator, cast.executive):
        with acting(person), pytest.raises(Forbidden):
            merge(cast)
        with acting(person), pytest.raises(Forbidden):
            undo_merge(by=person.pk, merge_id=1, version=1)
    with acting(cast.admin):
        for wrong in ({"merged": "Acorn"}, {"reason": " "}):
            with pytest.raises(Refused):
                merge(cast, **wrong)
        with pytest.raises(NotInReach):
            merge_accounts(
                by=cast.admin.pk, survivor_id=10**9, merged_id=cast.accounts["Cedar"].pk, reason="x"
            )
        merge(cast)
        for one, other in (("Beech", "Cedar"), ("Cedar", "Beech")):
            with pytest.raises(Refused, match="Cedar was merged into another account already"):
                merge(cast, one, other)


def test_two_who_merge_each_into_the_other_at_once(cast: Cast, acting: Any) -> None:
    def run(one: str, other: str) -> None:
        with suppress(Refused), acting(cast.admin):
            merge(cast, one, other)

    at_once(lambda: run("Acorn", "Cedar"), lambda: run("Cedar", "Acorn"))
    with acting(cast.admin):
        (done,) = AccountMerge.objects.all()
        assert [row.pk for row in Account.objects.exclude(merged_into=None)] == [done.merged_id]


def test_an_undo_happens_once_at_its_version_and_the_last_merge_first(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        done = merge(cast)
        with pytest.raises(Stale):
            undo(cast, done, version=7)
        further = merge(cast, "Beech", "Acorn")
        with pytest.raises(Conflict, match="Acorn was merged itself since"):
            undo(cast, done)
        undo(cast, further)
        undo(cast, done)
        with pytest.raises(Conflict, match="undone already"):
            undo(cast, done)
        with pytest.raises(NotInReach):
            undo_merge(by=cast.admin.pk, merge_id=10**9, version=1)
        merge(cast)  # and again


def test_the_preview_counts_what_moves(cast: Cast, acting: Any) -> None:
    with acting(cast.other_rep):
        book_order(cast, cast.other_rep, "Cedar", date(2026, 4, 7))
    with acting(cast.admin):
        make_work(cast)
        found = merging(cast.accounts["Acorn"], account(cast, "Cedar"))
        assert (found.open_deals, found.closed_deals, found.activities, found.contacts) == (1, 0, 1, 1)
        assert (found.subsidiaries, found.orders, found.territories) == (0, 1, ["West 1"])
        assert (found.first_ordered_on, found.more_deals) == (date(2026, 4, 7), 0)


def test_first_which_then_what_then_why(cast: Cast, browse: Any, acting: Any) -> None:
    admin, cedar = browse(cast.admin), cast.accounts["Cedar"]
    url = reverse("account_merge", args=[cedar.pk])
    assert "Merge them" not in admin.get(url).content.decode()
    for typed, said in (("Nobody", "There is no account of that name."), ("acorn", "What Acorn (A-1) gets")):
        assert said in admin.get(f"{url}?into_name={typed}").content.decode()
    with acting(cast.admin):
        create_account(by=cast.admin.pk, name="Beech", anyway_reason="twin")
    assert "Pick an account from the list." in admin.get(f"{url}?into_name=beech").content.decode()
    pk = str(cast.accounts["Acorn"].pk)
    page = admin.get(f"{url}?into={pk}&into_name=Acorn").content.decode()
    assert "Cedar renewal" in page
    refused = admin.post(f"{url}?into={pk}&into_name=Acorn", {"survivor_id": pk, "reason": ""})
    assert (refused.status_code, "Cedar renewal" in refused.content.decode()) == (422, True)
    sent = admin.post(f"{url}?into={pk}&into_name=Acorn", {"survivor_id": pk, "reason": "twice"})
    assert sent["Location"] == reverse("account_detail", args=[pk])
    panel = reverse("account_merges_panel", args=[pk])
    assert "twice" in admin.get(panel).content.decode()
    with acting(cast.admin):
        done = AccountMerge.objects.get()
        Opportunity.objects.filter(name="Cedar renewal").update(account=cast.accounts["Beech"])
    undone = admin.post(reverse("account_merge_undo", args=[done.pk]), {"version": "1"}, follow=True)
    said = undone.content.decode()
    assert "The merge of Cedar is undone. What was changed since stays with Acorn: 1 opportunity." in said
    assert "Stayed here: 1 opportunity" in admin.get(panel).content.decode()
