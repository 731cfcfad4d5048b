"""Partners through whom we sell, and their people in the field; administrators keep them, everybody reads them."""

from collections.abc import Mapping
from typing import Any

from common.access import found
from common.checks import check_email, check_text, refuse_unknown
from common.transaction import act, reach
from territories.models import Partner, PartnerRep

REP_FIELDS = ("name", "email", "phone", "is_active")


@act
def create_partner(*, by: int, name: str) -> Partner:
    """Note a company through which we sell; administrators only. Raises Refused for a name that is there."""
    reach().require("partner", "update")
    check_text(name, "name")
    partner: Partner = Partner.objects.create(name=name.strip())
    return partner


@act
def edit_partner(*, by: int, partner_id: int, version: int, name: str, is_active: bool) -> None:
    """Call a partner otherwise, or let forms offer it no longer; what names it keeps it. Raises Stale."""
    partner = partner_for(partner_id)
    check_text(name, "name")
    Partner.objects.change(partner.pk, version, name=name.strip(), is_active=is_active)


@act
def create_partner_rep(
    *, by: int, partner_id: int, name: str, email: str = "", phone: str = ""
) -> PartnerRep:
    """Note somebody in the field who works for a partner; administrators only. Raises Refused, NotInReach."""
    partner = partner_for(partner_id)
    _check_rep({"name": name, "email": email.strip()})
    rep: PartnerRep = partner.reps.create(name=name.strip(), email=email.strip(), phone=phone.strip())
    return rep


@act
def edit_partner_rep(*, by: int, rep_id: int, version: int, **changes: Any) -> None:
    """Change what is known of a partner's representative: fields of REP_FIELDS. Raises Stale."""
    refuse_unknown(changes, REP_FIELDS)
    rep = rep_for(rep_id)
    changes = {name: value.strip() if isinstance(value, str) else value for name, value in changes.items()}
    _check_rep(changes)
    PartnerRep.objects.change(rep.pk, version, **changes)


def _check_rep(values: Mapping[str, Any]) -> None:
    if "name" in values:
        check_text(values["name"], "name")
    if values.get("email"):
        check_email(values["email"])


def partner_for(partner_id: int) -> Partner:
    """The partner with that id, for who keeps them. Raises Forbidden, NotInReach."""
    reach().require("partner", "update")
    partner: Partner = found(Partner.objects.filter(pk=partner_id).first())
    return partner


def rep_for(rep_id: int) -> PartnerRep:
    """The representative with that id, for who keeps them. Raises Forbidden, NotInReach."""
    reach().require("partner", "update")
    rep: PartnerRep = found(PartnerRep.objects.select_related("partner").filter(pk=rep_id).first())
    return rep
