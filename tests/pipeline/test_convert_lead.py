"""A lead becomes an account, a contact and a deal in one act: everything of it or nothing."""

from datetime import date
from typing import Any

import pytest
from django.apps import apps

from accounts.models import Account, Contact
from accounts.services import Exists
from common.errors import Conflict, Forbidden, NotInReach, Refused
from pipeline.models import Activity, ActivityContact, Lead, Opportunity
from pipeline.services import AccountInput, ContactInput, DealInput, convert_lead, log_activity
from planning.services.merging import merge_accounts
from territories.models import Partner
from tests.cast import Cast
from tests.pipeline.leads import a_lead, read
from workspace.models import ListValue


def deal(cast: Cast, **changes: Any) -> DealInput:
    values = {"name": "Servers for Dogwood", "amount_minor": 1_234_500, "currency": "USD",
              "close_on": date(2026, 6, 30), "stage_id": cast.stages["Prospecting"].pk}  # fmt: skip
    return DealInput(**{**values, **changes})


def converted(acting: Any, person: Any, lead: Lead, account: AccountInput, **more: Any) -> Lead:
    with acting(person):
        return convert_lead(by=person.pk, lead_id=lead.pk, version=1, account=account, **more)


def test_a_new_account_a_new_contact_and_a_deal_with_all_that_was_done(cast: Cast, acting: Any) -> None:
    lead = a_lead(acting, cast.rep, source="Referral", web_domain="www.dogwood.example", town="Ulm")
    with acting(cast.rep):
        log_activity(by=cast.rep.pk, kind="call", subject="Rang Ella", lead_id=lead.pk)
    with acting(cast.manager):
        log_activity(by=cast.manager.pk, kind="meeting", subject="Met Ella", lead_id=lead.pk)
    done = converted(
        acting, cast.rep, lead, AccountInput(name="Dogwood GmbH"), contact=ContactInput(name="Ella Fischer"),
        deal=deal(cast),
    )  # fmt: skip
    assert (done.state, done.closed_on, done.reason) == ("converted", date(2026, 5, 20), "")
    with acting(cast.admin):
        account = Account.objects.get(leads=done)
        assert (account.name, account.town, account.web_domain) == ("Dogwood GmbH", "Ulm", "dogwood.example")
        contact = Contact.objects.get(leads=done)
        assert (contact.account_id, contact.email, contact.phone) == (account.pk, lead.email, lead.phone)
        opened = Opportunity.objects.get(leads=done)
        assert (opened.owner_id, opened.amount_minor, opened.source) == (cast.rep.pk, 1_234_500, "Referral")
        rows = Activity.objects.filter(lead=lead).order_by("id")
        assert list(rows.values_list("subject", "account_id", "opportunity_id", "territory_id")) == [
            (subject, account.pk, opened.pk, account.territory_id) for subject in ("Rang Ella", "Met Ella")
        ]
        assert ActivityContact.objects.filter(contact=contact).count() == 2


