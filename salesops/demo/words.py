"""Names that mean nobody: people, towns, customers and what the demo company sells. Pure."""

COMPANY = "Quennick Instruments"
MAIL_DOMAIN = "quennick.example"

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

FAMILIES = {
    "FLOW": ("Flow meters", (("Rill 20", 1_900), ("Rill 80", 6_400), ("Weir Pro", 14_800))),
    "LEVEL": ("Level sensors", (("Plumb One", 850), ("Plumb Max", 3_200), ("Sounder X", 9_700))),
    "CONTROL": ("Control units", (("Helm 4", 5_600), ("Helm 16", 17_500), ("Helm Rack", 46_000))),
    "SOFT": ("Software", (("Lookout Site", 7_200), ("Lookout Fleet", 28_000))),
    "CARE": ("Service plans", (("Care Basic", 1_200), ("Care Plus", 4_800))),
}
"""Family code -> its name and its products with a list price in whole units of the reporting currency."""

REGIONS = (
    ("Rhine", "RHI", "EUR", "Germany"),
    ("Isles", "ISL", "GBP", "United Kingdom"),
    ("Lakes", "LAK", "USD", "United States"),
    ("Iberia", "IBE", "EUR", "Spain"),
    ("Prairie", "PRA", "USD", "United States"),
    ("Gaul", "GAU", "EUR", "France"),
    ("Alps", "ALP", "EUR", "Austria"),
    ("Highlands", "HIG", "GBP", "United Kingdom"),
    ("Pacific", "PAC", "USD", "United States"),
    ("Apennine", "APE", "EUR", "Italy"),
)
"""Region name, code, the currency that its customers order in, their country."""

HABITS = {
    "EUR": ("de-DE", "Europe/Berlin"),
    "GBP": ("en-GB", "Europe/London"),
    "USD": ("en-US", "America/Chicago"),
}
"""Currency -> the locale and the time zone of those who sell there."""

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
LOST_REASONS = ("Price", "No budget", "Went with another supplier", "Project stopped", "No answer")
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
CUSTOMERS = _TOWNS * len(_TRADES) * len(FORMS)
PEOPLE = len(FIRST_NAMES) * len(_SURNAMES)


def person_name(number: int) -> str:
    """The name of the n-th person: no two of the first `PEOPLE` are alike.

    Example: 0 → "Ada Aldaby". Raises nothing.
    """
    step = number * 18_911 % PEOPLE  # prime to the number of names, so each comes once
    return f"{FIRST_NAMES[step % len(FIRST_NAMES)]} {_SURNAMES[step // len(FIRST_NAMES)]}"


def mail(name: str) -> str:
    """The e-mail address of a person of the company. Example: "Ada Aldaby" → "ada.aldaby@quennick.example"."""
    return f"{name.lower().replace(' ', '.')}@{MAIL_DOMAIN}"


def town(number: int) -> str:
    """The n-th town, again from the first after the last. Example: 0 → "Amberacre". Raises nothing."""
    step = number * 1009 % _TOWNS
    return TOWN_STARTS[step % len(TOWN_STARTS)] + TOWN_ENDS[step // len(TOWN_STARTS)]


def customer(number: int) -> tuple[str, str, str]:
    """Name, industry and town of the n-th customer: no two of the first `CUSTOMERS` names are alike.

    Example: 0 → ("Amberacre Brewery", "Food and drink", "Amberacre"). Raises nothing.
    """
    place = town(number)
    industry, word = _TRADES[(number // _TOWNS + number * 5) % len(_TRADES)]
    form = FORMS[number // (_TOWNS * len(_TRADES)) % len(FORMS)]
    return f"{place} {word}{form}", industry, place
