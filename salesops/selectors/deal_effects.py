"""What a change of the settings of deals and leads would do, counted before it is made."""

from datetime import date, datetime, time, timedelta

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.access import Role
from common.locale import format_date, format_number
from common.policies import POLICIES, TEAM_READ
from common.selectors import the_organisation, work_days
from common.transaction import now, reach
from orders.models import BookingEvent, Order, OrderRequest
from orders.rules import free_from, missing
from orders.selectors.gate import with_contract
from pipeline.models import Lead, Opportunity, Participant, Stakeholder
from pipeline.selectors.around import with_last_met
from pipeline.selectors.hygiene import is_active
from pipeline.selectors.leads import untouched
from pipeline.selectors.opportunities import stalled
from pipeline.selectors.touches import neglected_count, unmet_count
from salesops.selectors.setting_change import Change
from territories.models import RoleGrant, Seat

LATELY = timedelta(days=90)


def tell_stalled(change: Change) -> str:
    """How many open deals are stalled."""

    def tell(days: int) -> str:
        number = Opportunity.objects.open().filter(stalled(change.today, days)).count()
        text = ngettext(
            "%(number)s open opportunity is stalled", "%(number)s open opportunities are stalled", number
        )
        return text % {"number": format_number(number)}

    return change.beside(tell)


def tell_untouched(change: Change) -> str:
    """How many leads would be untouched now, were they to have so many hours."""

    def tell(hours: int) -> str:
        number = Lead.objects.filter(untouched(now(), of=hours)).count()
        text = ngettext(
            "%(number)s open lead would be untouched", "%(number)s open leads would be untouched", number
        )
        return text % {"number": format_number(number)}

    return change.beside(tell)


def tell_neglected(change: Change) -> str:
    """How many accounts of which no norm speaks would be neglected."""

    def tell(days: int) -> str:
        of, number = neglected_count(reach(), days, change.today)
        text = ngettext(
            "%(number)s of %(of)s accounts without a norm is neglected",
            "%(number)s of %(of)s accounts without a norm are neglected",
            number,
        )
        return text % {"number": format_number(number), "of": format_number(of)}

    return change.beside(tell)


def tell_seniors(change: Change) -> str:
    """How many contacts of the highest seniorities would wait."""

    def tell(days: int) -> str:
        of, number = unmet_count(reach(), days, change.today)
        text = ngettext(
            "%(number)s of %(of)s C-level contacts and vice presidents was not met",
            "%(number)s of %(of)s C-level contacts and vice presidents were not met",
            number,
        )
        return text % {"number": format_number(number), "of": format_number(of)}

    return change.beside(tell)


def tell_met(change: Change) -> str:
    """How many stakeholders of open deals count as met."""
    zone = the_organisation().zone()
    rows = Stakeholder.objects.filter(is_removed=False, opportunity__state=Opportunity.State.OPEN)

    def tell(days: int) -> str:
        since = datetime.combine(change.today - timedelta(days=days), time(), zone)
        number = with_last_met(rows).filter(last_met_at__gte=since).count()
        words = {"number": format_number(number), "all": format_number(rows.count())}
        return _("%(number)s of %(all)s stakeholders of open opportunities count as met") % words

    return change.beside(tell)


def tell_active(change: Change) -> str:
    """With how many open deals nothing was done."""
    rows = Opportunity.objects.open()

    def tell(days: int) -> str:
        number = rows.filter(~is_active(change.today, days)).count()
        words = {"number": format_number(number), "all": format_number(rows.count())}
        return _("%(number)s of %(all)s open opportunities miss an activity") % words

    return change.beside(tell)


def tell_won_reason(change: Change) -> str:
    """How many of the deals that were won lately say why."""
    won = Opportunity.objects.filter(state=Opportunity.State.WON, closed_on__gt=change.today - LATELY)
    words = {"number": format_number(won.exclude(won_reason="").count()), "won": format_number(won.count())}
    said = _("Of %(won)s deals won in the last 90 days %(number)s say why.") % words
    return f"{change.beside(POLICIES[change.name].in_words)} {said}"