def test_the_deal_is_opened_in_one_step_the_way_the_lead_came(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        partner = Partner.objects.create(name="Oak Partners")
    lead = a_lead(acting, cast.rep, source="Referral", origin="partner", partner_id=partner.pk)
    done = converted(acting, cast.rep, lead, AccountInput(cast.accounts["Acorn"].pk), deal=deal(cast))
    with acting(cast.admin):
        opened = Opportunity.objects.get(leads=done)
        assert (opened.channel, opened.partner_id, opened.source) == ("partner", partner.pk, "Referral")
        events = apps.get_model("pipeline.OpportunityEvent").objects.filter(pgh_obj_id=opened.pk)
        assert [event.source for event in events] == ["Referral"]


def test_a_source_or_partner_that_is_no_longer_on_offer_goes_over(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        partner = Partner.objects.create(name="Oak Partners")
    lead = a_lead(acting, cast.rep, source="Referral", origin="partner", partner_id=partner.pk)
    with acting(cast.admin):
        Partner.objects.filter(pk=partner.pk).update(is_active=False)
        ListValue.objects.filter(list="lead_source", value="Referral").update(is_offered=False)
    done = converted(acting, cast.rep, lead, AccountInput(cast.accounts["Acorn"].pk), deal=deal(cast))
    with acting(cast.admin):
        opened = Opportunity.objects.get(leads=done)
        assert (opened.channel, opened.partner_id, opened.source) == ("partner", partner.pk, "Referral")


def test_an_account_that_is_here_and_nothing_else(cast: Cast, acting: Any) -> None:
    lead = a_lead(acting, cast.rep)
    done = converted(acting, cast.rep, lead, AccountInput(cast.accounts["Acorn"].pk))
    assert (done.account_id, done.contact_id, done.opportunity_id) == (cast.accounts["Acorn"].pk, None, None)
    assert done.is_touched
    with acting(cast.rep), pytest.raises(Conflict):
        convert_lead(by=cast.rep.pk, lead_id=lead.pk, version=2, account=AccountInput(done.account_id))


@pytest.mark.parametrize(
    ("changes", "path"),
    [({"name": " "}, "name"), ({"amount_minor": None}, "amount_minor"), ({"currency": "XXX"}, "currency"),
     ({"stage_id": 10**9}, "stage_id")],
)  # fmt: skip
def test_where_the_deal_is_wrong_nothing_is_made(
    cast: Cast, acting: Any, changes: dict[str, Any], path: str
) -> None:
    lead = a_lead(acting, cast.rep)
    with pytest.raises(Refused) as refused:
        converted(acting, cast.rep, lead, AccountInput(name="Dogwood"), contact=ContactInput(name="Ella"),
                  deal=deal(cast, **changes))  # fmt: skip
    assert refused.value.path == path
    assert read(acting, cast.rep, lead).state == "open"
    with acting(cast.admin):
        assert not Account.objects.filter(name="Dogwood").exists()
        assert not Contact.objects.filter(name="Ella").exists()


def test_who_converts_sees_the_account_and_may_make_what_is_made(cast: Cast, acting: Any) -> None:
    lead = a_lead(acting, cast.rep)
    with pytest.raises(NotInReach):
        converted(acting, cast.rep, lead, AccountInput(cast.accounts["Cedar"].pk))
    with pytest.raises(NotInReach):
        converted(acting, cast.other_rep, lead, AccountInput(cast.accounts["Cedar"].pk))
    with pytest.raises(Forbidden):
        converted(acting, cast.coordinator, lead, AccountInput(cast.accounts["Acorn"].pk), deal=deal(cast))
    with pytest.raises(Forbidden):
        converted(
            acting,
            cast.director,
            lead,
            AccountInput(cast.accounts["Acorn"].pk),
            contact=ContactInput(name="E"),
        )


def test_a_contact_is_one_of_the_account(cast: Cast, acting: Any) -> None:
    lead = a_lead(acting, cast.rep)
    with acting(cast.admin):
        beech = Contact.objects.create(account=cast.accounts["Beech"], name="Bea")
    with pytest.raises(Refused) as refused:
        converted(
            acting, cast.rep, lead, AccountInput(cast.accounts["Acorn"].pk), contact=ContactInput(beech.pk)
        )
    assert refused.value.path == "contact"


def test_one_that_is_here_already_or_was_merged_is_refused(cast: Cast, acting: Any) -> None:
    lead = a_lead(acting, cast.rep)
    with pytest.raises(Exists) as exists:
        converted(acting, cast.rep, lead, AccountInput(name="ACORN Inc."))
    assert exists.value.path == "account_anyway"
    twin = converted(acting, cast.rep, lead, AccountInput(name="Acorn Inc.", anyway_reason="another one"))
    other = a_lead(acting, cast.rep, anyway_reason="again")
    with acting(cast.admin):
        merge_accounts(
            by=cast.admin.pk,
            survivor_id=cast.accounts["Acorn"].pk,
            merged_id=twin.account_id,
            reason="the same",
        )
    with pytest.raises(NotInReach):
        converted(acting, cast.rep, other, AccountInput(twin.account_id))
    with pytest.raises(Refused) as refused:
        converted(acting, cast.admin, other, AccountInput(twin.account_id))
    assert refused.value.code == "merged"
