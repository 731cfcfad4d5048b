"""Through whom a deal is sold, and where it came from."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from common.errors import Refused
from pipeline.models import Channel
from pipeline.services.checks import check_choice
from territories.models import Partner, PartnerRep
from workspace.models import ListValue
from workspace.services import listed

WAY = ("channel", "partner_id", "partner_rep_id", "source")
NEW = {"channel": Channel.DIRECT, "partner_id": None, "partner_rep_id": None, "source": ""}
"""What holds of a deal where nothing is said."""


def checked_way(changes: Mapping[str, Any], standing: Mapping[str, Any] = NEW) -> dict[str, Any]:
    """What becomes of these columns: a partner's deal names the partner and may name one of their people, a direct one
    names neither. What stands may stay, also where it is not offered any more.

    Raises Refused with the path of what is unknown or missing.
    """
    way = {name: value for name, value in changes.items() if name in WAY}
    if not way:
        return {}
    whole = {**standing, **way}
    check_choice(whole["channel"], "channel", Channel.values)
    if "source" in way:
        way["source"] = _source(way["source"], standing["source"])
    if whole["channel"] == Channel.PARTNER:
        return {**way, **_partner(whole, standing)}
    if way.get("partner_id") or way.get("partner_rep_id"):
        message = _("A direct deal names no partner. Choose the channel Partner.")
        raise Refused(message, path="channel", code="opportunity_channel")
    return {**way, "partner_id": None, "partner_rep_id": None}


def way_of(deal: Any) -> dict[str, Any]:
    """How a deal stands."""
    return {name: getattr(deal, name) for name in WAY}


def _partner(whole: Mapping[str, Any], standing: Mapping[str, Any]) -> dict[str, Any]:
    """The partner and their representative."""
    partner, rep = whole["partner_id"], whole["partner_rep_id"]
    if not partner:
        raise Refused(_("Say through which partner."), path="partner_id", code="opportunity_channel")
    if partner != standing["partner_id"]:
        _check_there(Partner.objects.filter(pk=partner, is_active=True), "partner_id")
    if rep and (rep, partner) != (standing["partner_rep_id"], standing["partner_id"]):
        _check_there(PartnerRep.objects.filter(pk=rep, is_active=True), "partner_rep_id")
        if not PartnerRep.objects.filter(pk=rep, partner_id=partner).exists():
            message = _("They work for another partner. Choose somebody of this one.")
            raise Refused(message, path="partner_rep_id", code="other_partner")
    return {"partner_id": partner, "partner_rep_id": rep}


def _check_there(rows: QuerySet[Any], path: str) -> None:
    if not rows.exists():
        raise Refused(_("There is none of that name here, or not any more."), path=path, code="unknown")


def _source(source: str, standing: str) -> str:
    """As its list writes it."""
    text = source.strip()
    return text if text in ("", standing) else listed(ListValue.List.LEAD_SOURCE, text, "source")
