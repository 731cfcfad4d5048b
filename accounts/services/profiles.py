"""What people write of a customer's goals, strategy, financials and challenges."""

from datetime import date

from django.utils.translation import gettext as _

from accounts.models import Account, ProfileNote, Topic
from accounts.services.merged import refuse_merged
from common.access import seen
from common.errors import Refused
from common.selectors import today
from common.transaction import act, reach


@act
def write_profile(*, by: int, account_id: int, topic: str, text: str, as_of: date) -> ProfileNote:
    """Write what is known of one topic as of a day; for those who may update the account. Earlier notes stay.

    Raises Refused without a text, for a day to come, an unknown topic, and an account that was merged into another.
    """
    account = seen(Account.objects.all(), reach(), account_id)
    reach().require("account", "update", account)
    refuse_merged([account])
    if topic not in Topic.values:
        raise Refused(_("Choose one of the list."), path="topic", code="unknown_topic")
    if not text.strip():
        raise Refused(_("This must not be empty."), path="text", code="required")
    if as_of > today():
        raise Refused(
            _("Choose today or an earlier day: of which day is it true?"), path="as_of", code="future"
        )
    note = {"topic": topic, "text": text.strip(), "as_of": as_of}
    return ProfileNote.objects.create(account=account, written_by_id=by, **note)
