"""Comments on things of the apps above."""

from common.checks import check_text
from common.transaction import act, now
from workspace.models import Comment


@act
def add_comment(*, by: int, subject: str, subject_id: int, text: str) -> Comment:
    """Write something about a thing; for acts and pages that have found it in the writer's reach."""
    check_text(text, "text")
    return Comment.objects.create(
        subject=subject, subject_id=subject_id, by_id=by, text=text.strip(), at=now()
    )
