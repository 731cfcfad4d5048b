"""Input about close plans and the templates that lay them out."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import LineField, LocaleDateField, WholeField, version_field
from common.pickers import PickField
from pipeline.forms.sales_models import RowForm, rows_of
from pipeline.models import PlanTemplate
from pipeline.selectors.plans import plan_templates
from pipeline.services.plan_templates import MOST_DAYS, MOST_STEP, MOST_STEPS, PlanStepInput
from pipeline.services.plan_templates import MOST_NAME as MOST_TEMPLATE
from pipeline.services.plans import MOST_NAME, MOST_REASON
from territories.selectors.offers import People

Row = dict[str, Any]


class LayOutForm(forms.Form):
    """The template from which milestones are added."""

    template_id = forms.TypedChoiceField(label=_("Template"), coerce=int)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        offered = [(one.pk, one.name) for one in plan_templates(with_retired=False)]
        self.fields["template_id"].choices = offered  # type: ignore[attr-defined]


class MilestoneForm(forms.Form):
    """A milestone: what, when, whose."""

    name = LineField(label=_("Milestone"), max_length=MOST_NAME)
    planned_on = LocaleDateField(label=_("Planned"))
    owner_id = PickField(
        label=_("Owner"),
        offer=People(),
        help_text=_("Who is not the deal's owner reads the deal from now on."),
    )


class MilestoneEditForm(forms.Form):
    """What a milestone is called and whose it is, as somebody read it at a version."""

    name = LineField(label=_("Milestone"), max_length=MOST_NAME)
    owner_id = PickField(label=_("Owner"), offer=People())
    version = version_field()


class ReplanForm(forms.Form):
    """Another day for a milestone, and why."""

    planned_on = LocaleDateField(label=_("Planned for"))
    reason = LineField(label=_("Why does it move?"), max_length=MOST_REASON)
    version = version_field()


class MeetForm(forms.Form):
    """The day on which a milestone was met."""

    met_on = LocaleDateField(label=_("Met on"))
    version = version_field()


class MilestoneVersionForm(forms.Form):
    """The version of a milestone that somebody read."""

    version = version_field()


class PlanTemplateForm(forms.Form):
    """What a template of plans is called."""

    name = LineField(label=_("Name"), max_length=MOST_TEMPLATE)


class PlanTemplateRetireForm(forms.Form):
    """Whether a template is offered."""

    version = version_field()
    is_retired = forms.BooleanField(required=False)


class PlanStepRow(RowForm):
    """A step of a template."""

    name = LineField(label=_("Milestone"), max_length=MOST_STEP)
    days_before = WholeField(label=_("Days before the close date"), most=MOST_DAYS)

    def told(self) -> PlanStepInput:
        values = self.cleaned_data
        return PlanStepInput(values["name"], values["days_before"], self.own_id())


class StepsForm(forms.Form):
    """A template with its steps; `do` is the button pressed: `save`, `add`, or one of a row such as `up:steps.2`."""

    version = version_field()
    name = LineField(label=_("Name"), max_length=MOST_TEMPLATE)

    def __init__(self, data: Any = None, *, template: PlanTemplate) -> None:
        self.do = data.get("do", "") if data is not None else ""
        typed = {name: data.get(name, "") for name in ("version", "name")} if data is not None else {}
        is_saved = self.do == "save"
        super().__init__(typed if is_saved else None, initial={**_named(template), **typed})
        rows = _kept(template) if data is None else _moved(_read(data), self.do)
        self.steps = rows_of(PlanStepRow, rows, "steps", is_bound=is_saved)

    def clean(self) -> Row:
        """As the service takes it."""
        if [row for row in self.steps if not row.is_valid()]:
            self.add_error(None, _("Look at the steps below."))
            return self.cleaned_data
        return {**self.cleaned_data, "steps": [row.told() for row in self.steps]}


def _named(template: PlanTemplate) -> Row:
    return {"version": template.version, "name": template.name}


def _kept(template: PlanTemplate) -> list[Row]:
    return [
        {"key": step.pk, "name": step.name, "days_before": step.days_before} for step in template.steps.all()
    ]


def _read(data: Mapping[str, Any]) -> list[Row]:
    """The rows that were typed, whether they can be saved or not; no more than a template has."""
    count = str(data.get("steps-count", "0"))
    number = min(int(count), MOST_STEPS + 1) if count.isascii() and count.isdigit() and len(count) < 5 else 0
    fields = ("key", "name", "days_before")
    return [{name: data.get(f"steps-{place}-{name}", "") for name in fields} for place in range(number)]


def _moved(rows: list[Row], do: str) -> list[Row]:
    """The rows after a button; one that there is not changes nothing."""
    act, _colon, place = do.partition(":")
    at = place.removeprefix("steps.")
    if act == "add":
        known = {row["key"] for row in rows}
        key = next(f"n{number}" for number in range(1, len(rows) + 2) if f"n{number}" not in known)
        return [*rows, {"key": key, "is_new": True}]
    if not (at.isascii() and at.isdigit() and len(at) < 5 and int(at) < len(rows)):
        return rows
    row = rows.pop(int(at))
    if act != "remove":
        rows.insert(max(0, int(at) + {"up": -1, "down": 1}.get(act, 0)), row)
    return rows
