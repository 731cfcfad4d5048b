"""Templates of close plans, kept by administrators. Plans that were laid out stay as they are."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from common.checks import check_line
from common.errors import Refused, Stale
from common.transaction import act, reach
from pipeline.models import PlanStep, PlanTemplate
from pipeline.selectors.plans import plan_template

MOST_NAME, MOST_STEP = 80, 160
MOST_STEPS = 40
MOST_DAYS = 1_000


@dataclass(frozen=True)
class PlanStepInput:
    """A milestone of a template, so many days before the close date; `id` is that of the step where it has one."""

    name: str
    days_before: int
    id: int | None = None


@act
def create_plan_template(*, by: int, name: str) -> PlanTemplate:
    """Make a template without steps; administrators only. Raises Refused for a name that is taken."""
    reach().require("plan_template", "update")
    check_line(name, "name", MOST_NAME)
    template: PlanTemplate = PlanTemplate.objects.create(name=name.strip())
    return template


@act
def set_plan_template(
    *, by: int, template_id: int, version: int, name: str, steps: Sequence[PlanStepInput]
) -> PlanTemplate:
    """Say what a template is called and what its steps are, in their order; administrators only.

    A step that is left out is taken out of the template, and of no plan. Raises Stale, Refused with the step's path.
    """
    reach().require("plan_template", "update")
    template = plan_template(template_id)
    check_line(name, "name", MOST_NAME)
    _check_steps(steps)
    PlanTemplate.objects.change(template.pk, version, name=name.strip())
    held = {step.pk: step for step in template.steps.all()}
    for position, step in enumerate(steps, 1):
        _keep(template, held.pop(step.id, None) if step.id else None, step, position)
    for gone in held.values():
        PlanStep.objects.change(gone.pk, gone.version, position=None)
    return plan_template(template_id)


@act
def retire_plan_template(*, by: int, template_id: int, version: int, is_retired: bool) -> PlanTemplate:
    """Offer a template no longer, or again; administrators only. Raises Stale."""
    reach().require("plan_template", "update")
    template = plan_template(template_id)
    if template.version != version:
        raise Stale()
    PlanTemplate.objects.change(template.pk, version, is_retired=is_retired)
    return template


def _keep(template: PlanTemplate, held: PlanStep | None, step: PlanStepInput, position: int) -> None:
    values = {"name": step.name.strip(), "days_before": step.days_before, "position": position}
    if held is None:
        PlanStep.objects.create(template=template, **values)
    elif any(getattr(held, name) != value for name, value in values.items()):
        PlanStep.objects.change(held.pk, held.version, **values)


def _check_steps(steps: Sequence[PlanStepInput]) -> None:
    if len(steps) > MOST_STEPS:
        message = _("A template has at most %(most)s steps.") % {"most": MOST_STEPS}
        raise Refused(message, path="steps", code="too_many")
    names: set[str] = set()
    for place, step in enumerate(steps):
        check_line(step.name, f"steps.{place}.name", MOST_STEP)
        if step.name.strip().casefold() in names:
            message = _("“%(name)s” is in this template twice.") % {"name": step.name.strip()}
            raise Refused(message, path=f"steps.{place}.name", code="twice")
        names.add(step.name.strip().casefold())
        if not 0 <= step.days_before <= MOST_DAYS:
            message = _("Write a whole number from %(least)s to %(most)s.") % {"least": 0, "most": MOST_DAYS}
            raise Refused(message, path=f"steps.{place}.days_before", code="days_range")
