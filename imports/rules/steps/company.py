"""The tables of the organisation itself: its territories, its people and what it sells. Pure."""

from common.access import Role
from common.said import marked as _
from imports.rules.entities import KINDS_SOLD, TIERS
from imports.rules.steps.shape import CURRENCY, FROM, Column, Into, Step
from territories.rules import KINDS

TERRITORIES = Step(
    "territories",
    _("Territories"),
    _("What does the tree of your sales territories look like?"),
    (
        Column("Code", _("Short and unique, such as NORTH-1."), is_required=True),
        Column("Name", _("What people call it."), is_required=True),
        Column("Parent", _("The code or name of the territory that it lies below.")),
        Column(
            "Type", _("Nothing lies below a type that comes after its own. Empty: by its place in the tree."),
            "word", words=KINDS,
        ),
        FROM,
    ),
    (
        Into(
            "territory",
            {"code": "Code", "name": "Name", "kind": "Type", "parent": "Parent", "starts_on": "from"},
            {"kind": "Type", "starts_on": "From", "parent": "Parent"},
        ),
    ),
    "territory",
)  # fmt: skip

PEOPLE = Step(
    "people",
    _("People"),
    _("Who works here, as what, and for whom?"),
    (
        Column("Name", _("First and last name."), is_required=True),
        Column("E-mail", _("With it the person signs in."), "person", is_required=True),
        Column("Role", _("What the person does here."), "word", is_required=True, words=tuple(Role)),
        Column("Manager", _("E-mail address or name; in this table or here already."), "person"),
        Column(
            "Territory",
            _("Code or name of where the person sits. Empty: reps, managers and directors get one of their own."),
        ),
        FROM,
        Column("Time zone", _("Such as Europe/Berlin; empty: the company's.")),
        Column("Locale", _("Such as de-DE; empty: the company's.")),
    ),
    (
        Into(
            "territory",
            {"code": "own code", "name": "own name", "kind": "own kind", "parent": "own parent",
             "starts_on": "from"},
            {"code": "Name", "name": "Name", "kind": "Role", "parent": "Manager", "starts_on": "From"},
            "own code",
        ),
        Into(
            "person",
            {"email": "E-mail", "name": "Name", "role": "Role", "locale": "locale", "time_zone": "zone",
             "starts_on": "from"},
            {"locale": "Locale", "time_zone": "Time zone", "starts_on": "From"},
        ),
        Into(
            "seat",
            {"person": "E-mail", "territory": "seat", "kind": "seat kind", "starts_on": "from"},
            {"territory": "Territory", "kind": "Role", "starts_on": "From"},
            "seat",
        ),
    ),
    "person",
)  # fmt: skip

PRODUCTS = Step(
    "products",
    _("Products"),
    _("What do you sell, in which families?"),
    (
        Column("Code", _("Short and unique; files name the product by it."), is_required=True),
        Column("Name", _("What people call it."), is_required=True),
        Column("Family", _("The product family; one that is not here yet is made."), is_required=True),
        Column("Family above", _("Which family a new one lies below; empty: none.")),
        Column("Kind", _("Empty: software. The price of what is recurring is that of a month."),
               "word", words=KINDS_SOLD),
        Column("Tier", _("Empty: primary."), "word", words=TIERS),
        Column("Vendor", _("One of your list of vendors; anything where the list is empty.")),
        Column("List price", _("Empty: none."), "amount"),
        CURRENCY,
        Column("No longer sold from", _("Empty while it is sold."), "day"),
    ),
    (
        Into(
            "family",
            {"code": "new family", "name": "Family", "parent": "Family above"},
            {"code": "Family"},
            "new family",
        ),
        Into(
            "product",
            {"code": "Code", "name": "Name", "family": "family", "kind": "Kind", "tier": "Tier",
             "vendor": "Vendor", "list_price": "List price", "currency": "currency",
             "retired_on": "No longer sold from"},
            {"family": "Family", "currency": "Currency"},
        ),
    ),
    "product",
)  # fmt: skip
