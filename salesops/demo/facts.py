"""The facts of the invented company: its sizes, regions, rates, stages, products, and names that mean nobody. Pure."""

from itertools import count
from typing import NamedTuple

from pipeline.rules.stages import USUAL_STAGES

COMPANY = "Quennick Instruments"
MAIL_DOMAIN = "quennick.example"
LOCALE, TIME_ZONE = "en-GB", "Europe/Berlin"


class Size(NamedTuple):
    """How large a demo company is. `accounts`, `deals` and `repeat_orders` count per patch."""

    regions: int
    teams: int
    patches: int
    accounts: int
    deals: int
    repeat_orders: int
    has_history: bool = False
    activities: int = 1


SIZES = {
    "small": Size(3, 2, 5, 10, 50, 24, has_history=True, activities=3),
    "medium": Size(4, 5, 10, 40, 500, 140),
    "large": Size(10, 10, 10, 100, 1_000, 275),
}


class Region(NamedTuple):
    """A region with the currency that its customers order in, and their country."""

    name: str
    code: str
    currency: str
    country: str


# SIZES says how many of these a company has.
REGIONS = (
    Region("Rhine", "RHI", "EUR", "Germany"),
    Region("Isles", "ISL", "GBP", "United Kingdom"),
    Region("Lakes", "LAK", "USD", "United States"),
    Region("Iberia", "IBE", "EUR", "Spain"),
    Region("Prairie", "PRA", "USD", "United States"),
    Region("Gaul", "GAU", "EUR", "France"),
    Region("Alps", "ALP", "EUR", "Austria"),
    Region("Highlands", "HIG", "GBP", "United Kingdom"),
    Region("Pacific", "PAC", "USD", "United States"),
    Region("Apennine", "APE", "EUR", "Italy"),
)


class Currency(NamedTuple):
    """Locale and time zone of those who sell in it; its plan rates by year, in the reporting currency.

    Booked rates move around the plan rates month by month.
    """

    locale: str
    time_zone: str
    rates: tuple[str, ...] = ()

    @property
    def worth(self) -> int:
        """Roughly what 100 units are worth in the reporting currency; exact rates are rows. Example: USD → 90."""
        return int(float(self.rates[0]) * 100) if self.rates else 100


REPORTING_CURRENCY = "EUR"
CURRENCIES = {
    "EUR": Currency("de-DE", "Europe/Berlin"),
    "USD": Currency("en-US", "America/Chicago", ("0.905", "0.90", "0.885", "0.89")),
    "GBP": Currency("en-GB", "Europe/London", ("1.165", "1.16", "1.17", "1.155")),
}

WON, LOST = len(USUAL_STAGES) - 1, len(USUAL_STAGES)
"""Positions of the closing stages; the open ones are before them."""

SEASONS = (20, 22, 24, 34)
"""How a year's quota and order intake spread over its quarters, in percent."""
SPLITS = (
    (60_000_000, 40_000_000),
    (50_000_000, 50_000_000),
    (70_000_000, 30_000_000),
    (66_666_667, 33_333_333),
)

FAMILIES = {
    "FLOW": ("Flow meters", (("Rill 20", 1_900), ("Rill 80", 6_400), ("Weir Pro", 14_800))),
    "LEVEL": ("Level sensors", (("Plumb One", 850), ("Plumb Max", 3_200), ("Sounder X", 9_700))),
    "CONTROL": ("Control units", (("Helm 4", 5_600), ("Helm 16", 17_500), ("Helm Rack", 46_000))),
    "SOFT": ("Software", (("Lookout Site", 7_200), ("Lookout Fleet", 28_000))),
    "CARE": ("Service plans", (("Care Basic", 1_200), ("Care Plus", 4_800))),
}
"""Family code -> its name and its products with a list price in whole units of the reporting currency."""
RECURRING = ("SOFT", "CARE")
"""The families of what recurs."""
TERMS = (12, 36, 12, 24, 6)
"""For how many months the recurring lines of orders are, one after the other."""


class Product(NamedTuple):
    """A product with its family's id, its list price in minor units and its kind."""

    id: int
    family: int
    name: str
    price: int
    kind: str


_ids = count(1)
PRODUCTS = [
    Product(next(_ids), family, name, price * 100, "recurring" if code in RECURRING else "software")
    for family, (code, (_, products)) in enumerate(FAMILIES.items(), 1)
    for name, price in products
]

