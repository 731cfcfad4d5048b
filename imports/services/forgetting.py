"""What files held is not kept for ever where nothing of it is in."""

from datetime import timedelta

from django.db.models import F, Func, JSONField, Q, Value
from django.utils import timezone

from common.transaction import act
from imports.models import Batch

KEPT = timedelta(days=30)
NO_NOTES = Func(
    F("style"), Value("notes"), arg_joiner=" - ", template="(%(expressions)s)", output_field=JSONField()
)
"""What a table says of itself without its notes, which name what it held."""


@act
def forget_contents() -> int:
    """Empty content, refusals and notes of tables that were undone, or last looked at, more than 30 days ago.

    The organisation's own job. What an import that stands held is kept.
    """
    then = timezone.now() - KEPT
    gone = Q(state=Batch.State.CHECKED, started_at__lt=then) | Q(state=Batch.State.UNDONE, undone_at__lt=then)
    return (
        Batch.objects.filter(gone)
        .exclude(content=b"", rejects=[])
        .update(content=b"", rejects=[], style=NO_NOTES)
    )
