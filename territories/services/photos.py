"""A person's own photo."""

from common.transaction import act, now
from territories.models import Photo, User


@act
def set_photo(*, by: int, photo: bytes) -> None:
    """Show this square JPEG as one's own photo, in place of an earlier one."""
    Photo.objects.update_or_create(user_id=by, defaults={"jpeg": photo})
    User.objects.filter(pk=by).update(photo_at=now())


@act
def remove_photo(*, by: int) -> None:
    """Take one's own photo back: nothing of it is kept."""
    Photo.objects.filter(user_id=by).update(jpeg=b"")
    User.objects.filter(pk=by).update(photo_at=None)
