"""Through whom a deal is sold and where it came from: the form, the page, the list, and a lead that becomes a deal."""

from typing import Any

import pytest
from django.urls import reverse

from pipeline.models import Opportunity
from pipeline.selectors.history import history
from pipeline.services import AccountInput, edit_opportunity
from territories.models import Partner, PartnerRep
from territories.services.partners import create_partner, create_partner_rep, edit_partner
from tests.cast import Cast
from tests.pages import parsed
from tests.pipeline.leads import a_lead
from tests.pipeline.test_convert_lead import converted
from tests.pipeline.test_convert_lead import deal as a_deal


@pytest.fixture
def rolf(cast: Cast, acting: Any) -> PartnerRep:
    with acting(cast.admin):
        partner = create_partner(by=cast.admin.pk, name="Resellers")
        return create_partner_rep(by=cast.admin.pk, partner_id=partner.pk, name="Rolf")


def edit(cast: Cast, **changes: Any) -> Opportunity:
    deal = Opportunity.objects.get(pk=cast.deals["Acorn renewal"].pk)
    return edit_opportunity(by=cast.rep.pk, opportunity_id=deal.pk, version=deal.version, **changes)


def test_the_page_names_partner_and_source(cast: Cast, acting: Any, browse: Any, rolf: PartnerRep) -> None:
    deal = cast.deals["Acorn renewal"].pk
    client, page = browse(cast.rep), reverse("opportunity_detail", args=[deal])
    assert "Channel Direct Number" in parsed(client.get(page).content.decode()).text
    form = reverse("opportunity_edit", args=[deal])
    assert "Rolf, Resellers" in client.get(form).content.decode()
    typed = {
        "name": "Acorn renewal",
        "amount_minor": "100000.01",
        "currency": "USD",
        "close_on": "2026-06-15",
        "category": "",
        "owner_id": cast.rep.pk,
        "motion": "new",
        "next_step": "",
        "next_step_on": "",
        "channel": "partner",
        "partner_id": "",
        "partner_rep_id": "",
        "source": "Referral",
        "version": 1,
    }
    refused = client.post(form, typed)
    assert refused.status_code == 422
    assert "Say through which partner." in refused.content.decode()
    whole = {**typed, "partner_id": rolf.partner_id, "partner_rep_id": rolf.pk}
    assert client.post(form, whole).status_code == 302
    text = parsed(client.get(page).content.decode()).text
    assert "Channel Partner: Resellers (Rolf) Source Referral" in text
    with acting(cast.rep):
        told = {(one.field, one.after) for one in history(Opportunity.objects.get(pk=deal))}
        assert {("Channel", "Partner"), ("Partner", "Resellers"), ("Their representative", "Rolf")} <= told


def test_a_direct_deal_drops_its_partner(cast: Cast, acting: Any, rolf: PartnerRep) -> None:
    with acting(cast.rep):
        edit(cast, channel="partner", partner_id=rolf.partner_id, partner_rep_id=rolf.pk)
        deal = edit(cast, channel="direct")
        assert (deal.partner_id, deal.partner_rep_id) == (None, None)


def test_a_partner_that_is_not_offered_any_more_stays(cast: Cast, acting: Any, rolf: PartnerRep) -> None:
    with acting(cast.rep):
        edit(cast, channel="partner", partner_id=rolf.partner_id)
    with acting(cast.admin):
        partner = Partner.objects.get()
        edit_partner(
            by=cast.admin.pk,
            partner_id=partner.pk,
            version=partner.version,
            name="Resellers",
            is_active=False,
        )
    with acting(cast.rep):
        deal = edit(cast, next_step="Call them", source="")
        assert (deal.channel, deal.partner_id) == ("partner", rolf.partner_id)


def test_the_list_is_narrowed_to_a_channel(cast: Cast, acting: Any, browse: Any, rolf: PartnerRep) -> None:
    with acting(cast.rep):
        edit(cast, channel="partner", partner_id=rolf.partner_id, source="Referral")
    client = browse(cast.admin)
    for query, names in (
        ("channel=partner", {"Acorn renewal"}),
        ("channel=direct", {"Beech renewal", "Cedar renewal"}),
        (f"partner={rolf.partner_id}", {"Acorn renewal"}),
        ("source=Referral", {"Acorn renewal"}),
        ("source=Web+site", set()),
    ):
        page = client.get(f"{reverse('opportunity_list')}?{query}").content.decode()
        assert {name for name in ("Acorn renewal", "Beech renewal", "Cedar renewal") if name in page} == names
    assert client.get(f"{reverse('opportunity_list')}?channel=post").status_code == 400


def test_a_partners_lead_becomes_a_partners_deal(cast: Cast, acting: Any, rolf: PartnerRep) -> None:
    known = {
        "origin": "partner",
        "partner_id": rolf.partner_id,
        "partner_rep_id": rolf.pk,
        "source": "Referral",
    }
    lead = a_lead(acting, cast.rep, name="Pia", **known)
    done = converted(acting, cast.rep, lead, AccountInput(cast.accounts["Acorn"].pk), deal=a_deal(cast))
    with acting(cast.rep):
        deal = Opportunity.objects.get(pk=done.opportunity_id or 0)
    assert (deal.channel, deal.partner_id, deal.partner_rep_id, deal.source) == (
        "partner",
        rolf.partner_id,
        rolf.pk,
        "Referral",
    )
