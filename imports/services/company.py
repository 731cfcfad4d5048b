"""The organisation that an empty installation becomes, its fiscal years and its rates."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from common.calendars import fiscal_year
from common.errors import Refused
from common.importing import Outcome, Row
from common.models import Organisation, Period, Rate
from common.selectors import organisation
from common.services import create_organisation, create_year, set_rate
from imports.rules.profile import Company
from territories.services import ensure_unassigned


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
    )
    fixed = {
        "reporting_currency": _(
            "This installation reports in %(here)s. Use a profile that does, or an empty database."
        ),
        "fiscal_start_month": _(
            "Fiscal years here start in month %(here)s. Use a profile that does, or an empty database."
        ),
    }
    for name, message in fixed.items():
        if (here := getattr(company, name)) != getattr(wanted, name):
            raise Refused(message % {"here": here}, path="company", code="other_company")
    ensure_unassigned()
    for year in range(wanted.first_year, wanted.last_year + 1):
        start = fiscal_year(wanted.fiscal_start_month, year).start
        if not Period.objects.filter(kind=Period.Kind.YEAR, starts_on=start).exists():
            create_year(by=by, year=year)
    return company


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
