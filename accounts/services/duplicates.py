"""Before an account is added: is it here already? And asking for access to one that somebody else has."""

from collections.abc import Sequence

from django.db import connections, transaction
from django.utils.translation import gettext as _

from accounts.models import Participant
from accounts.selectors.duplicates import AN_HOUR, MOST_AN_HOUR, Alike, Typed, alike
from common.errors import Conflict, Forbidden, Refused
from common.locale import format_instant
from common.transaction import act, now, reach
from workspace.models import Approval
from workspace.services import Asked, ask
from workspace.services.approvals import check_granted

ACCESS = "account_access"
ALONE = """
SELECT set_config('app.grants', 'account_lookup:org', true),
       pg_advisory_xact_lock(hashtext('account_lookup ' || %(person)s))
"""
ASKED = "SELECT count(*), min(asked_at) FROM accounts_lookup WHERE person_id = %(person)s AND asked_at > %(since)s"
NOTE = """
INSERT INTO accounts_lookup (person_id, name, web_domain, tax_number, has_found, asked_at)
VALUES (%(person)s, left(%(name)s, 160), left(%(web_domain)s, 120), left(%(tax_number)s, 40), %(found)s, %(now)s)
"""


class Exists(Conflict):
    """An account like the one that is added is here: `found` says which, as far as they are seen."""

    def __init__(self, found: Alike, path: str = "anyway_reason") -> None:
        self.found = found
        said = []
        if found.seen:
            names = ", ".join(f"{one.name} ({one.number})" for one in found.seen)
            said.append(_("Here already: %(names)s.") % {"names": names})
        if found.hidden:
            said.append(_("An account like this exists that you don't see: ask for access."))
        said.append(_("To add another one all the same, say why."))
        super().__init__(" ".join(said), path=path, code="account_exists")


def refuse_duplicate(by: int, typed: Typed, anyway_reason: str) -> None:
    """Raises Exists where an account of that name, web domain or tax number is here and nobody says why one more.

    For acts. Of what the person may not see they learn that it exists, so often within an hour, and it is recorded.
    """
    if anyway_reason.strip():
        return
    found = looked_up(by, typed)
    if found:
        raise Exists(found)


def looked_up(by: int, typed: Typed) -> Alike:
    """The accounts that are like this; on record where the person does not see all. Raises Conflict when too often."""
    found = alike(reach(), typed)
    if "org" not in reach().relations("account"):
        note_lookup(by, typed, has_found=bool(found.hidden))
    return found


def note_lookup(by: int, typed: Typed, *, has_found: bool) -> None:
    """Keep that somebody asked for what they may not see, and refuse to answer too often (Conflict).

    On the connection beside the request's: it stands also where the request is refused and rolled back.
    """
    values = {
        "person": by,
        "found": has_found,
        "now": now(),
        "since": now() - AN_HOUR,
        **vars(typed),
    }
    with transaction.atomic("aside"), connections["aside"].cursor() as cursor:
        cursor.execute(ALONE, values)
        cursor.execute(ASKED, values)
        count, first = cursor.fetchone()
        if count < MOST_AN_HOUR:
            cursor.execute(NOTE, values)
            return
    message = _(
        "You looked for %(count)s accounts within an hour. Try again after %(at)s, or say why you add it."
    )
    said = {"count": count, "at": format_instant(first + AN_HOUR)}
    raise Conflict(message % said, path="anyway_reason", code="too_many_lookups")


@act
def look_up(*, by: int, name: str, web_domain: str = "", tax_number: str = "") -> Alike:
    """Say whether an account is here already, before one is added; for those who may add accounts.

    Of those that they may not see they learn that there are any. Raises Conflict when asked too often.
    """
    if not reach().relations("account", "create"):
        raise Forbidden(_("You may not add accounts."))
    return looked_up(by, Typed.of(name, web_domain, tax_number))


@act
def ask_access(*, by: int, name: str, reason: str, web_domain: str = "", tax_number: str = "") -> Approval:
    """Ask the administrators to read an account that one does not see but knows by name, web domain or tax number.

    For those who may add accounts. Raises Refused where there is none, or without a reason.
    """
    if not reach().relations("account", "create"):
        raise Forbidden(_("You may not add accounts."))
    if not reason.strip():
        raise Refused(_("Say why; whoever answers reads it."), path="reason", code="reason_needed")
    found = looked_up(by, Typed.of(name, web_domain, tax_number))
    if not found.hidden:
        message = _("There is no account like this, or you see it already.")
        raise Refused(message, path="name", code="no_such_account")
    ids = sorted(found.hidden)
    payload = {"person_id": by, "account_ids": ids}
    known_by = name.strip() or found.typed.web_domain or found.typed.tax_number
    about = _("Access to the account %(name)s") % {"name": known_by}
    key = f"{by}:{','.join(map(str, ids))}"[:120]
    return ask(by=by, kind=ACCESS, asked=Asked(key, about[:200], "", payload, reason.strip()))


@act
def grant_access(*, by: int, approval_id: int, person_id: int, account_ids: Sequence[int]) -> None:
    """Let a person read accounts for good; only out of a granted approval. Raises Forbidden without it."""
    payload = {"person_id": person_id, "account_ids": list(account_ids)}
    check_granted(by=by, approval_id=approval_id, kind=ACCESS, payload=payload)
    reach().require("account", "assign")
    rows = [Participant(account_id=pk, user_id=person_id, reason="asked for access") for pk in account_ids]
    Participant.objects.bulk_create(rows, ignore_conflicts=True)
