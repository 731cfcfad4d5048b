"""Assign…: accounts chosen in a list, their effect, and one press; above the limit a second person's word."""

from datetime import date
from typing import Any
from urllib.parse import quote

import pytest
from django.urls import reverse

from accounts.models import Module, ModuleMember
from accounts.services import assign_accounts
from common.access import Reach
from common.transaction import work
from orders.services import LineInput, ShareInput, book
from pipeline.models import Activity, Opportunity
from tests.accounts.places import JUNE, MAY, add_overlay, hold, spans, today_of
from tests.cast import START, Cast
from tests.planning.assigning import LIST, URL, confirm, ids, look, typed
from tests.salesops.conftest import plain

# ---- the list and the form ----


def test_the_list_marks_rows_for_those_who_assign(cast: Cast, browse: Any) -> None:
    mark = f'name="account" value="{cast.accounts["Acorn"].pk}" form="chosen"'
    for person, is_theirs in ((cast.admin, True), (cast.director, True), (cast.manager, False)):
        html = browse(person).get(LIST).content.decode()
        assert mark in html
        assert (f'hx-post="{URL}"' in html) is is_theirs
    assert mark not in browse(cast.rep).get(LIST).content.decode()


def test_without_a_choice_the_page_says_what_to_do(cast: Cast, browse: Any) -> None:
    client = browse(cast.admin)
    assert "No accounts are chosen" in client.get(URL).content.decode()
    assert "Choose accounts first." in client.post(URL, {}).content.decode()


@pytest.mark.parametrize("module", ["abc", "-1", "9" * 40])
def test_a_module_that_is_none_is_refused(cast: Cast, browse: Any, module: str) -> None:
    client = browse(cast.admin)
    assert "whole number" in plain(client.post(URL, {"module": module}))
    answer = client.post(URL, typed(cast, "East 2", module=module, account=[]))
    assert (answer.status_code, "whole number" in plain(answer)) == (422, True)


@pytest.mark.parametrize(
    ("accounts", "words"),
    [
        (["x"], "Pick them from the list."),
        ([str(number) for number in range(1, 502)], "Choose at most 500 accounts at once."),
    ],
)
def test_a_bad_choice_is_named(cast: Cast, browse: Any, accounts: list[str], words: str) -> None:
    client = browse(cast.admin)
    assert words in plain(client.post(URL, {"account": accounts}))
    answer = client.post(URL, typed(cast, "East 2", account=accounts))
    assert answer.status_code == 422
    assert words in plain(answer)


def test_the_form_opens_for_what_was_chosen(cast: Cast, browse: Any) -> None:
    client = browse(cast.director)
    page = client.post(URL, {"account": ids(cast, "Acorn", "Beech"), "back": f"{LIST}?q=a"})
    html = page.content.decode()
    assert "Assign 2 accounts" in html
    assert "Acorn, Beech. Where do they go" in html
    for pk in ids(cast, "Acorn", "Beech"):
        assert f'<input type="hidden" name="account" value="{pk}"' in html
    assert page.context["form"].initial["starts_on"] == MAY
    assert client.post(URL, {"account": ids(cast, "Acorn", "Cedar")}).status_code == 404
    for address, back in (("//evil.example", LIST), ("https://evil.example/", LIST), ("", LIST)):
        page = client.post(URL, {"account": ids(cast, "Acorn"), "back": address})
        assert page.context["back"] == back


def test_without_a_script_each_step_is_a_request_of_its_own(cast: Cast, browse: Any) -> None:
    client, key = browse(cast.admin), "key-of-the-list"
    form: dict[str, Any] = {"account": ids(cast, "Acorn"), "idempotency_key": key}
    for status in (200, 200, 302):
        page = client.post(URL, form)
        assert page.status_code == status
        if status == 200 and page.context:
            seen = page.context["effect"].digest if "effect" in page.context else ""
            assert page.context["fresh_key"] != key
            key = str(page.context["fresh_key"])
            form = typed(cast, "East 2", account=ids(cast, "Acorn"), seen=seen, idempotency_key=key)
    assert today_of("Acorn")[0] == "East 2"


