"""What a newcomer is told: five cards and the first steps of each role, as data, and which of them a person gets."""

from dataclasses import dataclass

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from common.access import Reach, Role
from common.selectors import today
from territories.selectors import administrators
from workspace.models import TourSeen

WIDEST = (Role.ADMIN, Role.EXECUTIVE, Role.DIRECTOR, Role.MANAGER, Role.COORDINATOR, Role.REP)
"""Whose home page, and with it whose tour, a person with several roles gets: the first of these."""
SHOWN = 8


@dataclass(frozen=True)
class Link:
    """A page by its name among the addresses, and what it is called."""

    name: str
    label: StrOrPromise


@dataclass(frozen=True)
class Card:
    """One card of a tour: a claim, what stands behind it, keys with what they do, pages to look at."""

    title: StrOrPromise
    text: StrOrPromise
    keys: tuple[tuple[str, StrOrPromise], ...] = ()
    links: tuple[Link, ...] = ()
    asks: bool = False


@dataclass(frozen=True)
class Tour:
    """The cards of a role, whom they tell to ask, and whether they open by themselves."""

    role: Role
    cards: tuple[Card, ...]
    ask: str
    opens: bool

    @property
    def role_name(self) -> StrOrPromise:
        return self.role.label


HOME = Link("home", _("Home"))
DEALS, BOARD = Link("opportunity_list", _("Opportunities")), Link("opportunity_board", _("Board"))
MINE, TEAM = Link("my_attainment", _("My attainment")), Link("team_attainment", _("Team attainment"))
CALL, ACCURACY = (
    Link("submission_list", _("Forecast call")),
    Link("forecast_accuracy", _("Forecast accuracy")),
)
ACCOUNTS, PLACELESS = (
    Link("account_list", _("Accounts")),
    Link("account_gaps", _("Accounts without a territory")),
)
ORDERS, BOOK = Link("order_list", _("Orders")), Link("order_book", _("Book an order"))
PEOPLE, TREE = Link("person_list", _("People")), Link("territory_tree", _("Territories"))
QUOTAS, RUNS = Link("quota_list", _("Quotas")), Link("run_list", _("Runs"))
CALENDAR, RATES = Link("calendar", _("Calendar")), Link("rate_list", _("Rates"))
CREDITS, WORDS = Link("credit_list", _("Credits")), Link("definitions", _("Words and formulas"))
PROFILE = Link("profile_edit", _("Your settings"))

SEARCH, NEW, LIST = ("/", _("search accounts, deals and people")), "n", ("?", _("this list of all keys"))
ANYWHERE = _(
    "They work on every page while you are not typing. On a phone the buttons at the top do the same."
)
KEYS = Card(_("Three keys"), ANYWHERE, (SEARCH, (NEW, _("a new deal or activity")), LIST))
KEYS_ACTIVITY = Card(_("Three keys"), ANYWHERE, (SEARCH, (NEW, _("a new activity")), LIST))
KEYS_READER = Card(
    _("Three keys"), ANYWHERE, (SEARCH, ("g", _("then 1 to 9: that page of the navigation")), LIST)
)
CREDITED = Card(
    _("Every figure has its credits behind it"),
    _(
        "Click an order intake: you get the credits that make it, each with its order, the share and the reason. "
        "A dotted line under a word opens what it means, with its formula and an example."
    ),
    links=(CREDITS, WORDS),
    asks=True,
)
TEAM_HOME = _(
    "Your home page says whether your teams will make the quarter: attainment, pace and gap, the three largest gaps "
    "below you, and what was credited, won and opened since your last visit."
)
TEAM_TREE = _(
    "Team attainment shows quota, order intake, attainment, pace and gap for every team and person below you. Open a "
    "line to see who is under it, sort by any column, look at the quarter or the year to date."
)

