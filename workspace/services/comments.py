"""Comments on things of the apps above."""

from collections.abc import Collection

from django.utils.translation import gettext as _

from common.checks import note_of
from common.errors import Refused
from common.transaction import act, now, reach
from workspace.models import Comment, Event, Mention
from workspace.selectors.comments import named_in
from workspace.selectors.subjects import page_of, readers, subject_open
from workspace.services.messages import tell

MOST_TEXT = 2_000


@act
def add_comment(
    *, by: int, subject: str, subject_id: int, text: str, people_ids: Collection[int] = ()
) -> Comment:
    """Write something about a thing, for ever; whoever may read the thing.

    Whom it names behind @ is told, unless they can't read the thing today; `people_ids` are those who were picked,
    where several are called so. Raises NotInReach, Conflict for what was merged into another one, or Refused
    for a text that is empty, too long or names too many.
    """
    row = subject_open(reach(), subject, subject_id)
    text = note_of(text, "text", MOST_TEXT, is_long=True)
    if not text:
        raise Refused(_("This must not be empty."), path="text", code="required")
    named = [person for person in named_in(text, people_ids) if person.pk != by]
    told = readers(subject, subject_id, named) if named else set()
    place = {"subject": subject, "subject_id": subject_id}
    comment: Comment = Comment.objects.create(**place, by_id=by, text=text, at=now())
    Mention.objects.bulk_create(
        Mention(comment=comment, person=person, was_told=person.pk in told) for person in named
    )
    url = f"{page_of(subject, subject_id)}#comments"
    tell(event=Event.MENTIONED, people=told, key=f"comment:{comment.pk}", by=by, about=str(row), url=url)
    return comment