def test_others_open_nothing(cast: Cast, browse: Any) -> None:
    for person in (cast.rep, cast.manager, cast.coordinator, cast.executive):
        assert browse(person).post(URL, {"account": ids(cast, "Acorn")}).status_code == 403


# ---- the effect ----


def sell(cast: Cast, acting: Any, account: str, on: date, minor: int) -> None:
    with acting(cast.admin):
        book(
            by=cast.admin.pk,
            account_id=cast.accounts[account].pk,
            booked_on=on,
            currency="USD",
            lines=[LineInput(cast.products["Licence"].pk, 1, minor)],
            shares=[ShareInput(cast.rep.pk, 100_000_000)],
            owner_id=cast.rep.pk,
            motion="new",
        )


def test_the_effect_is_told_to_the_cent(cast: Cast, browse: Any, acting: Any) -> None:
    with acting(cast.admin):
        deal = cast.deals["Cedar renewal"]
        Opportunity.objects.filter(pk=deal.pk).update(category="best_case", currency="EUR", amount_minor=5_00)
        Activity.objects.create(
            kind="task", subject="Call", account=cast.accounts["Acorn"], owner=cast.rep,
            territory=cast.territories["East 1"], due_on=JUNE,
        )  # fmt: skip
        assign_accounts(
            by=cast.admin.pk, account_ids=[cast.accounts["Acorn"].pk],
            territory_id=cast.territories["West 1"].pk, starts_on=date(2026, 9, 1),
        )  # fmt: skip
    sell(cast, acting, "Acorn", date(2026, 5, 4), 1_234_56)
    sell(cast, acting, "Acorn", date(2026, 4, 30), 9_99)
    page = look(browse(cast.admin), cast, ids(cast, "Acorn", "Beech", "Cedar"), "East 2", day="2026-05-01")
    effect = page.context["effect"]
    assert [(source.territory.name, source.count) for source in effect.sources] == [
        ("East 1", 1),
        ("West 1", 1),
    ]
    assert (effect.deals.count, effect.deals.amounts) == (2, "$100,000.01 · €5.00")
    assert effect.largest == ["Acorn renewal", "Cedar renewal"]
    told = [(str(part.label), part.count, part.amounts) for part in effect.categories]
    assert told == [("Commit", 1, "$100,000.01"), ("Best Case", 1, "€5.00")]
    assert (effect.activities, effect.orders, effect.intake) == (1, 1, 1_234_56)
    assert (effect.owner, effect.needs_approval, effect.is_later) == (cast.peer, False, False)
    text = plain(page)
    assert "2 accounts go to East 2 from May 1, 2026 on Paul Peer owns it and is told." in text
    assert "there already Beech 1" in text
    assert "planned for later, and dropped 1 planned move to West 1 on Sep 1, 2026 1" in text
    assert "Orders booked since that day $1,234.56 of order intake stays credited as it is" in text
    assert "None moves: they belong to territories and people." in text
    assert "No approval is needed: up to 25 accounts move by one press." in text


def test_the_parts_of_the_effect_are_what_the_reader_sees(cast: Cast, browse: Any, acting: Any) -> None:
    page = look(browse(cast.director), cast, ids(cast, "Acorn", "Beech"), "East Team")
    effect = page.context["effect"]
    assert (effect.deals.count, effect.deals.amounts) == (2, "$200,000.03")
    assert effect.owner is None
    assert "Nobody owns it on that day" in plain(page)


def test_a_later_day_says_that_work_follows_then(cast: Cast, browse: Any) -> None:
    page = look(browse(cast.admin), cast, ids(cast, "Acorn"), "East 2", starts_on="2026-06-01")
    assert "it follows on the day itself" in plain(page)
    assert page.context["effect"].is_later


