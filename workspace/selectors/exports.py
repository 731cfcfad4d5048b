"""Exports that were asked for."""

from datetime import timedelta

from common.access import found
from common.http import Page, page_by_key
from common.transaction import now
from workspace.models import Export

FETCHED_FOR = timedelta(minutes=15)
"""So long a file can be fetched after it was asked for: then it is asked for, and kept, anew."""


def export_of(person_id: int, pk: int, page: str) -> Export:
    """What a person asked for of that page just now. Raises NotInReach."""
    rows = Export.objects.filter(person_id=person_id, page=page, made_at__gt=now() - FETCHED_FOR)
    return found(rows.filter(pk=pk).first())


def export_page(after: str | None) -> Page[Export]:
    """One page of what everybody took as a file, newest first; for administrators."""
    return page_by_key(Export.objects.select_related("person"), ["-id"], after)
