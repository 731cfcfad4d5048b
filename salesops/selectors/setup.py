"""The checklist of the set-up: nine steps, how far each is, and what comes next."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, TextChoices
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext
from django_stubs_ext import StrOrPromise

from accounts.models import Account
from catalog.models import Family, Product
from common.access import Reach
from common.locale import format_instant
from common.models import Period, Run
from common.selectors import organisation, period_of, today
from common.transaction import now
from orders.models import BookingEvent
from pipeline.models import Opportunity
from quotas.models import Quota
from quotas.selectors.runs import JOB
from quotas.selectors.team import Question, team_attainment
from territories.models import Seat, Territory, User
from territories.selectors import tree_on
from workspace.models import Invitation
from workspace.selectors.invitations import NO_PASSWORD


class State(TextChoices):
    """How far a step is."""

    DONE = "done", lazy("done")
    PARTLY = "partly", lazy("begun")
    NEXT = "next", lazy("next")
    OPEN = "open", lazy("to do")
    OPTIONAL = "optional", lazy("optional")


@dataclass(frozen=True)
class Found:
    """What there is of a step, in words, and whether that is enough or a beginning."""

    words: str = ""
    is_done: bool = False
    is_begun: bool = False


@dataclass(frozen=True)
class Link:
    """A page on which a step is done."""

    label: StrOrPromise
    url: str


@dataclass(frozen=True)
class Step:
    """One step of the checklist, as it stands."""

    number: int
    label: StrOrPromise
    about: StrOrPromise
    state: State
    words: str
    links: list[Link]


@dataclass(frozen=True)
class Checklist:
    """The steps, how many of them are done, and whether all are that figures need."""

    steps: list[Step]
    is_complete: bool

    @property
    def done(self) -> int:
        return sum(step.state == State.DONE for step in self.steps)

    @property
    def next(self) -> Step | None:
        return next((step for step in self.steps if step.state == State.NEXT), None)


def checklist() -> Checklist:
    """The nine steps as they stand; the first one that is needed and not done is the next."""
    steps: list[Step] = []
    is_missing = False
    for number, plan in enumerate(PLANS, 1):
        found = plan.find() if organisation() or number == 1 else Found()
        state = _state(found, is_next=plan.is_needed and not is_missing, is_needed=plan.is_needed)
        is_missing = is_missing or (plan.is_needed and not found.is_done)
        pages = plan.pages if organisation() else plan.pages[-1:]
        links = [Link(label, reverse(str(name), args=args)) for label, name, *args in pages]
        steps.append(Step(number, plan.label, plan.about, state, found.words, links))
    return Checklist(steps, not is_missing)


def _state(found: Found, *, is_next: bool, is_needed: bool) -> State:
    if found.is_done:
        return State.DONE
    if is_next:
        return State.NEXT
    if found.is_begun:
        return State.PARTLY
    return State.OPEN if is_needed else State.OPTIONAL


def _company() -> Found:
    company = organisation()
    words = f"{company.name}, {company.reporting_currency}" if company else ""
    return Found(words, is_done=company is not None)


def _people() -> Found:
    """Done once somebody sits on a territory: alone, a person or a territory is no team."""
    people = User.objects.filter(is_active=True).count()
    nodes = Territory.objects.filter(is_unassigned=False).count()
    words = _("%(people)s, %(territories)s") % {
        "people": ngettext("%(n)d person", "%(n)d people", people) % {"n": people},
        "territories": ngettext("%(n)d territory", "%(n)d territories", nodes) % {"n": nodes},
    }
    is_seated = Seat.objects.on(today()).exists()
    return Found(words, is_seated, is_begun=people > 1 or nodes > 1)


def _products() -> Found:
    families, products = Family.objects.count(), Product.objects.count()
    words = _("%(products)s in %(families)s") % {
        "products": ngettext("%(n)d product", "%(n)d products", products) % {"n": products},
        "families": ngettext("%(n)d family", "%(n)d families", families) % {"n": families},
    }
    return Found(words if families else "", products > 0, families > 0)


def _accounts() -> Found:
    number = Account.objects.count()
    return Found(_some(ngettext("%(n)d account", "%(n)d accounts", number), number), number > 0)


def _opportunities() -> Found:
    number = Opportunity.objects.open().count()
    words = ngettext("%(n)d open opportunity", "%(n)d open opportunities", number)
    return Found(_some(words, number), number > 0)


def _quotas() -> Found:
    """Begun while somebody who owns a territory today has no quota in the running fiscal year, nor the territory."""
    quarter = period_of(today())
    quotas = Quota.objects.current().filter(period__parent=quarter.parent if quarter else None)
    number = quotas.count()
    own = Exists(quotas.filter(person_id=OuterRef("user_id")))
    of_territory = Exists(quotas.filter(territory_id=OuterRef("territory_id")))
    owners = Seat.objects.on(today()).filter(~own, ~of_territory, kind=Seat.Kind.OWNER)
    without = owners.values("user_id").distinct().count()
    words = _some(ngettext("%(n)d quota this fiscal year", "%(n)d quotas this fiscal year", number), number)
    if number and without:
        rest = ngettext("%(n)d owner has none", "%(n)d owners have none", without) % {"n": without}
        words = f"{words}, {rest}"
    return Found(words, number > 0 and not without, number > 0)


def _openings() -> Found:
    number = BookingEvent.objects.filter(kind=BookingEvent.Kind.OPENING).count()
    return Found(_some(ngettext("%(n)d opening entry", "%(n)d opening entries", number), number), number > 0)


def _invitations() -> Found:
    """Done once everybody has a password or an invitation that still holds."""
    outside = User.objects.filter(NO_PASSWORD)
    asked = Invitation.objects.filter(accepted_at=None, revoked_at=None, expires_at__gt=now())
    invited = outside.filter(pk__in=asked.values("user_id")).count()
    left, inside = outside.count() - invited, User.objects.filter(is_active=True).count() - outside.count()
    words = [
        ngettext("%(n)d person can sign in", "%(n)d people can sign in", inside) % {"n": inside},
        _("%(n)d invited") % {"n": invited},
        _("%(n)d not invited yet") % {"n": left},
    ]
    return Found(", ".join(words), not left and invited + inside > 1, invited > 0)


def _night() -> Found:
    """Done once a published run holds what the set-up brought in; begun once somebody asked for one."""
    if good := _good_night():
        return Found(_("published %(at)s") % {"at": format_instant(good.finished_at)}, is_done=True)
    asked = Run.objects.filter(job=JOB, asked_by_id__isnull=False).first()
    return Found(asked.get_state_display() if asked else "", is_begun=asked is not None)


def _good_night() -> Run | None:
    """The last run that began after the last quota was recorded; without quotas, the last that somebody asked for."""
    quotas = Quota.objects.current()
    began_after = Q(started_at__gt=quotas.order_by("-recorded_at").values("recorded_at")[:1])
    enough = began_after | Q(~Exists(quotas), asked_by_id__isnull=False)
    return Run.objects.filter(enough, job=JOB, state=Run.State.PUBLISHED).first()


def night_is_behind() -> bool:
    """Whether the figures that are published miss what the set-up brought in since."""
    return _good_night() is None


@dataclass(frozen=True)
class Total:
    """The whole company's quota and order intake of a period."""

    period: Period
    quota: int | None
    intake: int


