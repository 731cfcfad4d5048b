"""What a file can be read into: the product's entities with their fields, in the order in which they are applied.

A new column that a file may bring begins here, as a field; the app whose entity it is takes it up in
its `services/importing.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from common.access import Role
from territories.rules import KINDS

Kind = Literal["text", "reference", "day", "amount", "count", "rate", "flag"]


@dataclass(frozen=True)
class Field:
    """One field: how its text is read, whether a row needs it, how long a text may be, which words it knows."""

    kind: Kind = "text"
    longest: int = 160
    words: tuple[str, ...] = ()
    is_required: bool = False


@dataclass(frozen=True)
class Entity:
    """One kind of row: its fields, and those that tell two rows apart; without a key every row stands for itself.

    Rows with the same `whole` field are lines of one document, which comes in with all of its lines or not at all.
    """

    fields: Mapping[str, Field]
    key: tuple[str, ...] = ()
    whole: str = ""


def _needed(kind: Kind = "text", longest: int = 160, *words: str) -> Field:
    return Field(kind, longest, words, is_required=True)


OWN = Field(longest=500)
"""A field of the company's own, `own:` and its key: what it holds is looked at where it is applied."""


def rule_of(entity: str, name: str) -> Field:
    """How a field of an entity is read."""
    return OWN if name.startswith("own:") else ENTITIES[entity].fields[name]


MOTIONS = ("new", "expansion", "renewal", "displacement")
ORIGINS = ("self", "inbound")
CHANNELS = ("direct", "partner")
KINDS_SOLD = ("software", "service", "hardware", "recurring")
TIERS = ("primary", "ancillary")
CATEGORIES = ("omitted", "pipeline", "best_case", "most_likely", "commit", "closed")