def tell_booking_asks(change: Change) -> str:
    """How many of the orders booked lately would have waited, and how many do."""
    orders = Order.objects.standing().filter(booked_on__gt=change.today - LATELY)
    known = list(orders.values_list("opportunity_id", "purchase_order"))
    signed = with_contract([deal for deal, _number in known if deal])

    def tell(asked: str) -> str:
        late = sum(
            bool(missing(asked, bool(number), deal in signed if deal else None)) for deal, number in known
        )
        words = {"late": format_number(late), "all": format_number(len(known))}
        return _("%(late)s of %(all)s orders of the last 90 days would have waited") % words

    number = OrderRequest.objects.filter(state=OrderRequest.State.WAITING).count()
    text = ngettext("%(number)s won deal awaits booking", "%(number)s won deals await booking", number)
    return f"{change.beside(tell)} {text % {'number': format_number(number)}}."


def tell_queue(change: Change) -> str:
    """How many orders stand in the queue now, which are looked at anew by the setting."""
    number = OrderRequest.objects.filter(state=OrderRequest.State.WAITING).count()
    words = ngettext(
        "%(number)s order awaits its booking and is looked at anew.",
        "%(number)s orders await their booking and are looked at anew.",
        number,
    )
    text = words % {"number": format_number(number)}
    return f"{change.beside(POLICIES[change.name].in_words)} {text}"


def tell_backdating(change: Change) -> str:
    """From which booking date an order of today would be booked at once."""

    def tell(days: int) -> str:
        return _("today's orders are booked at once from %(day)s") % {
            "day": format_date(free_from(change.today, days, work_days()))
        }

    return change.beside(tell)


def tell_renewals(change: Change) -> str:
    """How many renewals were booked lately, which keep what they count."""
    lately = BookingEvent.objects.filter(kind=BookingEvent.Kind.RENEWAL, booked_on__gt=change.today - LATELY)
    number = lately.count()
    words = ngettext(
        "%(number)s renewal of the last 90 days keeps what it counts.",
        "%(number)s renewals of the last 90 days keep what they count.",
        number,
    )
    return f"{change.beside(POLICIES[change.name].in_words)} {words % {'number': format_number(number)}}"


def tell_peers(change: Change) -> str:
    """Who would read what of colleagues."""
    if not change.is_one:
        is_read = change.before == TEAM_READ
        return (
            _("Now: reps read the opportunities of the territories on which they sit.")
            if is_read
            else _("Now: reps read their own opportunities and those on which they have a share.")
        )
    people, deals = _newly_read(change.today)
    reps = ngettext("%(number)s rep", "%(number)s reps", people) % {"number": format_number(people)}
    text = ngettext("%(number)s open opportunity", "%(number)s open opportunities", deals)
    words = {"reps": reps, "deals": text % {"number": format_number(deals)}}
    if change.value == TEAM_READ:
        return _("From now on %(reps)s would read %(deals)s of colleagues that they do not see now.") % words
    return _("From now on %(reps)s would no longer read %(deals)s of colleagues.") % words


def _newly_read(today: date) -> tuple[int, int]:
    """How many reps read deals for this setting alone, and how many open deals are read so.

    Who has another role besides is left out: most of what lies on their seats they read by that role.
    """
    grants = RoleGrant.objects.on(today)
    reps = grants.filter(role=Role.REP).values("user_id")
    others = grants.exclude(role=Role.REP).values("user_id")
    seats = Seat.objects.on(today).filter(user__is_active=True, user__in=reps).exclude(user__in=others)
    open_deals = Opportunity.objects.open()
    shared = Participant.objects.filter(opportunity=OuterRef("pk"), user=OuterRef(OuterRef("user")))
    theirs = open_deals.filter(territory=OuterRef("territory")).exclude(owner=OuterRef("user"))
    people = seats.filter(Exists(theirs.filter(~Exists(shared)))).order_by().values("user").distinct()
    shared = Participant.objects.filter(opportunity=OuterRef(OuterRef("pk")), user=OuterRef("user"))
    readers = seats.filter(territory=OuterRef("territory")).exclude(user=OuterRef("owner"))
    return people.count(), open_deals.filter(Exists(readers.filter(~Exists(shared)))).count()
