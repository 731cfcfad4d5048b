"""A small company as files, and the profile that reads it: two regions, three sellers, deals, orders, quotas, calls."""

from contextlib import AbstractContextManager
from pathlib import Path

from common.access import Reach
from common.transaction import Context, work

PROFILE = """
name = "tiny"
[company]
name = "Tiny Traders"
reporting_currency = "EUR"
time_zone = "Europe/Berlin"
locale = "de-DE"
fiscal_start_month = 4
first_year = 2025
last_year = 2026
[style]
dates = "DD.MM.YYYY"
decimal = ","
thousands = "."
empty = ["-"]

[[table]]
entity = "territory"
file = "tree.csv"
[table.fields]
code = "code"
name = "name"
parent = "parent"
starts_on = { value = "01.04.2025" }

[[table]]
entity = "person"
file = "people.csv"
[table.fields]
email = "mail"
name = "name"
role = { column = "job", map = { Seller = "rep", Boss = "director" } }
starts_on = { value = "01.04.2025" }

[[table]]
entity = "seat"
file = "people.csv"
[table.fields]
person = "name"
territory = "where"
kind = { column = "job", map = { Seller = "owner", Boss = "lead" } }
starts_on = { value = "01.04.2025" }

[[table]]
entity = "rate"
rows = [
    { kind = "plan", currency = "USD", value = "0,9", starts_on = "01.04.2025" },
    { kind = "booked", currency = "USD", value = "0,95", starts_on = "01.04.2025" },
]

[[table]]
entity = "family"
rows = [{ code = "TOOLS", name = "Tools" }]

[[table]]
entity = "product"
rows = [
    { code = "SAW", name = "Saw", family = "Tools", currency = "EUR", list_price = "100" },
    { code = "AXE", name = "Axe", family = "TOOLS", currency = "EUR", list_price = "50" },
]

[[table]]
entity = "account"
file = "accounts.csv"
[table.fields]
number = "no"
name = "name"
parent = "parent"
territory = "where"
starts_on = { value = "01.04.2025" }
employees = "staff"
annual_revenue = "revenue"

[[table]]
entity = "stage"
rows = [
    { name = "Talk", position = "1", kind = "open", probability = "20", category = "pipeline" },
    { name = "Offer", position = "2", kind = "open", probability = "60", category = "commit" },
    { name = "Won", position = "3", kind = "won", probability = "100", category = "closed" },
    { name = "Lost", position = "4", kind = "lost", probability = "0", category = "omitted" },
]

[[table]]
entity = "opportunity"
file = "deals.csv"
visits = [{ stage = "Talk", column = "talked" }, { stage = "Offer", column = "offered" }]
[table.fields]
number = "id"
name = "name"
account = "customer"
owner = "seller"
stage = "stage"
amount = "value"
currency = "money"
motion = { value = "new" }
created_on = "talked"
close_on = "closing"
product = "item"

[[table]]
entity = "order"
file = "orders.csv"
[table.fields]
number = "no"
account = "customer"
opportunity = "deal"
owner = "seller"
booked_on = "day"
currency = "money"
motion = { value = "new" }
product = "item"
quantity = "pieces"
amount = "value"

[[table]]
entity = "quota"
file = "targets.csv"
[table.unpivot]
name = "month"
value = "target"
columns = { Apr = "04", May = "05", Jun = "06", Jul = "07" }
[table.fields]
person = "seller"
on = { template = "01.{month}.2025" }
amount = { column = "target", multiply = 1000 }

[[table]]
entity = "submission"
file = "calls.csv"
[table.fields]
person = "seller"
on = "for"
submitted_on = "said"
category = { value = "commit" }
amount = "value"
"""

FILES = {
    "tree.csv": "code,name,parent\nN1,North one,NORTH\nNORTH,North,ALL\nALL,Tiny,\nN2,North two,NORTH\n"
    "SOUTH,South,ALL\nS1,South one,SOUTH\n",
    "people.csv": "mail,name,job,where\nann@tiny.example,Ann,Seller,N1\nbob@tiny.example,Bob,Seller,N2\n"
    "cem@tiny.example,Cem,Seller,S1\ndoa@tiny.example,Doa,Boss,NORTH\n",
    "accounts.csv": "no,name,parent,where,staff,revenue\n007,Seven,Nine,N1,12,\"1.234.567,89\"\n"
    "NA,North Atlantic,,S1,-,-\n009,Nine,,North two,3,-\n",
    "deals.csv": "id,name,customer,seller,stage,value,money,talked,offered,closing,item\n"
    "D1,Seven saws,007,Ann,Won,\"1.000,00\",EUR,10.04.2025,20.04.2025,05.05.2025,Saw\n"
    "D2,Atlantic axes,North Atlantic,Cem,Won,\"2000,50\",USD,11.04.2025,-,06.05.2025,Axe\n"
    "D3,Nine saws,Nine,Bob,Offer,-,EUR,12.04.2025,01.05.2025,30.06.2025,Saw\n"
    "D4,Seven axes,007,ann@tiny.example,Lost,300,EUR,13.04.2025,-,14.05.2025,Axe\n",
    "orders.csv": "no,customer,deal,seller,day,money,item,pieces,value\n"
    "R1,007,D1,Ann,05.05.2025,EUR,Saw,8,800\nR1,007,D1,Ann,05.05.2025,EUR,Axe,4,200\n"
    "R2,NA,D2,Cem,06.05.2025,USD,AXE,40,\"2.000,50\"\nR3,NA,-,Bob,01.07.2025,EUR,Saw,1,\"0,01\"\n",
    "targets.csv": "seller,Apr,May,Jun,Jul\nAnn,1,2,\"3,5\",4\nBob,-,-,-,5\n",
    "calls.csv": "seller,for,said,value\nAnn,30.06.2025,12.05.2025,900\nAnn,30.06.2025,19.05.2025,1100\n",
}  # fmt: skip


def write_files(folder: Path, **changes: str) -> tuple[Path, Path]:
    """The profile and the folder with its files; `changes` replaces files by their name without `.csv`."""
    profile = folder / "tiny.toml"
    profile.write_text(PROFILE, encoding="utf-8")
    data = folder / "data"
    data.mkdir(exist_ok=True)
    for name, content in FILES.items():
        (data / name).write_text(changes.get(name.removesuffix(".csv"), content), encoding="utf-8")
    return profile, data


def changed(name: str, old: str, new: str) -> dict[str, str]:
    """One file with a text replaced, for `bring`."""
    assert old in FILES[f"{name}.csv"]
    return {name: FILES[f"{name}.csv"].replace(old, new)}


def counts(printed: str) -> dict[str, list[int]]:
    """entity -> created, changed, unchanged, rejected, repeated, left out."""
    return {line.split()[0]: [int(cell) for cell in line.split()[1:]] for line in printed.splitlines()[2:]}


def everything() -> AbstractContextManager[Context]:
    """A transaction that sees all rows."""
    return work(by=None, why="a test", reach=Reach.everything())