def test_specialists_take_no_deal_along(cast: Cast, browse: Any) -> None:
    add_overlay(cast, "Security", "East")
    page = look(browse(cast.admin), cast, ids(cast, "Acorn"), "Security", coverage="specialist")
    text = plain(page)
    assert "For specialist coverage: the field keeps the accounts." in text
    assert "from nowhere: nobody covered them 1" in text
    assert "No deal: open work follows the territory in the field." in text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"territory_id": ""}, "Choose a territory, and you see what it does"),
        ({"starts_on": "someday"}, "Say which day, and you see what it does."),
        ({"coverage": "specialist"}, "East 2 is no overlay"),
        ({"reason": ""}, "1 account goes to East 2"),
    ],
)
def test_too_little_or_wrong_input_is_told_in_its_place(
    cast: Cast, browse: Any, changes: dict[str, str], words: str
) -> None:
    page = look(browse(cast.admin), cast, ids(cast, "Acorn"), "East 2", **changes)
    assert page.status_code == 200
    assert words in plain(page)


def test_the_held_are_named_in_the_effect(cast: Cast, browse: Any) -> None:
    hold(cast, "Acorn", cast.rep, MAY, JUNE)
    client = browse(cast.admin)
    words = "Held: Acorn with Rita Rep until Jun 1, 2026."
    assert words in plain(look(client, cast, ids(cast, "Acorn"), "East 2"))
    answer = client.post(URL, typed(cast, "East 2", account=ids(cast, "Acorn")))
    assert answer.status_code == 422
    assert plain(answer).count(words) == 1


# ---- one press ----


def test_three_go_by_one_press_and_the_list_is_as_it_was(cast: Cast, browse: Any, acting: Any) -> None:
    with acting(cast.admin):
        assign_accounts(
            by=cast.admin.pk, account_ids=[cast.accounts["Acorn"].pk],
            territory_id=cast.territories["West 1"].pk, starts_on=JUNE,
        )  # fmt: skip
    client, chosen = browse(cast.admin), ids(cast, "Acorn", "Beech", "Cedar")
    back = f"{LIST}?q=e"
    first = client.post(URL, typed(cast, "East Team", account=chosen, back=back))
    assert first.status_code == 200
    assert "This is what it does. Press again to do it." in plain(first)
    assert today_of("Acorn")[0] == "East 1"
    done = confirm(client, cast, chosen, "East Team", back=back)
    assert (done.status_code, done["Location"]) == (302, back)
    said = plain(client.get(back))
    assert (
        "3 accounts are in East Team from May 20, 2026 on. 1 assignment that was planned for later is dropped."
        in said
    )
    assert [today_of(name)[0] for name in ("Acorn", "Beech", "Cedar")] == ["East Team"] * 3
    assert "chosen-done" not in client.get(back).content.decode()


def test_one_is_named(cast: Cast, browse: Any) -> None:
    client = browse(cast.admin)
    confirm(client, cast, ids(cast, "Acorn"), "East 2")
    html = client.get(LIST).content.decode()
    assert "Acorn: in East 2 from May 20, 2026 on." in html
    assert "chosen-done" in html


def test_a_reason_is_needed(cast: Cast, browse: Any) -> None:
    answer = confirm(browse(cast.admin), cast, ids(cast, "Acorn"), "East 2", reason="")
    assert answer.status_code == 422
    assert answer.context["effect"].placing.territory.name == "East 2"


def test_what_changed_meanwhile_is_shown_before_it_is_done(cast: Cast, browse: Any, acting: Any) -> None:
    client, chosen = browse(cast.admin), ids(cast, "Acorn")
    seen = look(client, cast, chosen, "East 2").context["effect"].digest
    with acting(cast.admin):
        assign_accounts(
            by=cast.admin.pk,
            account_ids=[int(chosen[0])],
            territory_id=cast.territories["West 1"].pk,
            starts_on=MAY,
        )
    answer = client.post(URL, typed(cast, "East 2", account=chosen, seen=seen))
    assert answer.status_code == 200
    assert "from West 1" in plain(answer)
    assert today_of("Acorn")[0] == "West 1"


def test_a_foreign_account_stops_the_press(cast: Cast, browse: Any) -> None:
    form = typed(cast, "East 2", account=ids(cast, "Acorn", "Cedar"))
    client = browse(cast.director)
    assert client.post(URL, form).status_code == 404
    assert client.post(URL, {**form, "look": "1"}).status_code == 404
    assert today_of("Acorn")[0] == "East 1"


