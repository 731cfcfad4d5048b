"""How a person wants to hear of what."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from common.errors import Refused
from common.transaction import act
from workspace.models import Choice
from workspace.selectors.choices import CHOOSABLE, ways


@act
def choose(*, by: int, deliveries: Mapping[str, str]) -> None:
    """Set how one wants to hear of these events; others stay. What was told before stays as it was."""
    for event, delivery in deliveries.items():
        if event not in CHOOSABLE or delivery not in ways(event):
            raise Refused(_("Choose how you hear of this."), path=event)
    rows = [Choice(person_id=by, event=event, delivery=way) for event, way in deliveries.items()]
    Choice.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["person", "event"], update_fields=["delivery"]
    )
