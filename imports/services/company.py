"""The organisation that an empty installation becomes, its fiscal years and its rates."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

import pipeline.services
from common.errors import Refused
from common.fiscal import label_of
from common.importing import Outcome, Row
from common.models import Organisation, Period, Rate
from common.selectors import organisation, today
from common.services import create_organisation, create_year, set_rate
from common.transaction import act
from imports.rules.profile import Company
from pipeline.rules.stages import USUAL_STAGES
from pipeline.services import StageInput
from territories.services import create_root, ensure_unassigned

ROOT = "ALL"
MOST_YEARS_BACK = 10


def ensure_company(by: int | None, wanted: Company) -> Organisation:
    """The organisation, made from the profile where there is none, with the profile's fiscal years.

    Raises Refused where the installation counts in another currency or has another fiscal year.
    """
    company = organisation() or create_organisation(
        by=by,
        name=wanted.name,
        reporting_currency=wanted.reporting_currency,
        time_zone=wanted.time_zone,
        locale=wanted.locale,
        fiscal_start_month=wanted.fiscal_start_month,
        fiscal_label=wanted.fiscal_label,
    )
    fixed = {
        "reporting_currency": _(
            "This installation reports in %(here)s. Use a profile that does, or an empty database."
        ),
        "fiscal_start_month": _(
            "Fiscal years here start in month %(here)s. Use a profile that does, or an empty database."
        ),
        "fiscal_label": _("Fiscal years here are named after their %(here)s. Say so in the profile."),
    }
    for name, message in fixed.items():
        if (here := getattr(company, name)) != getattr(wanted, name):
            raise Refused(message % {"here": here}, path="company", code="other_company")
    ensure_unassigned()
    _add_years(by, company, range(wanted.first_year, wanted.last_year + 1))
    return company


def _add_years(by: int | None, company: Organisation, names: range) -> None:
    """The fiscal years of these names, as far as they are not there."""
    here = set(Period.objects.filter(kind=Period.Kind.YEAR).values_list("code", flat=True))
    for name in names:
        if str(name) not in here:
            create_year(by=by, year=name)


@act
def set_up_company(*, by: int, first_year: int | None = None, **company: Any) -> Organisation:
    """Make the company of an empty installation with what all else rests on; administrators only.

    That is its fiscal years from the named one, else the last one, to the next one, the tree's root with *Unassigned*
    below it, and the usual stages of deals. `company`: what `create_organisation` takes. Raises Conflict where there
    is one.
    """
    made = create_organisation(by=by, **company, is_set_up=False)
    running = label_of(today(), made.fiscal_rule(), made.fiscal_label)
    first_year = running - 1 if first_year is None else first_year
    if not running - MOST_YEARS_BACK <= first_year <= running:
        message = _("Choose a fiscal year from %(first)s to %(last)s, the running one.")
        values = {"first": running - MOST_YEARS_BACK, "last": running}
        raise Refused(message % values, path="first_year", code="first_year")
    _add_years(by, made, range(first_year, running + 2))
    first = Period.objects.order_by("starts_on")[0].starts_on
    create_root(by=by, name=made.name, code=ROOT, starts_on=first)
    pipeline.services.create_model(
        by=by, name=_("Standard"), stages=[StageInput(*stage) for stage in USUAL_STAGES]
    )
    return made


def bring_rates(*, by: int | None, entity: str, rows: Sequence[Row]) -> Outcome:
    """Bring in rates by kind, currency and first day; administrators, and the organisation's own jobs."""
    outcome = Outcome()
    for row in rows:
        facts = {name: row.values[name] for name in ("kind", "currency", "starts_on")}
        standing = Rate.objects.current().filter(**facts).first()
        if standing is None:
            try:
                set_rate(
                    by=by,
                    **facts,
                    value=row.values["value"],
                    stops_on=row.values.get("stops_on"),
                    source=row.file,
                )
                outcome.created += 1
            except Refused as refusal:
                outcome.rejects.append(
                    row.reject(refusal.path or "value", str(refusal.message), _("Correct the row."))
                )
        elif standing.value == row.values["value"]:
            outcome.unchanged += 1
        else:
            outcome.rejects.append(
                row.reject("value", _("There is another rate from that day."), _("Enter it in the product."))
            )
    return outcome
