"""Forms of working days: a work calendar, one day off, all public holidays of a year."""

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from common.calendars import MONDAY_TO_FRIDAY, YEARS
from common.forms import LineField, LocaleDateField, WholeField, weekday_choices
from common.models import MOST_NAME, WorkCalendar
from common.public_holidays import countries


class WorkCalendarForm(forms.Form):
    """On which days of the week people of a work location work."""

    name = LineField(
        label=_("Name"), max_length=MOST_NAME, help_text=_("The town, office or country it is for.")
    )
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Working days"),
        coerce=int,
        choices=weekday_choices,
        initial=sorted(MONDAY_TO_FRIDAY),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("They stay as they are: for other days make another calendar, and move people to it."),
    )


def work_calendar_choices() -> list[tuple[Any, StrOrPromise]]:
    """What a person may work by."""
    rows = WorkCalendar.objects.order_by("name").values_list("pk", "name")
    return [("", _("As the organisation")), *rows]


class DayOffForm(forms.Form):
    """A day on which nobody works."""

    on = LocaleDateField(label=_("Day"))
    name = LineField(label=_("Name"), max_length=MOST_NAME)


class PublicHolidaysForm(forms.Form):
    """The public holidays of a country, or of one of its regions, in a calendar year."""

    country = forms.ChoiceField(label=_("Country"))
    region = LineField(
        label=_("Region"),
        required=False,
        max_length=40,
        help_text=_("Its code, such as BY for Bavaria or CA for California; empty for the whole country."),
    )
    year = WholeField(label=_("Year"), least=YEARS[0], most=YEARS[-1])

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        offered = [("", _("Choose a country")), *countries(get_language() or "en")]
        self.fields["country"].choices = offered  # type: ignore[attr-defined]
