"""The filters of the list of activities and of the report of touches, and the form of a target."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.access import Reach
from common.forms import LocaleDateField, WholeField
from common.http import BadQuery, a_day, chosen, whole
from common.selectors import today
from pipeline.models import MOST_TARGET, Activity, ActivityTarget
from pipeline.selectors.activities import DONE, PLANNED, ActivityFilters
from pipeline.selectors.leads import MOST_OFFERED, lead_owners
from pipeline.selectors.targets import people_with_targets
from pipeline.selectors.touches import ALL, NEGLECTED, TOUCHED, TouchFilters
from territories.models import User

ACTIVITY_FILTERS = ("state", "kind", "owner", "from", "to", "account", "deal", "lead")
HIDDEN = ("account", "deal", "lead")
USUAL_DAYS = timedelta(days=30)
ANY = [("", _("all"))]
STATES = {DONE: _("done"), PLANNED: _("planned")}
TOUCH_FILTERS = ("state", "territory", "owner", "unmet")
TOUCH_STATES = {NEGLECTED: _("neglected"), TOUCHED: _("touched"), ALL: _("all")}
UNMET = {
    "c": _("C-level not met"),
    "vp": _("vice president not met"),
    "both": _("C-level or vice president not met"),
}


def activity_filters_of(query: dict[str, str], *, is_page: bool = True) -> ActivityFilters:
    """The filters that an address asks for. A page shows the last 30 days of what was done where no day is said.

    Raises BadQuery on a value that is not known.
    """
    state = chosen(query, "state", tuple(STATES), DONE)
    asked = {
        "kind": chosen(query, "kind", ["", *Activity.Kind.values], ""),
        "owner_id": whole(query, "owner"),
        "account_id": whole(query, "account"),
        "opportunity_id": whole(query, "deal"),
        "lead_id": whole(query, "lead"),
    }
    columns = {name: value for name, value in asked.items() if value not in (None, "")}
    start, last = a_day(query, "from"), a_day(query, "to")
    about = columns.keys() & {"account_id", "opportunity_id", "lead_id"}
    if is_page and state == DONE and not (start or last or about):
        start = today() - USUAL_DAYS
    if start and last and last < start:
        raise BadQuery(_("The last day comes after the first one, or is the same."), path="to")
    return ActivityFilters(state, start, last, columns)


class ActivityFilterForm(forms.Form):
    """The filters as a reader sets them; never bound, because the address is read strictly."""

    state = forms.ChoiceField(label=_("State"), required=False, choices=list(STATES.items()))
    kind = forms.ChoiceField(label=_("Type"), required=False, choices=[*ANY, *Activity.Kind.choices])
    owner = forms.ChoiceField(label=_("Owner"), required=False)

    def __init__(self, query: dict[str, str], filters: ActivityFilters, mine: Reach) -> None:
        days: dict[str, Any] = {"from": filters.start, "to": filters.last}
        super().__init__(initial={**query, **days}, auto_id="filter_%s")
        for name, label in (("from", _("From")), ("to", _("To"))):
            self.fields[name] = LocaleDateField(label=label, required=False)
        for name in filter(query.get, HIDDEN):
            self.fields[name] = forms.CharField(widget=forms.HiddenInput)
        _offer_owners(self, mine)


def touch_filters_of(query: dict[str, str]) -> TouchFilters:
    """The filters that an address asks for. Raises BadQuery on a value that is not known."""
    return TouchFilters(
        chosen(query, "state", tuple(TOUCH_STATES), NEGLECTED),
        whole(query, "territory"),
        whole(query, "owner"),
        chosen(query, "unmet", ["", *UNMET], ""),
    )


class TouchFilterForm(forms.Form):
    """The filters of the report as a reader sets them; never bound."""

    state = forms.ChoiceField(label=_("State"), required=False, choices=list(TOUCH_STATES.items()))
    unmet = forms.ChoiceField(label=_("Contacts"), required=False, choices=[*ANY, *UNMET.items()])
    owner = forms.ChoiceField(label=_("Owner"), required=False)

    def __init__(self, query: dict[str, str], mine: Reach) -> None:
        super().__init__(initial=query, auto_id="filter_%s")
        if query.get("territory"):
            self.fields["territory"] = forms.CharField(widget=forms.HiddenInput)
        _offer_owners(self, mine)


def _offer_owners(form: forms.Form, mine: Reach) -> None:
    """Whose: where there are several to choose from and not too many for a list."""
    people = list(lead_owners(mine)[: MOST_OFFERED + 1])
    if 1 < len(people) <= MOST_OFFERED:
        choices = [*ANY, *((row.pk, row.name) for row in people)]
        form.fields["owner"].choices = choices  # type: ignore[attr-defined]
    else:
        del form.fields["owner"]


class TargetForm(forms.Form):
    """How many activities somebody is asked to do from a day on."""

    person_id = forms.TypedChoiceField(label=_("Person"), coerce=int)
    kind = forms.ChoiceField(
        label=_("Type"), required=False, choices=[("", _("all types")), *Activity.Kind.choices]
    )
    number = WholeField(label=_("Number"), most=MOST_TARGET, help_text=_("0 ends the target."))
    per = forms.ChoiceField(label=_("For"), choices=ActivityTarget.Per.choices)
    starts_on = LocaleDateField(label=_("From"))

    def __init__(self, data: Any = None, *, people: list[User], **options: Any) -> None:
        super().__init__(data, **options)
        choices = [("", _("Choose a person")), *((row.pk, row.name) for row in people)]
        self.fields["person_id"].choices = choices  # type: ignore[attr-defined]


def target_people(mine: Reach) -> list[User]:
    """To whom the reader may give targets."""
    may_all = "org" in mine.relations("activity_target", "update")
    rows = people_with_targets(mine) if may_all else User.objects.filter(is_active=True, pk__in=mine.people)
    return list(rows)


class KindForm(forms.Form):
    """Which type of activities the targets are shown for; never bound."""

    kind = forms.ChoiceField(
        label=_("Type"), required=False, choices=[("", _("all types")), *Activity.Kind.choices]
    )

    def __init__(self, query: dict[str, str]) -> None:
        super().__init__(initial=query, auto_id="filter_%s")
