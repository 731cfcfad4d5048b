"""Is it here already? What somebody who adds an account learns of those that they do not see, and asking for them."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Account, AccountTerritory, Lookup, Participant
from accounts.selectors.duplicates import MOST_AN_HOUR, Typed, access_effects, alike
from accounts.services import Exists, ask_access, create_account, edit_account
from accounts.services.duplicates import grant_access
from common.errors import Conflict, Forbidden, Refused
from common.transaction import reach
from tests.calls import Api, faults, message
from tests.cast import Cast
from tests.workspace.at_once import at_once
from workspace.models import Approval
from workspace.services import answer

CREATE, ACCESS = reverse("account_create"), reverse("account_access")


def known(cast: Cast, acting: Any) -> Account:
    """Cedar of West with a domain and a tax number, which East does not see."""
    with acting(cast.admin):
        cedar = cast.accounts["Cedar"]
        edit_account(
            by=cast.admin.pk, account_id=cedar.pk, version=1, web_domain="cedar.example", tax_number="US 77-1"
        )
    return cedar


def asked(owner: Any) -> list[tuple[str, str, str, bool]]:
    owner.execute("SELECT name, web_domain, tax_number, has_found FROM accounts_lookup ORDER BY id")
    return list(owner.fetchall())


@pytest.mark.parametrize(
    "name",
    [
        "Acorn",
        "ACORN",
        " acorn ",
        "Acorn, Inc.",
        "Acorn GmbH",
        "Acorn Ltd",
        "ACORN  Co. KG",
        "A.C.O.R.N",
        "Acorn S.A.",
    ],
)
def test_a_name_is_found_whatever_its_case_blanks_and_legal_form(cast: Cast, acting: Any, name: str) -> None:
    with acting(cast.rep):
        assert [one.name for one in alike(reach(), Typed.of(name)).seen] == ["Acorn"]


@pytest.mark.parametrize("name", ["Acor", "Acorns", "corn", "Acorn Two", "%", "A_orn", "Inc.", "", "Ac orn"])
def test_nothing_but_the_same_name_is_found(cast: Cast, acting: Any, name: str) -> None:
    known(cast, acting)
    with acting(cast.rep):
        assert not alike(reach(), Typed.of(name))
        assert not alike(reach(), Typed.of(name.replace("corn", "edar").replace("Ac", "Ce")[:4]))


def test_names_that_are_nothing_but_a_legal_form_stay_names(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        first = create_account(by=cast.admin.pk, name="AG")
        for name, key in (
            ("AG", "ag"),
            ("Smith & Co. KG", "smith"),
            ("...", ""),
            ("Müller GmbH & Co. KG", "müller"),
        ):
            account = first if name == "AG" else create_account(by=cast.admin.pk, name=name)
            account.refresh_from_db()
            assert account.match_key == key
        create_account(by=cast.admin.pk, name="--")


def test_an_account_in_reach_is_shown_and_one_more_needs_a_reason(
    cast: Cast, browse: Any, acting: Any
) -> None:
    client = browse(cast.rep)
    answer = client.post(CREATE, {"name": "Acorn Inc", "town": "Boston"})
    assert answer.status_code == 409
    page = answer.content.decode()
    assert reverse("account_detail", args=[cast.accounts["Acorn"].pk]) in page
    assert 'value="Boston"' in page
    assert "Ask for access" not in page
    assert client.post(CREATE, {"name": "Acorn Inc", "anyway_reason": "the one in Boston"}).status_code == 302
    with acting(cast.rep):
        second = Account.objects.get(name="Acorn Inc")
        (place,) = AccountTerritory.objects.filter(account=second)
        assert place.reason == "new account: the one in Boston"


@pytest.mark.parametrize(
    "typed",
    [
        {"name": "CEDAR, LLC"},
        {"name": "Other", "web_domain": "https://www.cedar.example/de"},
        {"name": "Other", "tax_number": "us771"},
    ],
)
def test_of_one_out_of_reach_is_told_that_it_exists_and_nothing_else(
    cast: Cast, browse: Any, acting: Any, owner: Any, typed: dict[str, str]
) -> None:
    cedar = known(cast, acting)
    answer = browse(cast.rep).post(CREATE, typed)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "An account like this exists that you don&#x27;t see" in page
    for secret in ("Cedar", cedar.number, "West", "Oscar", f"/accounts/{cedar.pk}/"):
        assert secret not in page
    kept = Typed.of(**typed)
    assert asked(owner) == [(kept.name, kept.web_domain, kept.tax_number, True)]
    assert browse(cast.rep).post(CREATE, {**typed, "anyway_reason": "another one"}).status_code == 302


def test_all_that_differs_between_hidden_and_none_is_the_answer(cast: Cast, acting: Any, owner: Any) -> None:
    known(cast, acting)
    with acting(cast.rep):
        create_account(by=cast.rep.pk, name="Elsewhere", web_domain="cedar.example.com", tax_number="US771X")
    assert asked(owner) == [("Elsewhere", "cedar.example.com", "US771X", False)]


def test_who_sees_all_accounts_is_shown_them_and_not_recorded(cast: Cast, acting: Any, owner: Any) -> None:
    with acting(cast.coordinator), pytest.raises(Exists) as refusal:
        create_account(by=cast.coordinator.pk, name="cedar")
    assert [one.name for one in refusal.value.found.seen] == ["Cedar"]
    assert str(refusal.value.message) == (
        "Here already: Cedar (A-3). To add another one all the same, say why."
    )
    assert asked(owner) == []


def test_both_are_said_where_one_is_seen_and_another_is_not(cast: Cast, acting: Any) -> None:
    with acting(cast.other_rep):
        create_account(by=cast.other_rep.pk, name="Acorn", anyway_reason="ours")
    with acting(cast.rep), pytest.raises(Exists) as refusal:
        create_account(by=cast.rep.pk, name="Acorn")
    assert str(refusal.value.message) == (
        "Here already: Acorn (A-1). An account like this exists that you don't see: ask for access. "
        "To add another one all the same, say why."
    )
    assert "hidden" not in repr(refusal.value.found)


def test_so_often_within_an_hour_also_where_nothing_is_added(
    cast: Cast, acting: Any, owner: Any, clock: Any
) -> None:
    clock.move_to(datetime(2026, 5, 20, 9, 0, tzinfo=UTC), tick=False)
    for number in range(MOST_AN_HOUR):
        with pytest.raises(Refused), acting(cast.rep):
            create_account(by=cast.rep.pk, name=f"Guess {number}", number="A-1")
    assert len(asked(owner)) == MOST_AN_HOUR
    with acting(cast.rep), pytest.raises(Conflict) as refusal:
        create_account(by=cast.rep.pk, name="Cedar")
    assert refusal.value.code == "too_many_lookups"
    assert str(refusal.value.message).startswith(
        "You looked for 30 accounts within an hour. Try again after "
    )
    assert len(asked(owner)) == MOST_AN_HOUR
    with acting(cast.peer), pytest.raises(Exists):
        create_account(by=cast.peer.pk, name="Cedar")
    with acting(cast.rep):
        create_account(by=cast.rep.pk, name="Urgent", anyway_reason="a customer waits")
    clock.move_to(datetime(2026, 5, 20, 10, 0, 1, tzinfo=UTC))
    with acting(cast.rep):
        create_account(by=cast.rep.pk, name="Later")


def test_the_last_question_of_an_hour_is_answered_once(cast: Cast, acting: Any, owner: Any) -> None:
    for number in range(MOST_AN_HOUR - 1):
        with pytest.raises(Refused), acting(cast.rep):
            create_account(by=cast.rep.pk, name=f"Guess {number}", number="A-1")

    def run() -> str:
        with pytest.raises(Refused) as refusal, acting(cast.rep):
            create_account(by=cast.rep.pk, name="Cedar")
        return refusal.value.code

    assert sorted(at_once(run, run)) == ["account_exists", "too_many_lookups"]
    assert len(asked(owner)) == MOST_AN_HOUR


def test_asking_and_granting_lets_them_read_it(cast: Cast, browse: Any, acting: Any) -> None:
    cedar = known(cast, acting)
    client = browse(cast.rep)
    page = client.get(ACCESS + "?name=Cedar").content.decode()
    assert 'value="Cedar"' in page
    sent = client.post(ACCESS, {"name": "Cedar", "reason": "They called me."})
    with acting(cast.rep):
        (approval,) = Approval.objects.filter(asked_by=cast.rep, kind="account_access")
        assert (approval.about, approval.url) == ("Access to the account Cedar", "")
    assert sent["Location"] == reverse("approval_detail", args=[approval.pk])
    shown = client.get(sent["Location"]).content.decode()
    assert "Rita Rep may then read the account." in shown
    for secret in ("West 1", "Oscar", cedar.number, f"/accounts/{cedar.pk}/"):
        assert secret not in shown
    with acting(cast.admin):
        assert access_effects([approval.payload]) == ["Rita Rep may then read Cedar (A-3, West 1)."]
        answer(by=cast.admin.pk, approval_id=approval.pk, version=approval.version, is_granted=True)
        assert Participant.objects.filter(user=cast.rep, account=cedar).exists()
    assert client.get(reverse("account_detail", args=[cedar.pk])).status_code == 200


def test_asking_for_what_is_not_there_or_seen_already_is_refused_and_counted(
    cast: Cast, acting: Any, owner: Any
) -> None:
    for name in ("Nobody", "Acorn", "Ced"):
        with acting(cast.rep), pytest.raises(Refused, match="no account like this") as refusal:
            ask_access(by=cast.rep.pk, name=name, reason="why not")
        assert refusal.value.code == "no_such_account"
    assert [row[3] for row in asked(owner)] == [False] * 3
    with acting(cast.rep), pytest.raises(Refused) as refusal:
        ask_access(by=cast.rep.pk, name="Cedar", reason=" ")
    assert refusal.value.code == "reason_needed"


def test_the_same_is_asked_once_at_a_time(cast: Cast, acting: Any) -> None:
    known(cast, acting)
    with acting(cast.rep):
        ask_access(by=cast.rep.pk, name="", web_domain="www.cedar.example", reason="mine")
        assert Approval.objects.get(kind="account_access").about == "Access to the account cedar.example"
        with pytest.raises(Refused, match="asked for already"):
            ask_access(by=cast.rep.pk, name="Cedar", reason="still mine")


def test_nobody_else_asks_and_nothing_is_granted_without_an_approval(cast: Cast, acting: Any) -> None:
    with acting(cast.director), pytest.raises(Forbidden):
        ask_access(by=cast.director.pk, name="Cedar", reason="mine")
    with acting(cast.admin), pytest.raises(Forbidden):
        grant_access(by=cast.admin.pk, approval_id=1, person_id=cast.rep.pk, account_ids=[1])


def test_the_api_says_the_same(cast: Cast, acting: Any, owner: Any) -> None:
    known(cast, acting)
    api = Api(cast.rep)
    refused = api.post("accounts/", {"name": "Other", "tax_number": "US-771"})
    assert (refused.status_code, faults(refused)) == (409, [("account_exists", "anyway_reason")])
    assert message(refused) == (
        "An account like this exists that you don't see: ask for access. "
        "To add another one all the same, say why."
    )
    made = api.post("accounts/", {"name": "Other", "tax_number": "US-771", "anyway_reason": "a subsidiary"})
    assert (made.status_code, made.json()["tax_number"], made.json()["segment"]) == (201, "US771", "")


def test_administrators_read_who_asked_for_what(cast: Cast, browse: Any, acting: Any) -> None:
    page = browse(cast.admin)
    assert "Nobody asked yet" in page.get(reverse("account_lookup_list")).content.decode()
    with acting(cast.rep), pytest.raises(Exists):
        create_account(by=cast.rep.pk, name="Cedar")
    text = page.get(reverse("account_lookup_list")).content.decode()
    assert "Rita Rep" in text
    assert "exists" in text
    with acting(cast.rep):
        assert Lookup.objects.count() == 0
