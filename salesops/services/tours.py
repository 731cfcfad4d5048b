"""Who has been shown which tour."""

from common.access import Role
from common.transaction import act
from workspace.models import TourSeen


@act
def note_tour(*, by: int, role: Role) -> None:
    """Remember that the person was shown the tour of that role: it does not open by itself any more."""
    TourSeen.objects.bulk_create([TourSeen(person_id=by, role=role)], ignore_conflicts=True)
