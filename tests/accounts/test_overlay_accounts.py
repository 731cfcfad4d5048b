"""Overlays cover accounts and own none: no account begins there, and who leads one changes nothing rules decide by."""

from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Account
from accounts.services import assign_accounts, classify_account, create_account, edit_account
from accounts.services.contacts import create_contact
from common.access import Reach
from common.errors import Forbidden, Refused
from common.transaction import work
from territories.models import Seat, Territory
from tests.accounts.places import JUNE, MAY, add_overlay, spans
from tests.accounts.test_importing import bring, customer
from tests.cast import START, Cast


def sit(person: Any, node: Territory, kind: str) -> None:
    with work(by=None, why="a seat", reach=Reach.everything()):
        Seat.objects.create(user=person, territory=node, kind=kind, starts_on=START)


def test_no_account_begins_on_an_overlay(cast: Cast, acting: Any) -> None:
    node = add_overlay(cast, "Security", "West")
    sit(cast.other_rep, node, "overlay")
    with acting(cast.other_rep), pytest.raises(Refused, match="Security is an overlay") as refused:
        create_account(by=cast.other_rep.pk, name="Zebra", territory_id=node.pk)
    assert refused.value.path == "territory_id"


def test_without_a_territory_it_goes_to_one_that_is_none(cast: Cast, acting: Any) -> None:
    node = add_overlay(cast, "Security", "West")
    sit(cast.other_manager, node, "lead")
    with work(by=None, why="the only seat left", reach=Reach.everything()):
        Seat.objects.get(user=cast.other_manager, territory=cast.territories["West Team"]).supersede()
    with acting(cast.other_manager):
        assert create_account(by=cast.other_manager.pk, name="Zebra").territory.is_unassigned


def test_no_file_puts_one_there(cast: Cast, acting: Any) -> None:
    add_overlay(cast, "Security", "West")
    with acting(cast.admin):
        outcome = bring(cast, customer("N-1", "SECURITY", JUNE))
        assert outcome.created == 0
        assert "Security is an overlay" in outcome.rejects[0].problem


@pytest.fixture
def covered(cast: Cast, acting: Any) -> Account:
    """Acorn of East 1, which Olga covers as the lead of an overlay."""
    node = add_overlay(cast, "Security", "West")
    with acting(cast.admin):
        assign_accounts(
            by=cast.admin.pk,
            account_ids=[cast.accounts["Acorn"].pk],
            territory_id=node.pk,
            starts_on=MAY,
            coverage="specialist",
        )
    sit(cast.other_manager, node, "lead")
    with acting(cast.admin):
        row: Account = Account.objects.get(name="Acorn")
        return row


def test_who_covers_it_changes_nothing_that_rules_decide_by(
    cast: Cast, acting: Any, covered: Account
) -> None:
    olga, one = cast.other_manager, covered
    with acting(olga):
        assert Account.objects.filter(pk=one.pk).exists()
        with pytest.raises(Forbidden):
            classify_account(by=olga.pk, account_id=one.pk, starts_on=MAY, is_strategic=True)
        with pytest.raises(Forbidden):
            edit_account(by=olga.pk, account_id=one.pk, version=one.version, country="FR")
        create_contact(by=olga.pk, account_id=one.pk, name="Carl")
    assert spans(cast, "Acorn", "specialist") == [("Security", MAY, None)]


def test_the_page_offers_what_may_be_done(cast: Cast, browse: Any, covered: Account) -> None:
    client = browse(cast.other_manager)
    names = ("account_edit", "account_classify", "account_potential_edit", "contact_create")
    edit, classify, potential, contact = (reverse(name, args=[covered.pk]) for name in names)
    text = client.get(reverse("account_detail", args=[covered.pk])).content.decode()
    for panel in ("account_classes_panel", "account_potential_panel"):
        text += client.get(reverse(panel, args=[covered.pk])).content.decode()
    shown = [url in text for url in (edit, classify, potential, contact)]
    assert shown == [False, False, False, True]
    assert [client.get(url).status_code for url in (edit, classify, potential, contact)] == [
        403,
        403,
        403,
        200,
    ]
    theirs = browse(cast.manager).get(reverse("account_detail", args=[covered.pk])).content.decode()
    assert edit in theirs
