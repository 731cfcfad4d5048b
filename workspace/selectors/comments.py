"""What was written about a thing."""

from common.transaction import widened
from workspace.models import Comment


def comments_of(subject: str, subject_id: int) -> list[Comment]:
    """The comments on a thing that the reader has found in their reach, the oldest first."""
    with widened("comment"):
        rows = Comment.objects.filter(subject=subject, subject_id=subject_id).select_related("by")
        return list(rows.order_by("pk"))
