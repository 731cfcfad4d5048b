"""The settings of the organisation as one table: what each means, what it changes, its default and its limits.

A dated setting is part of figures: a change holds from a day on, and what lies before keeps its value. The others
take effect at once. Both keep every change (`common.models.Setting`); readers ask `common.selectors.policy`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import TextChoices
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django_stubs_ext import StrOrPromise


class Group(TextChoices):
    """What a setting is about: its heading on the settings page."""

    DEALS = "deals", _("Opportunities")
    FORECAST = "forecast", _("Forecast calls")
    FIGURES = "figures", _("Figures")
    REMINDERS = "reminders", _("Looking ahead")
    MAILS = "mails", _("Mails and invitations")
    ACCESS = "access", _("Who sees what")
    TERRITORIES = "territories", _("Territories")


class Kind(TextChoices):
    """What a setting's value is: a whole number of some unit, or one of a few choices."""

    DAYS = "days", _("Days")
    MONTHS = "months", _("Months")
    PERCENT = "percent", _("Percent")
    HOUR = "hour", _("Hour of the day")
    WEEKDAY = "weekday", _("Day of the week")
    CHOICE = "choice", _("Choice")
    ACCOUNTS = "accounts", _("Accounts")
    HOURS = "hours", _("Hours")


@dataclass(frozen=True)
class Policy:
    """One setting. `choices` are the values that it may have; without them it is a number from `least` to `most`.

    `is_yearly`: a dated one that holds for whole fiscal years, each by its first day.
    """

    name: str
    group: Group
    kind: Kind
    default: int | str
    label: StrOrPromise
    meaning: StrOrPromise
    changes: StrOrPromise
    least: int = 0
    most: int = 0
    choices: Mapping[int | str, StrOrPromise] = field(default_factory=dict)
    is_dated: bool = False
    is_yearly: bool = False

    def allows(self, value: Any) -> bool:
        """Whether the setting may have this value."""
        if self.choices:
            return value in self.choices
        return type(value) is int and self.least <= value <= self.most

    def limits(self) -> str:
        """What values the setting takes, as a sentence."""
        if self.choices:
            return _now("Choose one of the list.")
        return _now("Write a whole number from %(least)s to %(most)s.") % {
            "least": self.least,
            "most": self.most,
        }

    def in_words(self, value: Any) -> str:
        """A value as people say it. Example: 45 of a setting in days → 45 days."""
        if self.choices:
            return str(self.choices.get(value, value))
        if self.kind == Kind.DAYS:
            return ngettext("%(number)d day", "%(number)d days", value) % {"number": value}
        if self.kind == Kind.MONTHS:
            return ngettext("%(number)d month", "%(number)d months", value) % {"number": value}
        if self.kind == Kind.HOURS:
            return ngettext("%(number)d hour", "%(number)d hours", value) % {"number": value}
        if self.kind == Kind.ACCOUNTS:
            return ngettext("%(number)d account", "%(number)d accounts", value) % {"number": value}
        return _now("%(number)d %%") % {"number": value}


HOURS: dict[int | str, StrOrPromise] = {hour: f"{hour:02}:00" for hour in range(24)}
DAYS_OF_WEEK: dict[int | str, StrOrPromise] = dict(WEEKDAYS.items())
PRIVATE, TEAM_READ = "private", "team_read"
OPTIONAL, REQUIRED = "optional", "required"
NOTHING, PURCHASE_ORDER, CONTRACT, BOTH = "nothing", "purchase_order", "contract", "both"
ADDED, WHOLE = "added", "whole"
BY_SPLIT, BY_OWNER = "by_split", "by_territory_owner"

