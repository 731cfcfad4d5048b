"""What a change of a setting would do, counted before it is made."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from typing import Any

from django.db.models import DateField, ExpressionWrapper, F, Func, QuerySet, Value
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Account
from accounts.rules.workload import capacity
from accounts.selectors import ending_assignments
from accounts.selectors.runs import RULE_RUN
from common.calendars import Span
from common.locale import format_date, format_number
from common.policies import BY_OWNER, BY_SPLIT, POLICIES
from common.selectors import calendar_end, period_of, policy, the_organisation
from common.transaction import now, reach, widened
from forecasts import rules
from forecasts.selectors import callers, due_on
from planning.selectors.assign import ASSIGN
from quotas.selectors.crediting import credited, rule_of
from quotas.selectors.plan import own_quotas
from quotas.selectors.runs import freshness, newest_due
from salesops.selectors import deal_effects as deals
from salesops.selectors.setting_change import Change, people_in_words
from territories.models import ApiToken, User
from territories.selectors import gaps_within, tree_on
from workspace.models import Approval, Delivery, Invitation, Message

# ---- forecast calls ----


def _due(change: Change) -> str:
    """When the first call from that day on is due, and whom that concerns."""
    zone = the_organisation().zone()
    start = datetime.combine(change.starts_on, time(), zone) - timedelta(microseconds=1)
    instant = max(start, now().astimezone(zone), key=datetime.timestamp)

    def would(day: date) -> tuple[int, int]:
        """The due weekday and hour of a day, with the change."""
        weekday, hour = due_on(day)
        if day < change.starts_on:
            return weekday, hour
        return (weekday, change.value) if change.name == "forecast_due_hour" else (change.value, hour)

    words = {"before": _moment(rules.due_after(instant, due_on)), "people": people_in_words(_calling(change))}
    if not change.is_one:
        return _("The next call is due %(before)s; %(people)s call.") % words
    words |= {"day": format_date(change.starts_on), "after": _moment(rules.due_after(instant, would))}
    return (
        _("From %(day)s on the first call is due %(after)s instead of %(before)s; %(people)s call.") % words
    )


def _calling(change: Change) -> int:
    return callers(change.today).count()


def _moment(instant: datetime | None) -> str:
    """A day and hour of the organisation: Monday, May 25, 2026, 12:00."""
    return f"{format_date(instant.date(), 'full')}, {instant:%H:%M}" if instant else "—"


# ---- figures ----


def _new_customers(change: Change) -> str:
    """How many customers would be new on the day on which the change takes hold."""
    day = change.starts_on

    def tell(months: int) -> str:
        span: Any = Func(Value(0), Value(months), function="make_interval")
        until = ExpressionWrapper(F("first_ordered_on") + span, DateField())
        ordered = Account.objects.visible_to(reach()).filter(first_ordered_on__lte=day)
        number = ordered.annotate(until=until).filter(until__gt=day).count()
        text = ngettext(
            "on %(day)s %(number)s customer with orders counts as new",
            "on %(day)s %(number)s customers with orders count as new",
            number,
        )
        return text % {"day": format_date(day), "number": format_number(number)}

    return change.beside(tell)


def _attained(change: Change) -> str:
    """How many bars of people would be green."""
    quarter = period_of(change.today)
    if quarter is None:
        return _("No fiscal year covers today, so there is no bar yet.")
    ids = User.objects.filter(is_active=True).values_list("pk", flat=True)
    [quotas] = own_quotas(list(ids), [quarter])
    intake = credited(reach(), list(quotas), quarter, rule_of(quarter))
    asked = {person: quota for person, quota in quotas.items() if quota > 0}

    def tell(percent: int) -> str:
        reached = sum(100 * intake[person] >= percent * quota for person, quota in asked.items())
        words = {
            "period": quarter.code,
            "number": format_number(reached),
            "people": people_in_words(len(asked)),
        }
        return _("in %(period)s the bars of %(number)s of %(people)s with a quota are green") % words

    return change.beside(tell)


def _credited(change: Change) -> str:
    """Of how many people order intake would be another one in the running quarter."""
    quarter = period_of(change.today)
    if quarter is None:
        return _("No fiscal year covers today, so nobody has a figure yet.")
    people = User.objects.filter(is_active=True).values_list("pk", flat=True)
    sold, owned = (credited(reach(), list(people), quarter, rule) for rule in (BY_SPLIT, BY_OWNER))
    words = {
        "period": quarter.code,
        "people": people_in_words(sum(sold[person] != owned[person] for person in sold)),
        "rule": POLICIES[change.name].in_words(change.before),
    }
    if not change.is_one:
        told = _("Now: %(rule)s. By the other rule %(people)s would have another order intake in %(period)s.")
        return told % words
    return _("%(people)s have another order intake in %(period)s by that rule.") % words


def _figures_due(change: Change) -> str:
    """From when pages warn, and whether they do now."""
    company, standing = the_organisation(), freshness().day
    here = now().astimezone(company.zone())

    def tell(hour: int) -> str:
        is_late = standing is None or standing < newest_due(here, hour)
        words = {"hour": POLICIES[change.name].in_words(hour), "zone": company.time_zone}
        if is_late:
            return _("pages warn from %(hour)s on (%(zone)s) and would do so at this moment") % words
        return _("pages warn from %(hour)s on (%(zone)s) and would not do so at this moment") % words

    return change.beside(tell)


# ---- looking ahead ----


def _gaps(change: Change) -> str:
    """How many gaps the territory pages would list."""
    nodes = tree_on(change.today)

    def tell(days: int) -> str:
        window = Span(change.today, change.today + timedelta(days=days))
        vacant = {gap.territory.pk for gap in gaps_within(nodes, window)}
        ending = ending_assignments(reach(), change.today, days).count()
        missing = ngettext("%(n)s territory misses somebody", "%(n)s territories miss somebody", len(vacant))
        losing = ngettext("%(n)s account loses its territory", "%(n)s accounts lose their territory", ending)
        words = {
            "missing": missing % {"n": format_number(len(vacant))},
            "losing": losing % {"n": format_number(ending)},
        }
        return _("%(missing)s and %(losing)s") % words

    return change.beside(tell)


def _calendar(change: Change) -> str:
    """From when administrators are asked for the next fiscal year."""
    end = calendar_end()
    if end is None:
        return _("There is no fiscal year yet, so administrators are asked at once.")

    def tell(days: int) -> str:
        words = {"end": format_date(end - timedelta(days=1)), "day": format_date(end - timedelta(days=days))}
        return _("the last fiscal year ends on %(end)s, administrators are asked from %(day)s on") % words

    return change.beside(tell)


# ---- mails, invitations, tokens ----


def _digest(change: Change) -> str:
    """How much waits for the digest that leaves at the hour as it was."""
    with widened("message"):
        waiting = Message.objects.filter(delivery=Delivery.DIGEST, mail_due_at__gt=now(), mail_taken_at=None)
        number = waiting.order_by().values("person").distinct().count()
    words = {"before": POLICIES[change.name].in_words(change.before), "people": people_in_words(number)}
    text = _("The digests for which news has been gathered (%(people)s) leave at %(before)s") % words
    if not change.is_one:
        return f"{text}."
    return _("%(text)s; news from now on leaves at %(value)s.") % {"text": text, "value": change.in_words()}


def _invitations(change: Change) -> str:
    """How many invitations keep their end, and when a new one ends."""
    number = Invitation.objects.filter(accepted_at=None, revoked_at=None, expires_at__gt=now()).count()
    text = ngettext(
        "%(number)s open invitation keeps its end", "%(number)s open invitations keep their end", number
    )
    kept = text % {"number": format_number(number)}

    def tell(days: int) -> str:
        words = {"day": format_date(change.today + timedelta(days=days))}
        return _("an invitation of today ends on %(day)s") % words

    return f"{change.beside(tell)} {kept}."


def _tokens(change: Change) -> str:
    """How many tokens live longer than a new one could."""
    standing: QuerySet[ApiToken] = ApiToken.objects.filter(revoked_at=None, user__is_active=True)

    def tell(days: int) -> str:
        day = change.today + timedelta(days=days)
        longer = standing.filter(expires_at__gt=now() + timedelta(days=days)).count()
        words = {"day": format_date(day), "number": format_number(longer)}
        text = _("a token of today ends by %(day)s, and %(number)s that exist end later and stay")
        return text % words

    return change.beside(tell)


def _assigning(change: Change) -> str:
    """Up to how many accounts one press moves, and how many requests wait for a second person."""
    number = Approval.objects.filter(kind__in=(ASSIGN, RULE_RUN), state=Approval.State.WAITING).count()
    text = ngettext("%(number)s request waits on", "%(number)s requests wait on", number)

    def tell(most: int) -> str:
        words = ngettext("one press moves %(most)s account", "one press moves up to %(most)s accounts", most)
        return words % {"most": format_number(most)}

    return f"{change.beside(tell)} {text % {'number': format_number(number)}}."


def _capacity(change: Change) -> str:
    """How many hours a year a whole seat that is past its ramp has for customers."""

    def tell(value: int) -> str:
        names = {
            name: value if name == change.name else policy(name, change.starts_on)
            for name in ("working_hours", "selling_percent")
        }
        minutes = capacity(names["working_hours"], names["selling_percent"], 100, Fraction(1))
        words = {"hours": format_number(minutes / 60)}
        return _("a whole seat has %(hours)s hours a year for customers") % words

    return change.beside(tell)


EFFECTS: dict[str, Callable[[Change], str]] = {
    "stalled_after_days": deals.tell_stalled,
    "met_within_days": deals.tell_met,
    "active_within_days": deals.tell_active,
    "neglected_after_days": deals.tell_neglected,
    "seniors_met_days": deals.tell_seniors,
    "untouched_after_hours": deals.tell_untouched,
    "won_reason": deals.tell_won_reason,
    "booking_asks": deals.tell_booking_asks,
    "backdate_days": deals.tell_backdating,
    "price_limit_percent": deals.tell_queue,
    "forecast_due_weekday": _due,
    "forecast_due_hour": _due,
    "new_customer_months": _new_customers,
    "renewals_count": deals.tell_renewals,
    "crediting_rule": _credited,
    "attained_percent": _attained,
    "figures_due_hour": _figures_due,
    "gaps_ahead_days": _gaps,
    "calendar_ahead_days": _calendar,
    "digest_hour": _digest,
    "invitation_days": _invitations,
    "peer_visibility": deals.tell_peers,
    "token_days": _tokens,
    "assign_accounts_limit": _assigning,
    "working_hours": _capacity,
    "selling_percent": _capacity,
}
"""A sentence for each setting about a value from a day on, or about how it is now."""


def effect(name: str, value: Any, starts_on: date, today: date) -> str:
    """What a setting would change; without a value how it is."""
    return EFFECTS[name](Change(name, value, max(starts_on, today), today))
