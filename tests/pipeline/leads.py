"""Leads for the tests."""

from typing import Any

from pipeline.models import Lead
from pipeline.services import create_lead

ELLA = {
    "name": "Ella Fischer",
    "company": "Dogwood GmbH",
    "email": "ella@dogwood.example",
    "phone": "+49 30 55501",
}


def a_lead(acting: Any, person: Any, **changes: Any) -> Lead:
    """Ella of Dogwood, taken up by that person."""
    with acting(person):
        return create_lead(by=person.pk, **{**ELLA, **changes})


def read(acting: Any, person: Any, lead: Lead) -> Lead:
    with acting(person):
        return Lead.objects.get(pk=lead.pk)
