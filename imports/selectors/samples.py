"""A sample of each table that fits this installation: its territories, people, stages, quarters and currency."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from accounts.models import Account
from common.written import Cell
from imports.rules.steps import Step
from imports.selectors.known import Known
from workspace.models import ListValue

Rows = list[list[Cell]]
NAMES = ("Anna Berg", "Ben Costa", "Chloe Dumont", "David Evans")
CUSTOMERS = ("Alder Foods", "Birch Logistics", "Cedar Clinics")
FAMILIES = ("Hardware", "Services")


def sample_of(step: Step, known: Known) -> Rows:
    """The header and a few lines; they can be brought in once the samples of the tables before it are."""
    return SAMPLES[step.name](known)


def _territories(known: Known) -> Rows:
    root = known.tree.root
    return [
        ["Code", "Name", "Parent"],
        ["NORTH", "North", root],
        ["NORTH-1", "North 1", "NORTH"],
        ["SOUTH", "South", root],
        ["SOUTH-1", "South 1", "SOUTH"],
    ]


def _people(known: Known) -> Rows:
    addresses = [f"{name.lower().replace(' ', '.')}@example.com" for name in NAMES]
    return [
        ["Name", "E-mail", "Role", "Manager", "Territory", "From"],
        [NAMES[0], addresses[0], "director", "", "", known.first_day],
        [NAMES[1], addresses[1], "manager", NAMES[0], "", known.first_day],
        [NAMES[2], addresses[2], "rep", NAMES[1], "", known.first_day],
        [NAMES[3], addresses[3], "rep", NAMES[1], "", known.first_day],
    ]


def _products(known: Known) -> Rows:
    vendors = ListValue.objects.filter(list=ListValue.List.VENDOR, is_offered=True)
    vendor = vendors.order_by("position").values_list("value", flat=True).first() or "Contoso"
    header = ["Code", "Name", "Family", "Family above", "Kind", "Tier", "Vendor", "List price", "Currency"]
    money, soon = known.currency, known.today + timedelta(days=180)
    return [
        [*header, "No longer sold from"],
        ["SRV-1", "Server", FAMILIES[0], "", "hardware", "primary", vendor, 12000, money, ""],
        ["RACK-1", "Rack", FAMILIES[0], "", "hardware", "ancillary", vendor, 3500, money, soon],
        ["INST", "Installation", FAMILIES[1], "", "service", "ancillary", "", 900, money, ""],
        ["CARE", "Care plan", "Support", FAMILIES[1], "recurring", "ancillary", "", 75, money, ""],
    ]


def _sellers(known: Known) -> list[str]:
    """Two people who own a territory, else those of the sample."""
    owners = [email for email in known.people if len(known.owned(email)) == 1]
    sample = [f"{name.lower().replace(' ', '.')}@example.com" for name in NAMES[2:]]
    return [*sorted(owners), *sample][:2]


def _accounts(known: Known) -> Rows:
    one, other = _sellers(known)
    return [
        ["Name", "Owner", "Industry", "Employees", "Annual revenue", "Town", "Country"],
        [CUSTOMERS[0], one, "Food", 120, 18000000, "Leeds", "United Kingdom"],
        [CUSTOMERS[1], one, "Transport", 45, 6500000, "Porto", "Portugal"],
        [CUSTOMERS[2], other, "Health", 900, 140000000, "Lyon", "France"],
    ]


def _modules(known: Known) -> Rows:
    there = list(Account.objects.order_by("pk").values_list("number", flat=True)[:2])
    accounts = [*there, *CUSTOMERS][:2]
    return [["Account", "Module"], *([account, "Key accounts"] for account in accounts)]


def _leads(known: Known) -> Rows:
    one, other = _sellers(known)
    return [
        ["Name", "Company", "E-mail", "Phone", "Owner", "Interested in", "Country"],
        [
            "Ella Fischer",
            "Dogwood Energy",
            "ella@dogwood.example",
            "+49 30 555 0101",
            one,
            "Servers",
            "Germany",
        ],
        ["", "Elm Retail", "hello@elm.example", "", one, "", "France"],
        ["Gus Holm", "Fir Shipping", "", "+45 33 55 01 02", other, "Services", "Denmark"],
    ]


def _opportunities(known: Known) -> Rows:
    """A deal in each open stage, three of them at least."""
    people = _sellers(known)
    there = list(Account.objects.order_by("pk").values_list("number", flat=True)[:3])
    accounts = [*there, *CUSTOMERS][:3]
    stages = known.open_stages() or ["Proposal"]
    rows: Rows = [["Name", "Account", "Owner", "Stage", "Amount", "Currency", "Close date"]]
    for place in range(max(3, len(stages))):
        close, amount = known.today + timedelta(days=30 * (place + 1)), 9600 + 12500 * place
        stage, name = stages[place % len(stages)], f"Example {place + 1}"
        rows.append([name, accounts[place % 3], people[place % 2], stage, amount, known.currency, close])
    return rows


def _quotas(known: Known) -> Rows:
    one, other = _sellers(known)
    coming = [code for code, period in known.quarters.items() if period.stops_on > known.today][:4]
    return [
        ["Person", "Territory", *coming],
        [one, "", *(250000 + 25000 * number for number in range(len(coming)))],
        [other, "", *(200000 for _code in coming)],
    ]


def _openings(known: Known) -> Rows:
    one, other = _sellers(known)
    begun = [
        code
        for code, period in known.quarters.items()
        if period.starts_on <= known.today and not period.is_closed
    ]
    family = next(iter(dict.fromkeys(known.families.values())), FAMILIES[0])
    return [
        ["Person", "Quarter", "Family", "Amount", "Currency"],
        [one, begun[0] if begun else "", family, 61000, known.currency],
        [other, begun[0] if begun else "", family, Decimal("43500"), known.currency],
    ]


def _potentials(known: Known) -> Rows:
    there = list(Account.objects.standing().order_by("pk").values_list("number", flat=True)[:2])
    one, other = [str(number) for number in [*there, *CUSTOMERS][:2]]
    family = next(iter(dict.fromkeys(known.families.values())), FAMILIES[0])
    year = known.years[-1] if known.years else str(known.today.year)
    return [
        ["Account", "Family", "Year", "Potential", "As of", "Source"],
        [one, family, year, 180000, known.today, "annual report"],
        [other, family, year, 95000, known.today, "own estimate"],
    ]


def _realignment(known: Known) -> Rows:
    """Two accounts that go elsewhere."""
    there = list(
        Account.objects.standing().order_by("pk").values_list("number", "name", "territory__code")[:2]
    )
    codes = [code for code in known.tree.names if code != known.tree.root]
    rows: Rows = [["Territory", "Account", "Account name", "From"]]
    for number, name, here in there:
        into = next((code for code in reversed(codes) if code != here), "NORTH-1")
        rows.append([into, number, name, known.today + timedelta(days=1)])
    return rows if there else [*rows, ["NORTH-1", "A-00001", CUSTOMERS[0], known.today + timedelta(days=1)]]


SAMPLES: dict[str, Callable[[Known], Rows]] = {
    "territories": _territories,
    "people": _people,
    "products": _products,
    "accounts": _accounts,
    "modules": _modules,
    "leads": _leads,
    "opportunities": _opportunities,
    "quotas": _quotas,
    "openings": _openings,
    "potentials": _potentials,
    "realignment": _realignment,
}
