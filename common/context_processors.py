"""What every page shows of the organisation, and the currency of its figures."""

from typing import Any

from django.http import HttpRequest

from common.selectors import organisation as current


def organisation(request: HttpRequest) -> dict[str, Any]:
    company = current()
    return {"organisation": company, "currency": company.reporting_currency if company else ""}
