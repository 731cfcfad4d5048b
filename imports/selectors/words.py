"""Rows in a person's words, by the names of the product's entities and of what each role may see."""

from django.utils.translation import ngettext

from common.locale import format_number


def in_words(name: str, count: int) -> str:
    """So many of a kind. Example: person, 25 → 25 people."""
    texts = {
        "person": ngettext("%(count)s person", "%(count)s people", count),
        "user": ngettext("%(count)s person", "%(count)s people", count),
        "role_grant": ngettext("%(count)s role", "%(count)s roles", count),
        "territory": ngettext("%(count)s territory", "%(count)s territories", count),
        "edge": ngettext("%(count)s place in the tree", "%(count)s places in the tree", count),
        "seat": ngettext("%(count)s seat", "%(count)s seats", count),
        "invitation": ngettext("%(count)s invitation", "%(count)s invitations", count),
        "approval": ngettext("%(count)s approval", "%(count)s approvals", count),
        "message": ngettext("%(count)s message", "%(count)s messages", count),
        "stand_in": ngettext("%(count)s stand-in", "%(count)s stand-ins", count),
        "family": ngettext("%(count)s product family", "%(count)s product families", count),
        "product": ngettext("%(count)s product", "%(count)s products", count),
        "account": ngettext("%(count)s account", "%(count)s accounts", count),
        "account_territory": ngettext(
            "%(count)s account's territory", "%(count)s accounts' territories", count
        ),
        "module": ngettext("%(count)s module", "%(count)s modules", count),
        "module_member": ngettext("%(count)s account in a module", "%(count)s accounts in modules", count),
        "contact": ngettext("%(count)s contact", "%(count)s contacts", count),
        "potential": ngettext("%(count)s potential", "%(count)s potentials", count),
        "stage": ngettext("%(count)s stage", "%(count)s stages", count),
        "stage_visit": ngettext("%(count)s stage passed", "%(count)s stages passed", count),
        "opportunity": ngettext("%(count)s opportunity", "%(count)s opportunities", count),
        "lead": ngettext("%(count)s lead", "%(count)s leads", count),
        "opportunity_line": ngettext("%(count)s product of a deal", "%(count)s products of deals", count),
        "event_lead": ngettext("%(count)s guest of an event", "%(count)s guests of events", count),
        "activity": ngettext("%(count)s activity", "%(count)s activities", count),
        "order": ngettext("%(count)s order", "%(count)s orders", count),
        "order_line": ngettext("%(count)s line of an order", "%(count)s lines of orders", count),
        "booking_event": ngettext("%(count)s booking", "%(count)s bookings", count),
        "dirty_cell": ngettext("%(count)s month to add up", "%(count)s months to add up", count),
        "credit": ngettext("%(count)s entry of the books", "%(count)s entries of the books", count),
        "quota": ngettext("%(count)s quota", "%(count)s quotas", count),
        "submission": ngettext("%(count)s forecast call", "%(count)s forecast calls", count),
        "snapshot_line": ngettext("%(count)s nightly picture", "%(count)s nightly pictures", count),
        "opening": ngettext("%(count)s opening entry", "%(count)s opening entries", count),
        "rate": ngettext("%(count)s rate", "%(count)s rates", count),
        "figure": ngettext("%(count)s published figure", "%(count)s published figures", count),
        "realignment": ngettext(
            "%(count)s line of the realignment", "%(count)s lines of the realignment", count
        ),
        "import_batch": ngettext("%(count)s import", "%(count)s imports", count),
    }
    other = ngettext("%(count)s other record", "%(count)s other records", count)
    return texts.get(name, other) % {"count": format_number(count)}