FIRST_NAMES = (
    "Ada Aino Alma Amos Anouk Arlo Astrid Basil Bea Benno Bruno Carla Cato Celia Cleo Conrad Dagny Dario "
    "Delia Edda Elias Elin Emil Enzo Esme Ewan Fabia Felix Flora Franz Freya Greta Gwen Hanno Hedda Hugo "
    "Ida Ilse Imre Inga Iris Ivo Jana Jasper Jonas Juno Kaspar Kira Lasse Lena Levi Linus Livia Lotte "
    "Luca Magnus Maja Malte Mara Matteo Mila Milo Nadia Nell Nico Nils Nora Odile Olive Oskar Otis Paula "
    "Pia Quinn Rafael Rhea Romy Rufus Runa Selma Silas Sofie Stella Sven Tamsin Tessa Theo Thora Till "
    "Toni Ulla Una Vera Vito Wanda Willa Yara Zeno Zita"
).split()
SURNAME_STARTS = (
    "Ald Bram Corv Drey Elm Fenn Gars Holl Isk Jarr Kest Lund Marr Neth Orl Pell Quor Rusk Sten Tolv Varn Wex"
).split()
SURNAME_ENDS = (
    "aby ander beck dale eby feld gaard holt inger ius kamp lind mere nik osk quist rath stad torp wick"
).split()
TOWN_STARTS = (
    "Amber Ash Bar Bell Birch Black Brack Bren Bright Broad Cald Clay Cold Crow Dun East Elder Fal Fern "
    "Glen Gold Grim Hal Hart Hazel Heath High Holm Iron Kel Kings Lang Lark Long Loch Maple March Mill "
    "Moor North Oak Otter Pine Raven Red Rock Rose Salt Sand Silver South Spring Stone Swan Thorn Tin Wal "
    "West White Wind Winter Wood Wren Yar"
).split()
TOWN_ENDS = (
    "acre bach beck berg borough bourne brook burn by combe cote dale den don fell field firth ford gate "
    "grove ham hithe holm hurst keld ley low mere minster mouth ness rigg sett stead stow thwaite toft "
    "ton vale well wick worth"
).split()
TRADES = {
    "Food and drink": ("Brewery", "Dairy", "Bottlers", "Mills", "Sugar", "Cold Store"),
    "Water and energy": ("Water Works", "Heat and Power", "Wind", "Sewage Works"),
    "Chemicals": ("Dyes", "Coatings", "Resins", "Laboratories"),
    "Machinery": ("Pumps", "Foundry", "Turbines", "Tools"),
    "Health": ("Clinic", "Pharma", "Diagnostics"),
    "Public services": ("Harbour", "Transit", "University"),
}
FORMS = ("", " Group", " and Sons", " Holding", " Partners", " Union")

JOB_TITLES = (
    "Plant manager",
    "Head of purchasing",
    "Maintenance lead",
    "Process engineer",
    "Managing director",
)
NEXT_STEPS = (
    "Send the offer",
    "Agree on a site visit",
    "Meet purchasing",
    "Settle delivery dates",
    "Ask for the decision",
)
LOST_REASONS = ("Price", "No budget", "Competitor", "No decision", "Timing")
PURPOSES = (
    "renewal of meters",
    "new line",
    "retrofit",
    "second site",
    "control room",
    "metering upgrade",
    "pilot",
)
SUBJECTS = {
    "call": "Talked through open questions",
    "email": "Sent data sheets",
    "meeting": "Visited the plant",
    "demo": "Showed the control unit",
    "follow_up": "Asked how the trial went",
}

_SURNAMES = [start + end for start in SURNAME_STARTS for end in SURNAME_ENDS]
_TRADES = [(industry, word) for industry, words in TRADES.items() for word in words]
_TOWNS = len(TOWN_STARTS) * len(TOWN_ENDS)
PEOPLE = len(FIRST_NAMES) * len(_SURNAMES)


def person_name(number: int) -> str:
    """The name of the n-th person: no two of the first `PEOPLE` are alike.

    Example: 0 → "Ada Aldaby". Raises nothing.
    """
    step = number * 18_911 % PEOPLE  # prime to the number of names, so each comes once
    return f"{FIRST_NAMES[step % len(FIRST_NAMES)]} {_SURNAMES[step // len(FIRST_NAMES)]}"


def mail(name: str, domain: str = MAIL_DOMAIN) -> str:
    """The e-mail address of a person. Example: "Ada Aldaby" → "ada.aldaby@quennick.example"."""
    return f"{name.lower().replace(' ', '.')}@{domain}"


def town(number: int) -> str:
    """The n-th town, again from the first after the last. Example: 0 → "Amberacre". Raises nothing."""
    step = number * 1009 % _TOWNS
    return TOWN_STARTS[step % len(TOWN_STARTS)] + TOWN_ENDS[step // len(TOWN_STARTS)]


def customer(number: int) -> tuple[str, str, str]:
    """Name, industry and town of the n-th customer: no two names are alike while there are towns, trades and forms.

    Example: 0 → ("Amberacre Brewery", "Food and drink", "Amberacre"). Raises nothing.
    """
    place = town(number)
    industry, word = _TRADES[(number // _TOWNS + number * 5) % len(_TRADES)]
    form = FORMS[number // (_TOWNS * len(_TRADES)) % len(FORMS)]
    return f"{place} {word}{form}", industry, place
