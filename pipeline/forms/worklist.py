"""Forms of one line: another close date, the next step, another day for what is due."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from common.access import Reach
from common.calendars import add_months
from common.forms import LineField, LocaleDateField, version_field
from common.pickers import PickField
from pipeline.forms.filters import FilterForm
from pipeline.models import Activity
from pipeline.selectors.offers import Owners
from pipeline.selectors.opportunities import begun_with


class WorkForm(FilterForm):
    """Whose worklist it is, and of which deals; never bound, because the address is read strictly."""

    owner = PickField(label=_("Owner"), required=False, offer=Owners(), nothing=_("me"))

    def __init__(self, query: dict[str, str], mine: Reach, today: date, names: Sequence[str]) -> None:
        super().__init__(query, mine, today, names)
        if Owners().choices() is not None and len(Owners().choices() or []) < 2:
            self.fields.pop("owner", None)
        elif len(begun_with(mine)) > 1:
            self.fields["owner"].widget.nothing = _("my team")

    def usual(self) -> list[forms.BoundField]:
        """The owner; where there is but one, what is folded else."""
        return super().usual() or super().rare()

    def rare(self) -> list[forms.BoundField]:
        """The filters by own fields, beside an owner."""
        return super().rare() if "owner" in self.fields else []


class DayForm(forms.Form):
    """One day; `quick`: days that a button sets, as their words and the day."""

    day = ""
    version = version_field()

    def __init__(self, data: Any = None, *, today: date, **options: Any) -> None:
        super().__init__(data, **options)
        self.today = today

    @property
    def quick(self) -> Sequence[tuple[str, date]]:
        return ()


class CloseDateForm(DayForm):
    """When a deal is expected to close."""

    day = "close_on"
    close_on = LocaleDateField(label=_("Close date"))

    @property
    def quick(self) -> Sequence[tuple[str, date]]:
        """A week after its close date, or after today where that has passed; the end of the month."""
        start = max(self.initial["close_on"], self.today)
        end = add_months(start.replace(day=1), 1) - timedelta(days=1)
        return [(_now("+7 days"), start + timedelta(days=7)), (_now("end of month"), end)]


class StepForm(DayForm):
    """What is to be done next on a deal, and by when."""

    day = "next_step"
    next_step = LineField(label=_("Next step"), max_length=200, required=False)
    next_step_on = LocaleDateField(label=_("Next step due"), required=False)


class StepDoneForm(StepForm):
    """The next step of a deal is done: what it was, and what is next."""

    is_done = True
    kind = forms.ChoiceField(label=_("What was done is logged as"), choices=Activity.Kind.choices)


class LaterForm(DayForm):
    """The day up to which something is put off."""

    @property
    def quick(self) -> Sequence[tuple[str, date]]:
        return [
            (_now("tomorrow"), self.today + timedelta(days=1)),
            (_now("+7 days"), self.today + timedelta(days=7)),
        ]


class StepLaterForm(LaterForm):
    """The next step of a deal is due later."""

    day = "next_step_on"
    next_step_on = LocaleDateField(label=_("Next step due"))


class TaskLaterForm(LaterForm):
    """A task is due later."""

    day = "due_on"
    due_on = LocaleDateField(label=_("Due"))


class PressForm(forms.Form):
    """Something that is done by one press, as it was read."""

    version = version_field()