ENTITIES: dict[str, Entity] = {
    "rate": Entity(
        {
            "kind": _needed("text", 8, "plan", "booked", "current"),
            "currency": _needed("text", 3),
            "value": _needed("rate"),
            "starts_on": _needed("day"),
            "stops_on": Field("day"),
        },
        ("kind", "currency", "starts_on"),
    ),
    "person": Entity(
        {
            "email": _needed("text", 254),
            "name": _needed("text", 120),
            "role": _needed("text", 12, *Role),
            "locale": Field("text", 16),
            "time_zone": Field("text", 64),
            "starts_on": _needed("day"),
        },
        ("email", "role"),
    ),
    "territory": Entity(
        {
            "code": _needed("text", 40),
            "name": _needed("text", 120),
            "kind": Field("text", 9, KINDS),
            "parent": Field("reference"),
            "starts_on": _needed("day"),
        },
        ("code",),
    ),
    "seat": Entity(
        {
            "person": _needed("reference"),
            "territory": _needed("reference"),
            "kind": _needed("text", 8, "owner", "lead", "overlay"),
            "starts_on": _needed("day"),
            "stops_on": Field("day"),
        },
        ("person", "territory", "kind", "starts_on"),
    ),
    "family": Entity(
        {"code": _needed("text", 40), "name": _needed("text", 120), "parent": Field("reference")}, ("code",)
    ),
    "product": Entity(
        {
            "code": _needed("text", 40),
            "name": _needed("text", 120),
            "family": _needed("reference"),
            "kind": Field("text", 10, KINDS_SOLD),
            "tier": Field("text", 9, TIERS),
            "vendor": Field("text", 80),
            "list_price": Field("amount"),
            "currency": _needed("text", 3),
            "retired_on": Field("day"),
        },
        ("code",),
    ),
    "account": Entity(
        {
            "number": _needed("text", 40),
            "name": _needed("text", 160),
            "industry": Field("text", 80),
            "employees": Field("count"),
            "annual_revenue": Field("amount"),
            "town": Field("text", 80),
            "region": Field("text", 80),
            "country": Field("text", 80),
            "postcode": Field("text", 16),
            "web_domain": Field("text", 120),
            "tax_number": Field("text", 40),
            "segment": Field("text", 80),
            "tier": Field("text", 80),
            "business_unit": Field("text", 80),
            "strategic": Field("flag"),
            "parent": Field("reference"),
            "territory": Field("reference"),
            "starts_on": Field("day"),
        },
        ("number",),
    ),
    "module": Entity({"name": _needed("text", 120)}, ("name",)),
    "module_member": Entity(
        {
            "account": _needed("reference"),
            "module": _needed("reference"),
            "starts_on": _needed("day"),
            "reason": Field("text", 200),
        },
        ("account",),
    ),
    "stage": Entity(
        {
            "name": _needed("text", 60),
            "position": _needed("count"),
            "kind": _needed("text", 4, "open", "won", "lost"),
            "probability": _needed("count"),
            "category": _needed("text", 12, *CATEGORIES),
        },
        ("name",),
    ),
    "opportunity": Entity(
        {
            "number": _needed("text", 40),
            "name": _needed("text", 160),
            "account": Field("reference"),
            "owner": _needed("reference"),
            "stage": _needed("reference"),
            "amount": Field("amount"),
            "currency": _needed("text", 3),
            "motion": _needed("text", 12, *MOTIONS),
            "created_on": _needed("day"),
            "close_on": _needed("day"),
            "closed_on": Field("day"),
            "lost_reason": Field("text", 200),
            "model": Field("reference"),
            "channel": Field("text", 8, CHANNELS),
            "partner": Field("reference"),
            "source": Field("text", 80),
            "product": Field("reference"),
            "quantity": Field("count"),
            "price": Field("amount"),
        },
        ("number",),
    ),
    "lead": Entity(
        {
            "number": _needed("text", 40),
            "name": Field("text", 120),
            "company": Field("text", 160),
            "title": Field("text", 120),
            "email": Field("text", 254),
            "phone": Field("text", 40),
            "web_domain": Field("text", 120),
            "country": Field("text", 80),
            "region": Field("text", 80),
            "town": Field("text", 80),
            "interest": Field("text", 500),
            "origin": Field("text", 10, ORIGINS),
            "source": Field("text", 80),
            "tactic": Field("text", 80),
            "partner": Field("reference"),
            "event": Field("reference"),
            "owner": _needed("reference"),
            "created_on": _needed("day"),
            "duplicate": Field("text", 10, ("leave out", "add")),
        },
        ("number",),
    ),
    "order": Entity(
        {
            "number": _needed("text", 40),
            "account": _needed("reference"),
            "opportunity": Field("reference"),
            "owner": _needed("reference"),
            "booked_on": _needed("day"),
            "currency": _needed("text", 3),
            "motion": _needed("text", 12, *MOTIONS),
            "purchase_order": Field("text", 80),
            "is_second": Field("flag"),
            "product": _needed("reference"),
            "quantity": _needed("count"),
            "amount": _needed("amount"),
            "term_months": Field("count"),
        },
        whole="number",
    ),
    "opening": Entity(
        {
            "person": Field("reference"),
            "territory": Field("reference"),
            "on": _needed("day"),
            "family": _needed("reference"),
            "amount": _needed("amount"),
            "currency": _needed("text", 3),
            "motion": Field("text", 12, MOTIONS),
            "is_new_business": Field("flag"),
        },
        ("person", "territory", "on", "family", "currency", "motion", "is_new_business"),
    ),
    "quota": Entity(
        {
            "person": Field("reference"),
            "territory": Field("reference"),
            "on": _needed("day"),
            "family": Field("reference"),
            "kind": Field("text", 8, ("assigned", "own")),
            "amount": _needed("amount"),
            "reason": Field("text", 200),
        },
        ("person", "territory", "on", "family", "kind"),
    ),
    "potential": Entity(
        {
            "account": _needed("reference"),
            "family": _needed("reference"),
            "year": _needed("text", 16),
            "amount": _needed("amount"),
            "as_of": _needed("day"),
            "source": Field("text", 120),
        },
        ("account", "family", "year", "as_of"),
    ),
    "realignment": Entity(
        {
            "territory": Field("reference"),
            "name": Field("text", 200),
            "parent": Field("reference"),
            "owner": Field("reference"),
            "lead": Field("reference"),
            "account": Field("reference"),
            "account_name": Field("text", 200),
            "starts_on": Field("day"),
            "account_owner": Field("text", 254),
            "later": Field("text", 2000),
        },
    ),
    "submission": Entity(
        {
            "person": _needed("reference"),
            "on": _needed("day"),
            "submitted_on": _needed("day"),
            "category": _needed("text", 12, "commit", "best_case"),
            "amount": _needed("amount"),
            "is_team": Field("flag"),
            "note": Field("text", 1000),
        },
        ("person", "on", "submitted_on", "category", "is_team"),
    ),
}
"""Entity -> its fields. Amounts are in the row's `currency`, without one in the reporting currency."""
