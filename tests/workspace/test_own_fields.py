"""Fields of a company's own: kept by administrators, held by records, seen by their class."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.models import Account
from accounts.services import apply_import, edit_account
from common.errors import Forbidden, Refused, Stale
from common.importing import Row
from pipeline.models import Opportunity
from pipeline.services import create_opportunity, edit_opportunity
from tests.calls import Api, faults
from tests.cast import PEOPLE, Cast
from tests.orders.test_book import order_of
from tests.salesops.conftest import plain
from workspace.models import OwnField
from workspace.services.own import add_own_field, edit_own_field, place_own_field, retire_own_field

ALL = {
    "text": ("Nickname", "The oak", "The oak"),
    "number": ("Seats", "1250.50", "1,250.5"),
    "amount": ("Budget", "1200", "$1,200.00"),
    "day": ("Renewal", "2026-09-30", "Sep 30, 2026"),
    "list": ("Risk", "high", "High"),
    "flag": ("Reference", True, "yes"),
}


def add(cast: Cast, acting: Any, subject: str, label: str, kind: str = "text", **more: Any) -> OwnField:
    with acting(cast.admin):
        field: OwnField = add_own_field(by=cast.admin.pk, subject=subject, label=label, kind=kind, **more)
        return field


def every_kind(cast: Cast, acting: Any, subject: str) -> None:
    for kind, (label, _given, _said) in ALL.items():
        choices = {"choices": ["Low", "High"]} if kind == "list" else {}
        add(cast, acting, subject, label, kind, **choices)


def given() -> dict[str, Any]:
    return {label.lower(): value for label, value, _said in ALL.values()}


def write(cast: Cast, acting: Any, **own: Any) -> Account:
    """Acorn with these values, written by the rep who has it."""
    account = cast.accounts["Acorn"]
    with acting(cast.rep):
        version = Account.objects.get(pk=account.pk).version
        edit_account(by=cast.rep.pk, account_id=account.pk, version=version, own=own)
        found: Account = Account.objects.get(pk=account.pk)
        return found


def test_every_kind_is_kept_as_it_is_written(cast: Cast, acting: Any) -> None:
    every_kind(cast, acting, "account")
    assert write(cast, acting, **given()).own == {
        "nickname": "The oak",
        "seats": "1250.5",
        "budget": {"amount": "1200.00", "currency": "USD"},
        "renewal": "2026-09-30",
        "risk": 2,
        "reference": True,
    }


def test_what_is_not_named_stays_and_nothing_clears(cast: Cast, acting: Any) -> None:
    every_kind(cast, acting, "account")
    write(cast, acting, **given())
    kept = write(cast, acting, nickname=None, reference=False).own
    assert ("nickname" in kept, kept["reference"], kept["seats"]) == (False, False, "1250.5")


@pytest.mark.parametrize(
    ("label", "value", "said"),
    [
        ("Seats", "1,250", "Write a number such as 1234.5"),
        ("Seats", 12, "Write text between quotes."),
        ("Budget", "12.345", "at most 2 decimals"),
        ("Budget", {"amount": "12.00", "currency": "EUR"}, "Amounts here are in USD."),
        ("Renewal", "2026-02-30", "that month has 28 days"),
        ("Renewal", "30.09.2026", "Write a day of the calendar as 2026-03-31."),
        ("Risk", "Middling", "One of: Low, High."),
        ("Risk", True, "One of: Low, High."),
        ("Reference", "yes", "Write yes or no"),
        ("Nickname", "x" * 501, "at most 500 characters"),
        ("Nickname", "a\u200bb", "can't be part of this text"),
        ("Motto", "Onwards", "There is no own field motto here."),
    ],
)
def test_what_is_none_of_its_kind_is_refused_at_its_place(
    cast: Cast, acting: Any, label: str, value: Any, said: str
) -> None:
    every_kind(cast, acting, "account")
    with pytest.raises(Refused) as refused:
        write(cast, acting, **{label.lower(): value})
    assert (refused.value.path, said in str(refused.value.message)) == (f"own.{label.lower()}", True)


def test_an_amount_keeps_its_currency_when_the_deal_gets_another(cast: Cast, acting: Any) -> None:
    add(cast, acting, "opportunity", "Budget", "amount")
    known = {"account_id": cast.accounts["Acorn"].pk, "stage_id": cast.stages["Prospecting"].pk}
    with acting(cast.rep):
        deal = create_opportunity(
            by=cast.rep.pk, name="Acorn second", amount_minor=5_000_00, currency="USD", close_on=date(2026, 9, 1),
            own={"budget": "1200"}, **known,
        )  # fmt: skip
        facts = {"by": cast.rep.pk, "opportunity_id": deal.pk}
        edit_opportunity(**facts, version=1, currency="EUR")
        assert Opportunity.objects.get(pk=deal.pk).own == {"budget": {"amount": "1200.00", "currency": "USD"}}
        edit_opportunity(**facts, version=2, own={"budget": "90"})
        assert Opportunity.objects.get(pk=deal.pk).own == {"budget": {"amount": "90.00", "currency": "EUR"}}


def test_a_form_takes_an_amount_in_the_currency_that_the_deal_has_now(
    cast: Cast, acting: Any, browse: Any
) -> None:
    add(cast, acting, "opportunity", "Budget", "amount")
    known = {"account_id": cast.accounts["Acorn"].pk, "stage_id": cast.stages["Prospecting"].pk}
    with acting(cast.rep):
        deal = create_opportunity(
            by=cast.rep.pk, name="Acorn second", amount_minor=5_000_00, currency="USD", close_on=date(2026, 9, 1),
            own={"budget": "1200.50"}, **known,
        )  # fmt: skip
        facts = {"by": cast.rep.pk, "opportunity_id": deal.pk}
        edit_opportunity(**facts, version=1, currency="EUR")

    def held() -> tuple[int, Any]:
        with acting(cast.rep):
            deal = Opportunity.objects.get(pk=facts["opportunity_id"])
            return deal.version, deal.own.get("budget")

    client, url = browse(cast.rep), reverse("opportunity_edit", args=[facts["opportunity_id"]])
    page = client.get(url)
    assert "Budget (EUR)" in plain(page)
    assert "It holds $1,200.50. Another amount is in EUR." in plain(page)
    form = page.context["form"]
    typed = {name: form[name].value() or "" for name in form.fields if form[name].value() is not False}
    typed = {name: form.fields[name].prepare_value(value) for name, value in typed.items()}
    assert typed["own.budget"] == "1,200.50"
    assert client.post(url, {**typed, "next_step": "Ask"}).status_code == 302
    assert held()[1] == {"amount": "1200.50", "currency": "USD"}
    changed = {**typed, "version": held()[0], "own.budget": "90,000"}
    assert client.post(url, changed).status_code == 302
    assert held()[1] == {"amount": "90000.00", "currency": "EUR"}


# ---- pages ----


def test_a_form_takes_them_in_the_readers_style_and_the_page_says_them(
    cast: Cast, acting: Any, browse: Any
) -> None:
    every_kind(cast, acting, "account")
    account, client = cast.accounts["Acorn"], browse(cast.rep)
    url = reverse("account_edit", args=[account.pk])
    page = client.get(url).content.decode()
    assert 'name="own.budget"' in page
    typed = {
        "own.nickname": "The oak",
        "own.seats": "1,250.5",
        "own.budget": "1,200.00",
        "own.renewal": "2026-09-30",
        "own.risk": "2",
        "own.reference": "yes",
    }
    answer = client.post(
        url, {"name": "Acorn", "number": account.number, "version": account.version, **typed}
    )
    assert answer.status_code == 302
    text = plain(client.get(answer["Location"]))
    for label, _given, said in ALL.values():
        assert f"{label} {said}" in text
        assert f"{label}: — → {said}" in text
    again = client.get(url).content.decode()
    assert 'value="1,250.5"' in again
    assert '<option value="2" selected>High</option>' in again


def test_what_is_wrong_in_a_form_stands_beside_it_and_nothing_typed_is_lost(
    cast: Cast, acting: Any, browse: Any
) -> None:
    add(cast, acting, "account", "Seats", "number")
    account, client = cast.accounts["Acorn"], browse(cast.rep)
    url = reverse("account_edit", args=[account.pk])
    typed = {"name": "Acorn", "number": account.number, "version": account.version, "own.seats": "many"}
    answer = client.post(url, typed)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'value="many"' in page
    assert "Write it as 1.25." in page
    assert '<details class="fields" open>' in page


def test_of_two_who_edit_the_second_sees_both(cast: Cast, acting: Any, browse: Any) -> None:
    add(cast, acting, "account", "Seats", "number")
    account, client = cast.accounts["Acorn"], browse(cast.rep)
    write(cast, acting, seats="10")
    typed = {"name": "Acorn", "number": account.number, "version": account.version, "own.seats": "20"}
    answer = client.post(reverse("account_edit", args=[account.pk]), typed)
    assert answer.status_code == 412
    assert "Seats 10 20" in plain(answer)


def test_a_needed_field_is_asked_for_in_forms_and_never_in_quick_entry(
    cast: Cast, acting: Any, browse: Any
) -> None:
    for subject in ("lead", "contact"):
        add(cast, acting, subject, "Language", is_required=True)
    client = browse(cast.rep)
    lead = {"company": "Elm", "email": "ann@elm.example", "origin": "self"}
    assert client.post(reverse("lead_create"), lead).status_code == 302
    url = reverse("contact_create", args=[cast.accounts["Acorn"].pk])
    assert client.post(url, {"name": "Ann"}).status_code == 422
    answer = client.post(url, {"name": "Ann", "own.language": "Dutch"}, follow=True)
    assert "Language: Dutch" in plain(answer)


def test_an_order_notes_them_and_tells_what_changed(cast: Cast, acting: Any, browse: Any) -> None:
    add(cast, acting, "order", "Delivered", "day")
    with acting(cast.rep):
        order = order_of(cast)
    client = browse(cast.coordinator)
    url = reverse("order_purchase_order", args=[order.pk])
    answer = client.post(
        url, {"version": order.version, "purchase_order": "PO 7", "own.delivered": "2026-06-01"}, follow=True
    )
    assert "Delivered: — → Jun 1, 2026" in plain(answer)
    listed = client.get(reverse("order_list"), {"own.delivered.from": "2026-06-01"})
    assert order.number in plain(listed)
    assert order.number not in plain(client.get(reverse("order_list"), {"own.delivered.to": "2026-05-31"}))


# ---- filters ----


@pytest.mark.parametrize(
    ("asked", "is_there"),
    [
        ({"own.nickname": "OAK"}, True),
        ({"own.nickname": "elm"}, False),
        ({"own.seats.from": "1250.5"}, True),
        ({"own.seats.from": "1250.51"}, False),
        ({"own.seats.to": "900"}, False),
        ({"own.budget.from": "1199.99", "own.budget.to": "1200"}, True),
        ({"own.budget.to": "1199.99"}, False),
        ({"own.renewal.from": "2026-09-30", "own.renewal.to": "2026-09-30"}, True),
        ({"own.renewal.to": "2026-09-29"}, False),
        ({"own.risk": "2"}, True),
        ({"own.risk": "1"}, False),
        ({"own.reference": "yes"}, True),
        ({"own.reference": "no"}, False),
    ],
)
def test_a_list_is_narrowed_by_them(
    cast: Cast, acting: Any, browse: Any, asked: dict[str, str], is_there: bool
) -> None:
    every_kind(cast, acting, "account")
    write(cast, acting, **given())
    text = plain(browse(cast.rep).get(reverse("account_list"), asked))
    assert ("Acorn" in text) is is_there


@pytest.mark.parametrize(
    "asked", [{"own.seats.from": "many"}, {"own.risk": "9"}, {"own.renewal.to": "soon"}, {"own.motto": "x"}]
)
def test_a_filter_that_says_nothing_is_refused(
    cast: Cast, acting: Any, browse: Any, asked: dict[str, str]
) -> None:
    every_kind(cast, acting, "account")
    assert browse(cast.rep).get(reverse("account_list"), asked).status_code == 400


# ---- who sees what ----


@pytest.mark.parametrize("sight", ["restricted", "personal"])
def test_only_leaders_see_what_is_restricted(cast: Cast, acting: Any, browse: Any, sight: str) -> None:
    add(cast, acting, "account", "Gossip", sight=sight)
    account = cast.accounts["Acorn"]
    page = reverse("account_detail", args=[account.pk])
    with acting(cast.manager):
        edit_account(
            by=cast.manager.pk, account_id=account.pk, version=account.version, own={"gossip": "on the brink"}
        )
    for person, is_seen in ((cast.manager, True), (cast.director, True), (cast.rep, False)):
        client = browse(person)
        assert ("on the brink" in plain(client.get(page))) is is_seen
        asked = client.get(reverse("account_list"), {"own.gossip": "brink"})
        assert asked.status_code == (200 if is_seen else 400)
        program = Api(person)
        own = program.get(f"accounts/{account.pk}/").json()["own"]
        assert own == ({"gossip": "on the brink"} if is_seen else {})
        keys = [one["key"] for one in program.get("own-fields/").json()]
        assert keys == (["gossip"] if is_seen else [])
    with pytest.raises(Refused, match="no own field gossip"):
        write(cast, acting, gossip="all is well")
    assert write(cast, acting).own == {"gossip": "on the brink"}


# ---- the fields themselves ----


@pytest.mark.parametrize("key", sorted(set(PEOPLE) - {"admin"}))
def test_only_administrators_keep_them(cast: Cast, acting: Any, browse: Any, key: str) -> None:
    person = getattr(cast, key)
    assert browse(person).get(reverse("own_field_list", args=["account"])).status_code == 403
    with pytest.raises(Forbidden), acting(person):
        add_own_field(by=person.pk, subject="account", label="Motto", kind="text")


def test_at_most_fifty_are_in_use_and_the_database_says_so(cast: Cast, acting: Any, owner: Any) -> None:
    with acting(cast.admin):
        for number in range(50):
            add_own_field(by=cast.admin.pk, subject="lead", label=f"Field {number}", kind="flag")
    with pytest.raises(Refused, match="50 fields in use"):
        add(cast, acting, "lead", "One more")
    add(cast, acting, "order", "Another record's")
    with acting(cast.admin), pytest.raises(IntegrityError), transaction.atomic():
        OwnField.objects.create(subject="lead", key="more", label="More", kind="text", position=51)
    with acting(cast.admin):
        first = OwnField.objects.get(subject="lead", label="Field 0")
        retire_own_field(by=cast.admin.pk, field_id=first.pk, version=first.version, is_retired=True)
    assert add(cast, acting, "lead", "One more").position == 50


def test_a_retired_field_is_asked_for_no_more_and_what_was_said_stays(
    cast: Cast, acting: Any, browse: Any
) -> None:
    field = add(cast, acting, "account", "Motto")
    write(cast, acting, motto="Onwards")
    with acting(cast.admin):
        retire_own_field(by=cast.admin.pk, field_id=field.pk, version=field.version, is_retired=True)
    client, account = browse(cast.rep), cast.accounts["Acorn"]
    assert "own.motto" not in client.get(reverse("account_edit", args=[account.pk])).content.decode()
    assert "Motto Onwards" in plain(client.get(reverse("account_detail", args=[account.pk])))
    assert write(cast, acting).own == {"motto": "Onwards"}
    with pytest.raises(Refused):
        write(cast, acting, motto="Upwards")


def test_a_choice_is_renamed_for_all_and_one_that_is_gone_stays_where_it_was_chosen(
    cast: Cast, acting: Any, browse: Any
) -> None:
    field = add(cast, acting, "account", "Risk", "list", choices=["Low", "High"])
    write(cast, acting, risk="high")
    url = reverse("own_field_edit", args=[field.pk])
    typed = {
        "label": "Churn risk", "sight": "general", "version": field.version, "choice_1": "Low", "place_1": "1",
        "offered_1": "on", "choice_2": "Severe", "place_2": "2", "more": "Medium\n",
    }  # fmt: skip
    assert browse(cast.admin).post(url, typed).status_code == 302
    with acting(cast.admin):
        field.refresh_from_db()
    assert [(one["id"], one["label"], one["is_offered"]) for one in field.choices] == [
        (1, "Low", True),
        (2, "Severe", False),
        (3, "Medium", True),
    ]
    account, client = cast.accounts["Acorn"], browse(cast.rep)
    assert "Churn risk Severe" in plain(client.get(reverse("account_detail", args=[account.pk])))
    form = client.get(reverse("account_edit", args=[account.pk])).content.decode()
    assert '<option value="2" selected>Severe</option>' in form
    assert write(cast, acting, risk=2).own == {"risk": 2}
    assert write(cast, acting, risk="low").own == {"risk": 1}
    with pytest.raises(Refused, match="One of: Low, Medium"):
        write(cast, acting, risk="Severe")


def test_what_programs_and_files_read_of_a_choice_that_is_gone_they_may_send_back(
    cast: Cast, acting: Any
) -> None:
    field = add(cast, acting, "account", "Risk", "list", choices=["Low", "High"])
    program, path = Api(cast.rep), f"accounts/{cast.accounts['Acorn'].pk}/"
    assert program.get(path).json()["own"] == {"risk": None}
    version = write(cast, acting, risk="high").version
    with acting(cast.admin):
        offered = [{**one, "is_offered": one["id"] == 1} for one in field.choices]
        edit_own_field(by=cast.admin.pk, field_id=field.pk, version=field.version, choices=offered)
    own = program.get(path).json()["own"]
    assert own == {"risk": "High"}
    assert program.patch(path, {"own": own, "town": "Boston"}, If_Match=str(version)).json()["own"] == own
    rows = [Row("accounts.csv", 2, {"number": "A-1", "name": "Acorn", "own:risk": "High"})]
    with acting(cast.admin):
        outcome = apply_import(by=cast.admin.pk, entity="account", rows=rows)
        assert (outcome.rejects, outcome.unchanged) == ([], 1)
    assert write(cast, acting).own == {"risk": 2}


def test_fields_are_put_in_order(cast: Cast, acting: Any) -> None:
    rows = [add(cast, acting, "account", label) for label in ("One", "Two", "Three")]
    with acting(cast.admin):
        place_own_field(by=cast.admin.pk, field_id=rows[2].pk, version=rows[2].version, place=1)
        assert [str(row) for row in OwnField.objects.filter(subject="account")] == ["Three", "One", "Two"]
        with pytest.raises(Stale):
            place_own_field(by=cast.admin.pk, field_id=rows[2].pk, version=rows[2].version, place=2)


@pytest.mark.parametrize(
    ("facts", "path"),
    [
        ({"label": " "}, "label"),
        ({"label": "motto"}, "label"),
        ({"label": "Oath", "kind": "colour"}, "kind"),
        ({"label": "Oath", "sight": "secret"}, "sight"),
        ({"label": "Oath", "key": "Oath!"}, "key"),
        ({"label": "Oath", "key": "motto"}, "key"),
        ({"label": "Oath", "kind": "list"}, "choices"),
        ({"label": "Oath", "kind": "list", "choices": ["A", "a"]}, "choices"),
    ],
)
def test_a_field_that_makes_no_sense_is_refused(
    cast: Cast, acting: Any, facts: dict[str, Any], path: str
) -> None:
    add(cast, acting, "account", "Motto")
    with pytest.raises(Refused) as refused:
        add(cast, acting, "account", **facts)
    assert refused.value.path == path


def test_of_two_who_change_a_field_the_second_is_told(cast: Cast, acting: Any) -> None:
    field = add(cast, acting, "account", "Motto")
    with acting(cast.admin):
        edit_own_field(by=cast.admin.pk, field_id=field.pk, version=field.version, label="Slogan")
        with pytest.raises(Stale):
            edit_own_field(by=cast.admin.pk, field_id=field.pk, version=field.version, label="Oath")


# ---- programs ----


def test_programs_read_and_write_them(cast: Cast, acting: Any, browse: Any) -> None:
    every_kind(cast, acting, "opportunity")
    program, deal = Api(cast.rep), cast.deals["Acorn renewal"]
    path = f"opportunities/{deal.pk}/"
    answer = program.patch(path, {"own": given()}, If_Match=str(deal.version))
    assert answer.json()["own"] == {
        "nickname": "The oak",
        "seats": "1250.5",
        "budget": {"amount": "1200.00", "currency": "USD"},
        "renewal": "2026-09-30",
        "risk": "High",
        "reference": True,
    }
    refused = program.patch(path, {"own": {"seats": "many"}}, If_Match=str(deal.version + 1))
    assert faults(refused) == [("own_value", "own.seats")]
    assert faults(program.patch(path, {"own": 5}, If_Match=str(deal.version + 1))) == [("own_object", "own")]


def test_programs_keep_fields(cast: Cast) -> None:
    program = Api(cast.admin)
    body = {"subject": "account", "label": "Risk", "kind": "list", "choices": [{"label": "Low"}]}
    made = program.post("own-fields/", body)
    assert (made.status_code, made.json()["key"], made.json()["position"]) == (201, "risk", 1)
    path = f"own-fields/{made.json()['id']}/"
    choices = [{"label": "High"}, {"id": 1, "label": "Low", "is_offered": False}]
    edited = program.patch(path, {"choices": choices}, If_Match="1").json()
    assert [(each["id"], each["label"]) for each in edited["choices"]] == [(2, "High"), (1, "Low")]
    program.post("own-fields/", {"subject": "account", "label": "Motto", "kind": "text"})
    assert program.post(f"{path}place/", {"place": 2}, If_Match="2").status_code == 200
    assert [one["key"] for one in program.get("own-fields/").json()] == ["motto", "risk"]
    retired = program.post(f"{path}retire/", {"is_retired": True}, If_Match="3").json()
    assert (retired["is_retired"], retired["position"]) == (True, None)
    assert faults(Api(cast.rep).post("own-fields/", body)) == [("forbidden", "")]


def test_deals_are_narrowed_by_them_and_leave_in_files_with_them(
    cast: Cast, acting: Any, browse: Any
) -> None:
    add(cast, acting, "opportunity", "Seats", "number")
    deal, client = cast.deals["Acorn renewal"], browse(cast.rep)
    with acting(cast.rep):
        edit_opportunity(by=cast.rep.pk, opportunity_id=deal.pk, version=deal.version, own={"seats": "12.5"})
    url = reverse("opportunity_list")
    shown = plain(client.get(url, {"own.seats.from": "12", "columns": "name,own.seats"}))
    assert ("Acorn renewal" in shown, "12.5" in shown) == (True, True)
    assert "Acorn renewal" not in plain(client.get(url, {"own.seats.to": "12"}))
    asked = reverse("opportunity_export") + "?own.seats.from=12&columns=name,own.seats"
    answer = client.post(asked, {"format": "csv"}, follow=True)
    content = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert content.splitlines() == ["Name,Seats", "Acorn renewal,12.5"]
