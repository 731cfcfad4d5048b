"""The tables of accounts: who they are, what moves as one, what they could buy, and where they go. Pure."""

from common.said import marked as _
from imports.rules.steps.shape import FROM, Column, Into, Step
from planning.rules import sheet

ACCOUNTS = Step(
    "accounts",
    _("Accounts"),
    _("Who are your customers, and whose are they?"),
    (
        Column("Number", _("Your customer number. Empty: one is given.")),
        Column("Name", _("What the customer is called."), is_required=True),
        Column("Territory", _("Code or name. Without territory and owner it belongs to nobody yet.")),
        Column("Owner", _("E-mail address or name, instead of the territory: the one that the person owns."),
               "person"),
        Column("Industry", _("One of your list of industries; anything where the list is empty.")),
        Column("Employees", _("How many."), "count"),
        Column("Annual revenue", _("In the reporting currency."), "amount"),
        Column("Town", ""),
        Column("Region", ""),
        Column("Country", ""),
        Column("Postcode", ""),
        Column("Web domain", _("Such as acme.com.")),
        Column("Tax number", ""),
        Column("Segment", _("One of your list of segments. Empty: left as it is.")),
        Column("Tier", _("One of your list of tiers. Empty: left as it is.")),
        Column("Business unit", _("One of your list of business units. Empty: left as it is.")),
        Column("Strategic", _("Yes or no. Empty: left as it is."), "word", words=("yes", "no")),
        Column("Parent", _("Number or name of the account that it belongs to.")),
        FROM,
    ),
    (
        Into(
            "account",
            {"number": "number", "name": "Name", "territory": "place", "industry": "Industry",
             "employees": "Employees", "annual_revenue": "Annual revenue", "town": "Town", "region": "Region",
             "country": "Country", "postcode": "Postcode", "web_domain": "Web domain", "tax_number": "Tax number",
             "segment": "Segment", "tier": "Tier", "business_unit": "Business unit", "strategic": "Strategic",
             "parent": "Parent", "starts_on": "from"},
            {"number": "Number", "territory": "Territory", "starts_on": "From"},
        ),
    ),
    "account",
)  # fmt: skip

MODULES = Step(
    "modules",
    _("Modules"),
    _("Which accounts move as one?"),
    (
        Column("Account", _("Number or name."), is_required=True),
        Column("Module", _("Its name; one that is not here yet is made."), is_required=True),
        FROM,
        Column("Reason", _("Why it belongs there; empty: import.")),
    ),
    (
        Into("module", {"name": "new module"}, {"name": "Module"}, "new module"),
        Into(
            "module_member",
            {"account": "account", "module": "module", "starts_on": "from", "reason": "Reason"},
            {"account": "Account", "module": "Module", "starts_on": "From"},
        ),
    ),
    "module_member",
)  # fmt: skip

POTENTIALS = Step(
    "potentials",
    _("Potential"),
    _("What could each account buy in a year?"),
    (
        Column("Account", _("Number or name."), is_required=True),
        Column("Family", _("The product family."), is_required=True),
        Column("Year", _("The code of a fiscal year, such as 2026."), is_required=True),
        Column("Potential", _("In the reporting currency. Empty: not known, the line is left out."), "amount"),
        Column("As of", _("As of which day it is known; empty: today."), "day"),
        Column("Source", _("Where the figure comes from.")),
    ),
    (
        Into(
            "potential",
            {"account": "account", "family": "Family", "year": "Year", "amount": "Potential", "as_of": "as of",
             "source": "Source"},
            {"account": "Account", "as_of": "As of"},
            "Potential",
        ),
    ),
    "potential",
    summed="Potential",
)  # fmt: skip

REALIGNMENT = Step(
    "realignment",
    _("Realignment"),
    _("What is to stand otherwise from a day on? Only lines that differ become moves of a draft."),
    (
        Column("Territory", _("Code. Of an account: where it goes.")),
        Column("Name", _("For you to read; no name is changed by it.")),
        Column("Lies below", _("Code. Without the column everything stays where it is.")),
        Column("Owner", _("E-mail address or name. Empty: vacant; without the column everybody stays."), "person"),
        Column("Lead", _("E-mail address or name. Empty: vacant; without the column everybody stays."), "person"),
        Column("Account", _("Number. Empty: the line is about the territory.")),
        Column("Account name", _("For you to read; no name is changed by it.")),
        Column("From", _("The day of the realignment, the same in all lines; empty: tomorrow."), "day"),
        Column("Account owner", _("For you to read: who owns the territory in which the account is on that day.")),
        Column("Later", _("For you to read: where the account is planned to go after that day.")),
    ),
    (
        Into(
            "realignment",
            {"territory": "Territory", "name": "Name", "parent": "Lies below", "owner": "Owner", "lead": "Lead",
             "account": "Account", "account_name": "Account name", "starts_on": "From",
             "account_owner": "Account owner", "later": "Later"},
        ),
    ),
    "realignment",
    one_of=(("Territory",),),
    idle=_("Nothing differs from what stands on that day"),
    asks="draft",
    most_lines=sheet.MOST_LINES,
)  # fmt: skip