CARDS: dict[Role, tuple[Card, ...]] = {
    Role.REP: (
        Card(
            _("Home: where do I stand, and what is next?"),
            _(
                "Attainment, pace and gap of the quarter, the open deals that cover the gap, and what waits for you: "
                "tasks that are due, close dates that have passed, deals without a next step."
            ),
            links=(HOME,),
        ),
        Card(
            _("Deals: what do I work on?"),
            _(
                "Opportunities lists your deals with their next step; the board shows them by stage, and you drag a "
                "card to move it. Winning a deal opens the form that books its order."
            ),
            links=(DEALS, BOARD),
        ),
        Card(
            _("My attainment: why is my number what it is?"),
            _(
                "Quarter and year, month by month, with your newest credits. On Forecast call you say what the quarter "
                "will bring; you can revise it until the quarter ends, and every version is kept."
            ),
            links=(MINE, CALL),
        ),
        KEYS,
        CREDITED,
    ),
    Role.MANAGER: (
        Card(_("Home: will we make it, and where is it missing?"), TEAM_HOME, links=(HOME,)),
        Card(_("Team attainment: who is ahead, who is behind?"), TEAM_TREE, links=(TEAM,)),
        Card(
            _("Forecast call: what will the quarter bring?"),
            _(
                "You call a number for yourself and one for your team, beside what is booked and what is open by "
                "category. Forecast accuracy shows how good earlier calls were. The deals themselves are on the board."
            ),
            links=(CALL, ACCURACY, BOARD),
        ),
        KEYS,
        CREDITED,
    ),
    Role.DIRECTOR: (
        Card(_("Home: will we make it, and where is it missing?"), TEAM_HOME, links=(HOME,)),
        Card(_("Team attainment: who is ahead, who is behind?"), TEAM_TREE, links=(TEAM,)),
        Card(
            _("Quotas and forecast: what is asked, what is called?"),
            _(
                "Quotas lists what is asked of whom; a change makes a new version and keeps the old one with its "
                "reason. On Forecast call you give your number, on Forecast accuracy you see how good the calls were."
            ),
            links=(QUOTAS, CALL, ACCURACY),
        ),
        KEYS,
        CREDITED,
    ),
    Role.EXECUTIVE: (
        Card(_("Home: will we make it, and where is it missing?"), TEAM_HOME, links=(HOME,)),
        Card(_("Team attainment: who is ahead, who is behind?"), TEAM_TREE, links=(TEAM,)),
        Card(
            _("Quotas, accuracy, runs: can I trust the numbers?"),
            _(
                "Quotas says what is asked of whom, Forecast accuracy how good the calls were, and Runs which night "
                "the figures are from: each run names what it read and what came out."
            ),
            links=(QUOTAS, ACCURACY, RUNS),
        ),
        KEYS_READER,
        CREDITED,
    ),
    Role.ADMIN: (
        Card(
            _("Home: is everybody seated and every account placed?"),
            _(
                "Vacant seats, people on two seats, accounts without a territory, and whether last night's run came. "
                "One line at the top names the next step."
            ),
            links=(HOME,),
        ),
        Card(
            _("People and territories: who sits where, since when?"),
            _(
                "Roles, seats and the tree hold from a day on. You end the old and start the new; earlier days keep "
                "what they had, and so do their figures. A person's page says what they may see."
            ),
            links=(PEOPLE, TREE),
        ),
        Card(
            _("Calendar, rates, quotas: what do figures stand on?"),
            _(
                "Fiscal years, exchange rates and quotas are needed before attainment means anything. Runs shows the "
                "night that sums all up, and starts one at once where you can't wait."
            ),
            links=(CALENDAR, RATES, QUOTAS, RUNS),
        ),
        KEYS,
        CREDITED,
    ),
    Role.COORDINATOR: (
        Card(
            _("Home: which orders wait for me?"),
            _("Orders without a purchase order number, oldest first, and the newest ones below."),
            links=(HOME,),
        ),
        Card(
            _("Orders: what was ordered, and what happened since?"),
            _(
                "You book orders, correct them and cancel them. Nothing is overwritten: each act adds its own entry, "
                "with the day on which it counts and the reason."
            ),
            links=(ORDERS, BOOK),
        ),
        Card(
            _("Accounts: whose customer is it?"),
            _(
                "An account's territory decides who gets an order that nobody else is named for. Those without one "
                "are listed, so that no order goes to nobody."
            ),
            links=(ACCOUNTS, PLACELESS),
        ),
        KEYS_ACTIVITY,
        Card(
            _("A word you don't know?"),
            _(
                "Words and formulas says what every figure means, with an example. An order's page shows each entry "
                "that changed it; people's credits are seen by them and those who lead them."
            ),
            links=(WORDS, ORDERS),
            asks=True,
        ),
    ),
}

START = (Link("profile_edit", _("Set your name, photo and time zone")),)
FIRST_STEPS: dict[Role, tuple[Link, ...]] = {
    Role.REP: (
        *START,
        Link("opportunity_list", _("Look through your deals: is every close date still true?")),
        Link("my_attainment", _("Check your quota and the credits so far")),
        Link("submission_list", _("Give your forecast call for the quarter")),
    ),
    Role.MANAGER: (
        *START,
        Link("team_attainment", _("Open your team: is everybody there, with the right quota?")),
        Link("opportunity_board", _("Look at the board: what should close this quarter?")),
        Link("submission_list", _("Give the forecast call for your team")),
    ),
    Role.DIRECTOR: (
        *START,
        Link("team_attainment", _("Open your teams: is everybody there, with the right quota?")),
        Link("quota_list", _("Go through the quotas of the quarter")),
        Link("submission_list", _("Give your forecast call")),
    ),
    Role.EXECUTIVE: (
        *START,
        Link("team_attainment", _("Open the tree to the teams you care about")),
        Link("forecast_accuracy", _("See how good the calls were")),
    ),
    Role.ADMIN: (
        *START,
        Link("calendar", _("Check the fiscal years and when they start")),
        Link("territory_tree", _("Check the tree and who sits where")),
        Link("quota_list", _("Check that the quarter has its quotas")),
        Link("run_list", _("See that the night came")),
    ),
    Role.COORDINATOR: (
        *START,
        Link("order_list", _("Look at the orders that wait for a purchase order number")),
        Link("account_gaps", _("Look at accounts without a territory")),
    ),
}


def widest(mine: Reach) -> Role:
    """The role whose home page and tour the person gets. Raises StopIteration for somebody without a role."""
    return next(role for role in WIDEST if role in mine.roles)


def tour_of(mine: Reach, role: Role | None = None, *, opens: bool = False) -> Tour:
    """The tour of one of the person's roles, the widest where none is named."""
    chosen = role or widest(mine)
    names = [person.name for person in administrators(today())[:SHOWN]]
    return Tour(chosen, CARDS[chosen], ", ".join(names) or _now("your administrator"), opens)


def due_tour(mine: Reach) -> Tour | None:
    """The tour of the person's widest role, which opens by itself; None where they have been shown it."""
    role = widest(mine)
    is_seen = TourSeen.objects.filter(person_id=mine.user_id, role=role).exists()
    return None if is_seen else tour_of(mine, role, opens=True)