# ---- one account, from its own page ----


def test_one_account_shows_what_it_does_before_it_is_done(cast: Cast, browse: Any, acting: Any) -> None:
    detail = reverse("account_detail", args=[cast.accounts["Acorn"].pk])
    client, chosen = browse(cast.admin), ids(cast, "Acorn")
    link = f'href="{URL}?account={chosen[0]}&amp;back={quote(detail, safe="")}" data-dialog'
    assert link in client.get(detail).content.decode()
    with acting(cast.admin):
        task = {"kind": "task", "subject": "Call", "owner": cast.rep, "territory": cast.territories["East 1"]}
        Activity.objects.create(account=cast.accounts["Acorn"], due_on=JUNE, **task)
        place = {"account_ids": [int(chosen[0])], "territory_id": cast.territories["West 1"].pk}
        assign_accounts(by=cast.admin.pk, starts_on=date(2026, 9, 1), **place)
    page = client.get(URL, {"account": chosen[0], "back": detail})
    assert "Assign Acorn In East 1 today. Where does it go, and what goes with it?" in plain(page)
    first = client.post(URL, typed(cast, "East 2", account=chosen, back=detail))
    said = plain(first)
    assert "What goes with it It follows at once. Deals keep their owners. Open deals $100,000.01" in said
    assert "Activities to be done 1" in said
    assert "planned for later, and dropped 1 planned move to West 1 on Sep 1, 2026 1" in said
    assert today_of("Acorn")[0] == "East 1"
    done = confirm(client, cast, chosen, "East 2", back=detail)
    assert (done.status_code, done["Location"]) == (302, detail)
    html = client.get(detail).content.decode()
    assert "Acorn: in East 2 from May 20, 2026 on." in html
    assert "chosen-done" not in html  # what is marked in the list stays marked


def test_one_account_out_of_reach_is_not_there(cast: Cast, browse: Any) -> None:
    assert browse(cast.director).get(URL, {"account": cast.accounts["Cedar"].pk}).status_code == 404


# ---- a module ----


def bundle(cast: Cast, *names: str) -> Module:
    with work(by=None, why="a module", reach=Reach.everything()):
        module: Module = Module.objects.create(name="Forest")
        for name in names:
            ModuleMember.objects.create(account=cast.accounts[name], module=module, starts_on=JUNE)
    return module


def test_a_module_goes_as_one(cast: Cast, browse: Any) -> None:
    module, client = bundle(cast, "Acorn", "Beech"), browse(cast.admin)
    back = quote("/accounts/modules/")
    page = client.get(f"{URL}?module={module.pk}&on=2026-06-01&back={back}")
    assert "Assign Forest" in page.content.decode()
    assert (page.context["form"].initial["starts_on"], page.context["back"]) == (JUNE, "/accounts/modules/")
    assert client.get(f"{URL}?module=999").status_code == 404
    own = {"module": str(module.pk), "starts_on": "2026-06-01"}
    assert look(client, cast, [], "West 1", **own).context["effect"].deals.count == 2
    assert confirm(client, cast, [], "West 1", **own).status_code == 302
    assert spans(cast, "Acorn") == [("East 1", START, JUNE), ("West 1", JUNE, None)]
    other = client.post(URL, typed(cast, "West 1", module="999"))
    assert other.status_code == 404
    nobody = client.post(URL, typed(cast, "West 1", module=str(module.pk)))
    assert nobody.status_code == 422
    assert "No account is in the module on that day." in plain(nobody)


def test_a_module_that_lies_outside_too_stays(cast: Cast, browse: Any) -> None:
    module = bundle(cast, "Acorn", "Cedar")
    form = typed(cast, "East 2", "2026-06-01", module=str(module.pk))
    answer = browse(cast.director).post(URL, form)
    assert answer.status_code == 422
    assert "You don't see all accounts of this module" in plain(answer)
    assert spans(cast, "Acorn") == [("East 1", START, None)]
