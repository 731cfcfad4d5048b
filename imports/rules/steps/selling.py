"""The tables of selling: who might buy, what is in play, what is asked for and what was ordered. Pure."""

from common.said import marked as _
from imports.rules.entities import CHANNELS, ORIGINS
from imports.rules.steps.shape import CURRENCY, MOTION, PERSON, TERRITORY, Column, Into, Step

LEADS = Step(
    "leads",
    _("Leads"),
    _("Who might buy, and who takes care of them?"),
    (
        Column("Number", _("Your number of the lead. Empty: one is given.")),
        Column("Name", _("First and last name. Give a name, a company or both.")),
        Column("Company", ""),
        Column("Job title", ""),
        Column("E-mail", _("Give an e-mail address, a phone number or a web domain.")),
        Column("Phone", ""),
        Column("Web domain", _("Such as acme.com.")),
        Column("Owner", _("E-mail address or name."), "person", is_required=True),
        Column("Origin", _("Empty: self, or that of the partner or event that is named."), "word", words=ORIGINS),
        Column("Source", _("One of your list of sources; anything where the list is empty.")),
        Column("Tactic", _("One of your list of tactics; anything where the list is empty.")),
        Column("Partner", _("The partner who brought it, by name.")),
        Column("Event", _("The event at which you met, by name.")),
        Column("Interested in", ""),
        Column("Town", ""),
        Column("Region", ""),
        Column("Country", ""),
        Column("Created", _("Empty: today."), "day"),
        Column(
            "Duplicate",
            _("What becomes of a line that is the same as another: leave out, or add. Empty: it is refused."),
            "word", words=("leave out", "add"),
        ),
    ),
    (
        Into(
            "lead",
            {"number": "number", "name": "Name", "company": "Company", "title": "Job title", "email": "E-mail",
             "phone": "Phone", "web_domain": "Web domain", "owner": "Owner", "origin": "Origin",
             "source": "Source", "tactic": "Tactic", "partner": "Partner", "event": "Event",
             "interest": "Interested in", "town": "Town", "region": "Region", "country": "Country",
             "created_on": "created", "duplicate": "Duplicate"},
            {"number": "Number", "created_on": "Created"},
        ),
    ),
    "lead",
    one_of=(("Name", "Company"), ("E-mail", "Phone", "Web domain")),
)  # fmt: skip

OPPORTUNITIES = Step(
    "opportunities",
    _("Open opportunities"),
    _("Which deals are in play today?"),
    (
        Column("Number", _("Your number of the deal. Empty: one is given.")),
        Column("Name", _("What the deal is called."), is_required=True),
        Column("Account", _("Number or name."), is_required=True),
        Column("Owner", _("E-mail address or name."), "person", is_required=True),
        Column("Stage", _("An open stage, as it is called here."), is_required=True),
        Column("Sales model", _("Empty: the deal's own, of a new deal the usual one.")),
        Column("Amount", _("Empty: not known yet."), "amount"),
        CURRENCY,
        Column("Close date", _("When it is expected to close."), "day", is_required=True),
        Column("Created", _("Empty: today."), "day"),
        MOTION,
        Column("Channel", _("Empty: direct, or partner where a partner is named."), "word", words=CHANNELS),
        Column("Partner", _("The partner through whom it is sold, by name.")),
        Column("Source", _("One of your list of sources; anything where the list is empty.")),
        Column("Product", _("Code or name.")),
    ),
    (
        Into(
            "opportunity",
            {"number": "number", "name": "Name", "account": "Account", "owner": "Owner", "stage": "Stage",
             "amount": "Amount", "currency": "currency", "close_on": "Close date", "created_on": "created",
             "motion": "motion", "product": "Product", "price": "price", "model": "Sales model", "channel": "Channel",
             "partner": "Partner", "source": "Source"},
            {"number": "Number", "currency": "Currency", "created_on": "Created", "motion": "Motion",
             "price": "Amount"},
        ),
    ),
    "opportunity",
    summed="Amount",
)  # fmt: skip

QUOTAS = Step(
    "quotas",
    _("Quotas"),
    _("What is asked of whom, quarter by quarter?"),
    (
        PERSON,
        TERRITORY,
        Column("Family", _("A product family; empty: all of them.")),
        Column("Kind", _("Empty: assigned. A manager's own selling quota is own."), "word",
               words=("assigned", "own")),
    ),
    (
        Into(
            "quota",
            {"person": "Person", "territory": "Territory", "family": "Family", "kind": "kind"},
            {"kind": "Kind"},
        ),
    ),
    "quota",
    by_quarter=True,
    one_of=(("Person", "Territory"),),
)  # fmt: skip

OPENINGS = Step(
    "openings",
    _("Opening order intake"),
    _("What was ordered before the start, and whose was it?"),
    (
        PERSON,
        TERRITORY,
        Column("Day", _("Give the day of the order, or a quarter."), "day"),
        Column("Quarter", _("The code of a fiscal quarter: all of its intake in one line.")),
        Column("Family", _("The product family."), is_required=True),
        Column("Amount", _("What was ordered; a minus amount takes back."), "amount", is_required=True),
        CURRENCY,
        MOTION,
    ),
    (
        Into(
            "opening",
            {"person": "Person", "territory": "Territory", "on": "on", "family": "Family", "amount": "Amount",
             "currency": "currency", "motion": "motion"},
            {"on": "on", "currency": "Currency", "motion": "Motion"},
        ),
    ),
    "opening",
    one_of=(("Person", "Territory"), ("Day", "Quarter")),
    summed="Amount",
)  # fmt: skip
