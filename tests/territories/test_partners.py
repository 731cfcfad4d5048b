"""Partners and their people: kept by administrators, read by everybody, taken out of forms and never lost."""

from typing import Any

import pytest

from common.errors import Forbidden, Refused, Stale
from territories.models import Partner, PartnerRep
from territories.services.partners import create_partner, create_partner_rep, edit_partner, edit_partner_rep
from tests.cast import Cast


def test_an_administrator_keeps_partners_and_their_people(cast: Cast, browse: Any, acting: Any) -> None:
    client = browse(cast.admin)
    assert client.post("/settings/partners/new/", {"name": "Resellers"}).status_code == 302
    with acting(cast.admin):
        partner = Partner.objects.get()
    client.post(
        f"/settings/partners/{partner.pk}/people/new/", {"name": "Rolf", "email": "r@r.example", "phone": ""}
    )
    with acting(cast.admin):
        rep = PartnerRep.objects.get(partner=partner)
        edit_partner_rep(by=cast.admin.pk, rep_id=rep.pk, version=1, phone="1", is_active=False)
        edit_partner(
            by=cast.admin.pk, partner_id=partner.pk, version=1, name="Resellers Ltd", is_active=False
        )
        with pytest.raises(Stale):
            edit_partner(by=cast.admin.pk, partner_id=partner.pk, version=1, name="X", is_active=True)
    page = browse(cast.manager).get("/settings/partners/").content.decode()
    assert "Resellers Ltd" in page
    assert page.count("no longer offered") == 2
    assert "/settings/partners/new/" not in page


def test_one_name_is_one_partner_and_nobody_else_keeps_them(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        partner = create_partner(by=cast.admin.pk, name="Resellers")
    with acting(cast.admin), pytest.raises(Refused):
        create_partner(by=cast.admin.pk, name="Resellers")
    for person in (cast.rep, cast.manager, cast.executive):
        with acting(person), pytest.raises(Forbidden):
            create_partner_rep(by=person.pk, partner_id=partner.pk, name="Rolf")
