"""The tables of the set-up: which columns each has, and how its lines become the product's entities. Pure.

A table is a profile that comes along: its columns are fixed, and so is what they are read into. Columns that begin with
a small letter stand in no file: they are worked out for each line before it is read (`imports/selectors/prepare.py`).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

from common.access import Role
from common.said import marked as _
from imports.rules.entities import MOTIONS
from imports.rules.profile import Source, TableSpec
from imports.rules.values import Style
from planning.rules import sheet
from territories.rules import KINDS

MOST_LINES = 10_000
Kind = Literal["text", "person", "word", "currency", "day", "amount", "count"]


@dataclass(frozen=True)
class Column:
    """A column of a table: what stands in it, and what it says to who fills it in."""

    name: str
    about: str
    kind: Kind = "text"
    is_required: bool = False
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Part:
    """One reading of the table's lines into an entity.

    `shown` names the table's own column for a field that is worked out. Of a `main` part no line says the same twice.
    """

    spec: TableSpec
    shown: Mapping[str, str]
    is_main: bool


@dataclass(frozen=True)
class Into:
    """How a table is read into one entity: field -> column, and the column without which a line makes no such row."""

    entity: str
    fields: Mapping[str, str]
    shown: Mapping[str, str] = field(default_factory=dict)
    unless_empty: str = ""


@dataclass(frozen=True)
class Step:
    """One table of the set-up, about one entity.

    With `by_quarter` it has a column more for each fiscal quarter, by its code; `one_of` are columns of which a file
    has at least one; `summed` is the column that is added up; `idle` is what is said where nothing is to do. `asks`:
    what the access table lets those do who bring it in; `most_lines`: so many are taken at once.
    """

    name: str
    title: str
    question: str
    columns: tuple[Column, ...]
    readings: tuple[Into, ...]
    entity: str
    by_quarter: bool = False
    one_of: tuple[tuple[str, ...], ...] = ()
    summed: str = ""
    idle: str = _("Nothing to do: all of it is here already")
    asks: str = "create"
    most_lines: int = MOST_LINES


def parts_of(
    step: Step, label: str, header: Collection[str], quarters: Mapping[str, str] | None = None
) -> list[Part]:
    """The readings of a file with that header; of a table by quarters one for each of its quarters.

    `quarters`: the first day of each by its code. A field whose column the file lacks is left as it is.
    """
    if not step.by_quarter:
        return [_part(step, reading, label, header) for reading in step.readings]
    (reading,) = step.readings
    return [
        _part(step, reading, label, header, code, day)
        for code, day in (quarters or {}).items()
        if code in header
    ]


def _part(
    step: Step, reading: Into, label: str, header: Collection[str], code: str = "", day: str = ""
) -> Part:
    fields = {name: Source(column=column) for name, column in reading.fields.items() if column in header}
    shown, empty = dict(reading.shown), reading.unless_empty or code
    if code:
        fields |= {"on": Source(value=day), "amount": Source(column=code)}
        shown |= {"on": code}
    unless = {empty: [""]} if empty else {}
    spec = TableSpec(reading.entity, file=label, fields=fields, unless=unless, style=Style())
    return Part(spec, shown, reading.entity == step.entity)


FROM = Column(
    "From", _("The day from which it holds; empty: the first day of the first open fiscal year."), "day"
)
CURRENCY = Column("Currency", _("Its code, such as EUR; empty: the reporting currency."), "currency")
MOTION = Column("Motion", _("Empty: new."), "word", words=MOTIONS)
PERSON = Column("Person", _("E-mail address or name. Give a person or a territory."), "person")
TERRITORY = Column("Territory", _("Code or name. Give a person or a territory."))

_STEPS = (
    Step(
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
    ),
    Step(
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
    ),
    Step(
        "products",
        _("Products"),
        _("What do you sell, in which families?"),
        (
            Column("Code", _("Short and unique; files name the product by it."), is_required=True),
            Column("Name", _("What people call it."), is_required=True),
            Column("Family", _("The product family; one that is not here yet is made."), is_required=True),
            Column("List price", _("Empty: none."), "amount"),
            CURRENCY,
        ),
        (
            Into("family", {"code": "new family", "name": "Family"}, {"code": "Family"}, "new family"),
            Into(
                "product",
                {"code": "Code", "name": "Name", "family": "family", "list_price": "List price",
                 "currency": "currency"},
                {"family": "Family", "currency": "Currency"},
            ),
        ),
        "product",
    ),
    Step(
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
    ),
    Step(
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
    ),
    Step(
        "opportunities",
        _("Open opportunities"),
        _("Which deals are in play today?"),
        (
            Column("Number", _("Your number of the deal. Empty: one is given.")),
            Column("Name", _("What the deal is called."), is_required=True),
            Column("Account", _("Number or name."), is_required=True),
            Column("Owner", _("E-mail address or name."), "person", is_required=True),
            Column("Stage", _("An open stage, as it is called here."), is_required=True),
            Column("Amount", _("Empty: not known yet."), "amount"),
            CURRENCY,
            Column("Close date", _("When it is expected to close."), "day", is_required=True),
            Column("Created", _("Empty: today."), "day"),
            MOTION,
            Column("Product", _("Code or name.")),
        ),
        (
            Into(
                "opportunity",
                {"number": "number", "name": "Name", "account": "Account", "owner": "Owner", "stage": "Stage",
                 "amount": "Amount", "currency": "currency", "close_on": "Close date", "created_on": "created",
                 "motion": "motion", "product": "Product", "price": "price"},
                {"number": "Number", "currency": "Currency", "created_on": "Created", "motion": "Motion",
                 "price": "Amount"},
            ),
        ),
        "opportunity",
        summed="Amount",
    ),
    Step(
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
    ),
    Step(
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
    ),
    Step(
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
    ),
    Step(
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
        ),
        (
            Into(
                "realignment",
                {"territory": "Territory", "name": "Name", "parent": "Lies below", "owner": "Owner", "lead": "Lead",
                 "account": "Account", "account_name": "Account name", "starts_on": "From"},
            ),
        ),
        "realignment",
        one_of=(("Territory",),),
        idle=_("Nothing differs from what stands on that day"),
        asks="draft",
        most_lines=sheet.MOST_LINES,
    ),
)  # fmt: skip
STEPS: dict[str, Step] = {step.name: step for step in _STEPS}
