"""Leads: taken up, edited, given to somebody else, ended without a deal, opened again."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.rules.matching import domain_of
from accounts.services.duplicates import note_lookup
from common.access import seen
from common.checks import check_email, check_text, refuse_unknown
from common.errors import Conflict, Forbidden, Refused, Stale
from common.selectors import today
from common.staging import new_ids
from common.transaction import act, because, now, reach, widened
from pipeline.models import Activity, Lead, SalesEvent
from pipeline.selectors.lead_duplicates import LeadAlike, LeadTyped, lead_alike
from pipeline.services.checks import check_choice, check_person
from territories.models import Partner, PartnerRep
from territories.selectors import seat_finder
from workspace.models import Event, ListValue
from workspace.services import listed, own_values, tell

WHO = ("name", "company", "title", "email", "phone", "web_domain", "country", "region", "town", "interest")
FROM_WHERE = ("origin", "source", "tactic", "partner_id", "partner_rep_id", "event_id")
LEAD_FIELDS = (*WHO, *FROM_WHERE)
LISTS = {"source": ListValue.List.LEAD_SOURCE, "tactic": ListValue.List.TACTIC}


class LeadExists(Conflict):
    """Somebody like the lead that is added is here: `found` says who, as far as they are seen."""

    def __init__(self, found: LeadAlike) -> None:
        self.found = found
        said = []
        if found.names:
            said.append(_("Here already: %(names)s.") % {"names": ", ".join(found.names)})
        if found.hidden:
            said.append(_("Somebody like this is here that you don't see."))
        said.append(_("To add another one all the same, say why."))
        super().__init__(" ".join(said), path="anyway_reason", code="lead_exists")


@act
def create_lead(
    *,
    by: int,
    owner_id: int | None = None,
    anyway_reason: str = "",
    own: Mapping[str, Any] | None = None,
    **fields: Any,
) -> Lead:
    """Take up somebody who might buy; for oneself or for somebody whom one may give leads to, who is told.

    Raises LeadExists where an open lead, a contact or an account is the same by e-mail address, phone number, company
    or web domain, unless `anyway_reason` says why there is to be another one; Refused on what is missing or wrong.
    """
    refuse_unknown(fields, LEAD_FIELDS)
    owner = owner_id or by
    values = _checked(fields, {}) | {"own": own_values("lead", own, {})}
    place = _place(owner)
    reach().require("lead", "create", place)
    if not anyway_reason.strip():
        _refuse_duplicate(by, values)
    (pk,) = new_ids("pipeline_lead", 1)
    known = {"number": f"LEAD-{pk}", "created_on": today(), "owned_at": now()}
    with _because(anyway_reason):
        lead: Lead = Lead.objects.create(pk=pk, **known, **values, **place)
    _tell_owner(lead, by)
    return lead


def _refuse_duplicate(by: int, values: Mapping[str, Any]) -> None:
    typed = LeadTyped(**{name: values.get(name, "") for name in ("company", "email", "phone", "web_domain")})
    found = lead_alike(reach(), typed)
    if any("org" not in reach().relations(name) for name in ("lead", "account")):
        note_lookup(by, typed.in_words, has_found=found.hidden)
    if found:
        raise LeadExists(found)


@act
def edit_lead(
    *, by: int, lead_id: int, version: int, own: Mapping[str, Any] | None = None, **changes: Any
) -> Lead:
    """Change what is known of an open lead: fields of LEAD_FIELDS and own ones; whoever may update it. Raises Stale."""
    refuse_unknown(changes, LEAD_FIELDS)
    lead = open_lead(lead_id, version)
    standing = {name: getattr(lead, name) for name in (*LEAD_FIELDS, "own")}
    values = _checked(changes, standing) | {"own": own_values("lead", own, lead.own)}
    changed = {name: value for name, value in values.items() if standing[name] != value}
    if changed:
        Lead.objects.change(lead.pk, version, **changed)
        lead.refresh_from_db()
    return lead


@act
def give_lead(*, by: int, lead_id: int, version: int, owner_id: int, reason: str = "") -> Lead:
    """Give an open lead to another owner, who is told, with what is still to be done for it; its clock starts anew.

    Whoever may update it, to somebody whom they may give leads to. What was done goes where the lead goes, so that
    who has it reads it. Raises Stale.
    """
    lead = open_lead(lead_id, version)
    if owner_id == lead.owner_id:
        return lead
    place, giver = _place(owner_id), lead.owner_id
    with _because(reason):
        Lead.objects.change(lead.pk, version, **place, **_anew())
        lead.refresh_from_db()
    with widened("activity"):
        theirs = Activity.objects.filter(lead=lead)
        theirs.update(territory_id=place["territory_id"])
        for task in theirs.filter(done_at=None, owner_id=giver):
            Activity.objects.change(task.pk, task.version, owner_id=owner_id)
    _tell_owner(lead, by)
    return lead


@act
def disqualify_lead(*, by: int, lead_id: int, version: int, reason: str) -> Lead:
    """End a lead without a deal, with a reason of the list; whoever may update it. Raises Stale, Conflict."""
    lead = open_lead(lead_id, version)
    check_text(reason, "reason", missing=_("Say why it comes to nothing."))
    said = listed(ListValue.List.DISQUALIFIED, reason, "reason")
    Lead.objects.change(lead.pk, version, state=Lead.State.DISQUALIFIED, reason=said, closed_on=today())
    lead.refresh_from_db()
    return lead


@act
def reopen_lead(*, by: int, lead_id: int, version: int) -> Lead:
    """Open a disqualified lead again, as if it had just come to its owner; whoever may update it.

    Raises Stale, Conflict for any other.
    """
    lead = lead_for("update", lead_id, version)
    if lead.state != Lead.State.DISQUALIFIED:
        raise Conflict(_("Only a disqualified lead is opened again."), code="lead_not_disqualified")
    Lead.objects.change(lead.pk, version, state=Lead.State.OPEN, reason="", closed_on=None, **_anew())
    lead.refresh_from_db()
    return lead


def note_touch(lead_id: int) -> None:
    """Remember that something was done with an open lead; the first time counts. For acts that logged it."""
    Lead.objects.open().filter(pk=lead_id, touched_at=None).update(touched_at=now())


def lead_for(action: str, lead_id: int, version: int | None = None) -> Lead:
    """The lead, as the person read it where they say so, if they may do `action`.

    Raises NotInReach, Forbidden or Stale.
    """
    lead: Lead = seen(Lead.objects.select_for_update(no_key=True), reach(), lead_id)
    reach().require("lead", action, lead)
    if version not in (None, lead.version):
        raise Stale()
    return lead


def open_lead(lead_id: int, version: int) -> Lead:
    """A lead that goes on. Raises Conflict for one that was converted or disqualified."""
    lead = lead_for("update", lead_id, version)
    if not lead.is_open:
        message = _("This lead is %(state)s.") % {"state": lead.get_state_display()}
        raise Conflict(message, code="lead_closed")
    return lead


def _because(reason: str) -> AbstractContextManager[None]:
    """What history says as the reason of a change, where one is given."""
    return because(reason.strip()) if reason.strip() else nullcontext()


def _anew() -> dict[str, Any]:
    return {"owned_at": now(), "touched_at": None, "untouched_alerts": 0}


def _place(owner_id: int) -> dict[str, int]:
    """The owner, and the territory where they sit. Raises Refused or Forbidden for whom it may not be given to."""
    check_person(owner_id, "owner_id")
    if not reach().allows("lead", "give", {"owner_id": owner_id}):
        raise Forbidden(_("A lead is given to yourself or to somebody whom you lead."))
    return {"owner_id": owner_id, "territory_id": seat_finder([owner_id])(owner_id, today())}


def _tell_owner(lead: Lead, by: int) -> None:
    if lead.owner_id != by:
        said = {"about": str(lead), "url": reverse("lead_detail", args=[lead.pk])}
        tell(event=Event.LEAD_CAME, people=[lead.owner_id], key=f"{lead.pk} {lead.version}", by=by, **said)


def _checked(fields: Mapping[str, Any], standing: Mapping[str, Any]) -> dict[str, Any]:
    """The fields as they are kept. Raises Refused with the path of what is wrong; `standing`: what holds so far."""
    values = {name: value.strip() if isinstance(value, str) else value for name, value in fields.items()}
    for name in WHO:
        if values.get(name):
            check_text(values[name], name)
    if values.get("email"):
        check_email(values["email"])
    if "web_domain" in values:
        values["web_domain"] = _domain(values["web_domain"])
    for name, kept in LISTS.items():
        if values.get(name, "") not in ("", standing.get(name, "")):
            values[name] = listed(kept, values[name], name)
    if "origin" in values or not standing:
        values.setdefault("origin", Lead.Origin.SELF)
    whole = {**dict.fromkeys(LEAD_FIELDS), **standing, **values}
    _check_somebody(whole)
    if any(name in values for name in FROM_WHERE):
        _check_origin(whole, standing)
    return values


def _check_somebody(whole: Mapping[str, Any]) -> None:
    if not (whole["name"] or whole["company"]):
        message = _("Say who it is: a person, a company or both.")
        raise Refused(message, path="name", code="lead_is_somebody")
    if not (whole["email"] or whole["phone"] or whole["web_domain"]):
        message = _("Give at least one way to reach them: e-mail, phone or web domain.")
        raise Refused(message, path="email", code="lead_can_be_reached")


def _check_origin(whole: Mapping[str, Any], standing: Mapping[str, Any]) -> None:
    """A partner's lead names the partner, an event's the event; what is named is there, and nothing else is."""
    origin, partner, rep, event = (
        whole[name] for name in ("origin", "partner_id", "partner_rep_id", "event_id")
    )
    check_choice(origin, "origin", Lead.Origin.values)
    if (origin == Lead.Origin.PARTNER) != bool(partner):
        message = _("A partner's lead names the partner; any other names none.")
        raise Refused(message, path="partner_id", code="lead_origin")
    if (origin == Lead.Origin.EVENT) != bool(event):
        message = _("An event's lead names the event; any other names none.")
        raise Refused(message, path="event_id", code="lead_origin")
    if partner and partner != standing.get("partner_id"):
        _check_there(Partner.objects.filter(pk=partner, is_active=True).exists(), "partner_id")
    if rep and (rep, partner) != (standing.get("partner_rep_id"), standing.get("partner_id")):
        theirs = PartnerRep.objects.filter(pk=rep, partner_id=partner, is_active=True)
        _check_there(theirs.exists(), "partner_rep_id")
    if event:
        _check_there(SalesEvent.objects.filter(pk=event).exists(), "event_id")


def _check_there(is_there: bool, path: str) -> None:
    if not is_there:
        raise Refused(_("There is none of that name here, or not any more."), path=path, code="unknown")


def _domain(text: str) -> str:
    domain = domain_of(text)
    if text and "." not in domain:
        raise Refused(_("Write a web domain such as acme.com."), path="web_domain", code="web_domain")
    return domain