POLICIES: dict[str, Policy] = {
    policy.name: policy
    for policy in (
        Policy(
            "stalled_after_days", Group.DEALS, Kind.DAYS, 45,
            _("Stalled after"),
            _("An open deal is stalled when it has been in its stage for longer than this."),
            _("Which deals are marked as stalled in lists and stand on people's home pages."),
            least=1, most=730,
        ),
        Policy(
            "met_within_days", Group.DEALS, Kind.DAYS, 30,
            _("Stakeholders count as met for"),
            _("A stakeholder of a deal counts as met when somebody called or saw them in the last so many days."),
            _("The stakeholder coverage that deals show."),
            least=1, most=365,
        ),
        Policy(
            "active_within_days", Group.DEALS, Kind.DAYS, 30,
            _("An activity counts for"),
            _(
                "An open deal misses an activity when nothing was done with it in the last so many days, and it was "
                "not created in them."
            ),
            _("The hygiene that deals show, and who is named on its page."),
            least=1, most=365,
        ),
        Policy(
            "neglected_after_days", Group.DEALS, Kind.DAYS, 90,
            _("Accounts are neglected after"),
            _(
                "An account is neglected when nobody called, mailed or saw it for longer than this. Where a norm says "
                "how often its segment and tier are touched a year, that counts instead."
            ),
            _("Which accounts the report of neglected accounts lists."),
            least=1, most=1000,
        ),
        Policy(
            "seniors_met_days", Group.DEALS, Kind.DAYS, 90,
            _("C-level and vice presidents are met every"),
            _("A contact of these seniorities waits when nobody called or saw them for longer than this."),
            _("Which contacts the report of neglected accounts names."),
            least=1, most=1000,
        ),
        Policy(
            "untouched_after_hours", Group.DEALS, Kind.HOURS, 8,
            _("Leads are untouched after"),
            _(
                "A lead is untouched when nothing was done with it for so many business hours after it came to its "
                "owner: 9:00 to 17:00 on working days, by the owner's clock."
            ),
            _(
                "Which leads that come from that day on are marked as untouched, and when their owners are told; after "
                "twice the time also whoever leads them."
            ),
            least=1, most=80, is_dated=True,
        ),
        Policy(
            "won_reason", Group.DEALS, Kind.CHOICE, OPTIONAL,
            _("Why a deal was won"),
            _("Whether who wins a deal has to say why."),
            _("Which wins are refused without a reason. Deals that are won already stay as they are."),
            choices={OPTIONAL: _("may be said"), REQUIRED: _("has to be said")},
        ),
        Policy(
            "booking_asks", Group.DEALS, Kind.CHOICE, NOTHING,
            _("Before an order is booked there is"),
            _(
                "What has to be there before an order is booked. A deal that is won without it awaits its booking. The "
                "contract is a document of that kind on the deal; an order without a deal is not asked for it."
            ),
            _("Which won deals await their booking, and count in order intake only once it is there."),
            choices={
                NOTHING: _("nothing more"),
                PURCHASE_ORDER: _("a purchase order number"),
                CONTRACT: _("a signed contract"),
                BOTH: _("a purchase order number and a signed contract"),
            },
        ),
        Policy(
            "backdate_days", Group.DEALS, Kind.DAYS, 5,
            _("Working days that a booking may lie back"),
            _(
                "Up to so many working days before today an order is booked without anybody else. An earlier booking "
                "date waits for a coordinator or an administrator."
            ),
            _("Which orders are booked at once, and which stand in the queue. Booked orders stay what they are."),
            least=0, most=730,
        ),
        Policy(
            "price_limit_percent", Group.DEALS, Kind.PERCENT, 0,
            _("Lowest price without a review"),
            _(
                "A line of an order that is worth less than this share of its list price waits for a coordinator or an "
                "administrator. 0 asks nobody."
            ),
            _("Which orders are booked at once, and which stand in the queue. Booked orders stay what they are."),
            least=0, most=100,
        ),
        Policy(
            "forecast_due_weekday", Group.FORECAST, Kind.WEEKDAY, 0,
            _("Calls are due on"),
            _("The day of the week on which every forecast call is due."),
            _("Which calls are marked as late, and when people are reminded. What was marked stays marked."),
            choices=DAYS_OF_WEEK, is_dated=True,
        ),
        Policy(
            "forecast_due_hour", Group.FORECAST, Kind.HOUR, 12,
            _("Calls are due at"),
            _("The hour of that day, in the organisation's time zone, at which forecast calls are due."),
            _("Which calls are marked as late, and when people are reminded. What was marked stays marked."),
            choices=HOURS, is_dated=True,
        ),
        Policy(
            "new_customer_months", Group.FIGURES, Kind.MONTHS, 12,
            _("A customer is new for"),
            _("A booking is new business when it lies less than this after the customer's first order."),
            _("Whether bookings from that day on count as new or existing business. Earlier ones stay what they are."),
            least=1, most=60, is_dated=True,
        ),
        Policy(
            "renewals_count", Group.FIGURES, Kind.CHOICE, ADDED,
            _("A renewal counts"),
            _("What an order that renews another one adds to order intake."),
            _("Bookings from that day on. Earlier ones stay what they were booked as."),
            choices={ADDED: _("what it adds to the order before"), WHOLE: _("all of its amount")},
            is_dated=True,
        ),
        Policy(
            "crediting_rule", Group.FIGURES, Kind.CHOICE, BY_SPLIT,
            _("People are credited"),
            _("Whom the attainment of a fiscal year counts a credit for: who sold it, or who owned its territory."),
            _("People's attainment in that fiscal year. No credit changes, and no figure of a territory."),
            choices={BY_SPLIT: _("by split"), BY_OWNER: _("by territory owner")},
            is_dated=True, is_yearly=True,
        ),
        Policy(
            "attained_percent", Group.FIGURES, Kind.PERCENT, 100,
            _("Bars turn green at"),
            _("The share of a quota from which its bar is drawn as reached."),
            _("The colour of the bars beside quotas. No figure changes."),
            least=1, most=200,
        ),
        Policy(
            "figures_due_hour", Group.FIGURES, Kind.HOUR, 6,
            _("Figures are late after"),
            _("The hour at which the last night's figures have to stand, in the organisation's time zone."),
            _("When every page warns that the figures are those of an earlier day."),
            choices=HOURS,
        ),
        Policy(
            "gaps_ahead_days", Group.REMINDERS, Kind.DAYS, 90,
            _("Look for gaps ahead"),
            _("How far ahead is looked for territories without anybody and accounts without a territory."),
            _("Which gaps the territory pages list."),
            least=1, most=366,
        ),
        Policy(
            "calendar_ahead_days", Group.REMINDERS, Kind.DAYS, 60,
            _("Ask for the next fiscal year"),
            _("How long before the last fiscal year ends administrators are asked to add the next one."),
            _("The next step on an administrator's home page."),
            least=1, most=366,
        ),
        Policy(
            "digest_hour", Group.MAILS, Kind.HOUR, 7,
            _("Daily digest at"),
            _("The hour at which a daily digest leaves, in each reader's own time zone."),
            _("When news of a digest is mailed. What was gathered before leaves when it was to."),
            choices=HOURS,
        ),
        Policy(
            "invitation_days", Group.MAILS, Kind.DAYS, 7,
            _("Invitations hold for"),
            _("For how long the link of a new invitation works."),
            _("By when people have to follow their link. Invitations that exist keep their end."),
            least=1, most=30,
        ),
        Policy(
            "peer_visibility", Group.ACCESS, Kind.CHOICE, PRIVATE,
            _("Deals of colleagues"),
            _("Whether reps read the deals of the territories on which they sit, whoever owns them."),
            _("Which deals a rep finds in lists, the board and the search. Nobody may change more than before."),
            choices={PRIVATE: _("private"), TEAM_READ: _("read by the team")},
        ),
        Policy(
            "token_days", Group.ACCESS, Kind.DAYS, 366,
            _("API tokens live at most"),
            _("The longest life of a new API token."),
            _("For how long a person may make a token. Tokens that exist keep their end."),
            least=1, most=366,
        ),
        Policy(
            "working_hours", Group.TERRITORIES, Kind.HOURS, 1800,
            _("Working hours a year"),
            _("How many hours somebody works in a year who works full time, without holidays and days off."),
            _("The capacity of territories and so their load. No figure of quota or order intake changes."),
            least=1, most=3000, is_dated=True,
        ),
        Policy(
            "selling_percent", Group.TERRITORIES, Kind.PERCENT, 60,
            _("Share of the time for customers"),
            _("Which part of their working hours people have for customers."),
            _("The capacity of territories and so their load. No figure of quota or order intake changes."),
            least=1, most=100, is_dated=True,
        ),
        Policy(
            "assign_accounts_limit", Group.TERRITORIES, Kind.ACCOUNTS, 25,
            _("Accounts that one person assigns at once"),
            _(
                "Up to so many accounts go to another territory by one press or by one run of the rules. "
                "More take a second person."
            ),
            _(
                "Which assignments and runs of the rules ask another administrator first. "
                "What was asked already waits for its answer."
            ),
            least=1, most=500,
        ),
    )
}  # fmt: skip