@dataclass(frozen=True)
class NightFound:
    """What the published figures say of the company, to be compared with what it knows itself."""

    totals: list[Total]
    seated: int
    vacant: int


def night_found(mine: Reach) -> NightFound | None:
    """The running quarter and fiscal year at the root of the tree, and who sits in it; None outside the calendar."""
    day = today()
    quarter = period_of(day)
    if quarter is None or quarter.parent is None:
        return None
    quarters = list(Period.objects.quarters().filter(parent=quarter.parent).order_by("starts_on"))
    figures = team_attainment(mine, Question(quarter, quarters, day)).total
    place = quarters.index(quarter)
    totals = [
        Total(quarter, figures.quotas[place], figures.intakes[place]),
        Total(quarter.parent, figures.quota, figures.intake),
    ]
    nodes = tree_on(day)
    seated = {seat.user_id for node in nodes for seat in node.seats}
    return NightFound(totals, len(seated), sum(node.is_vacant for node in nodes))


def _some(words: str, number: int) -> str:
    """The words with their number; nothing where there is none."""
    return words % {"n": number} if number else ""


@dataclass(frozen=True)
class Plan:
    """A step: what it is, whether figures need it, what there is of it, and the pages (label, URL name, arguments)."""

    label: StrOrPromise
    about: StrOrPromise
    find: Callable[[], Found]
    pages: tuple[tuple[StrOrPromise, ...], ...]
    is_needed: bool = True


PLANS = (
    Plan(
        lazy("Company"), lazy("Its name, currency and fiscal years. Name the days off too: pace leaves them out."),
        _company, ((lazy("Days off"), "day_off_list"), (lazy("Company"), "setup_company")),
    ),
    Plan(
        lazy("Territories and people"),
        lazy("Who works here, for whom, and where. With people's managers alone the tree is made of them."),
        _people,
        ((lazy("Territories"), "table_import", "territories"), (lazy("People"), "table_import", "people")),
    ),
    Plan(
        lazy("Products"), lazy("What you sell, in which families."),
        _products, ((lazy("Products"), "table_import", "products"),),
    ),
    Plan(
        lazy("Accounts"), lazy("Your customers, and in whose territory each is."),
        _accounts, ((lazy("Accounts"), "table_import", "accounts"),),
    ),
    Plan(
        lazy("Open opportunities"), lazy("The deals in play today."),
        _opportunities,
        ((lazy("Sales models"), "sales_model_list"), (lazy("Open opportunities"), "table_import", "opportunities")),
        is_needed=False,
    ),
    Plan(
        lazy("Quotas"), lazy("What is asked of whom in each quarter: attainment is measured by it."),
        _quotas, ((lazy("Quotas"), "table_import", "quotas"),),
    ),
    Plan(
        lazy("Opening order intake"), lazy("What was ordered before the start, so that the year is complete."),
        _openings, ((lazy("Opening order intake"), "table_import", "openings"),), is_needed=False,
    ),
    Plan(
        lazy("Invitations"), lazy("A link for each person with which they choose a password. It can wait."),
        _invitations, ((lazy("Invitations"), "invitation_list"),), is_needed=False,
    ),
    Plan(
        lazy("Run the first night now"), lazy("Adds everything up and publishes the figures."),
        _night, ((lazy("First night"), "setup_night"),),
    ),
)  # fmt: skip
"""The steps of the set-up, in order."""
