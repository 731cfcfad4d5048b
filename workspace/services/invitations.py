"""Invitations: each lets one person in once, to choose a password."""

import secrets
from collections.abc import Collection
from datetime import timedelta

from django.utils.translation import gettext as _

from common.access import found
from common.errors import Conflict, Refused
from common.selectors import policy, the_organisation
from common.transaction import act, because, now, reach, widened
from territories.models import User
from territories.services import choose_password
from workspace.models import Event, Invitation
from workspace.selectors.invitations import open_ones
from workspace.services.messages import Told, tell_each


@act
def invite(*, by: int, user_ids: Collection[int]) -> list[Invitation]:
    """Send these people a link by which they choose a password, for some days (a setting); administrators only.

    An earlier link of theirs stops working. Who has a password or has left is passed over. Raises Refused where
    nobody is left to invite.
    """
    reach().require("invitation", "create")
    rows = User.objects.filter(pk__in=user_ids, is_active=True).order_by("pk")
    people = [row for row in rows.select_for_update(no_key=True) if not row.has_usable_password()]
    if not people:
        raise Refused(_("Choose at least one person who has no password yet."), path="user_ids")
    close(by=by, user_ids=[person.pk for person in people])
    stop = now() + timedelta(days=policy("invitation_days"))
    made = Invitation.objects.bulk_create(
        Invitation(user=person, nonce=secrets.token_urlsafe(24), by_id=by, made_at=now(), expires_at=stop)
        for person in people
    )
    company = the_organisation().name
    news = [Told(invitation.user_id, str(invitation.pk), company) for invitation in made]
    tell_each(event=Event.INVITED, by=by, news=news)
    return made


@act
def revoke(*, by: int, invitation_id: int) -> Invitation:
    """Take an invitation back: its link stops working; administrators only. Raises Conflict for a closed one."""
    reach().require("invitation", "create")
    invitation: Invitation = found(Invitation.objects.filter(pk=invitation_id).select_related("user").first())
    if not close(by=by, user_ids=[invitation.user_id], only=invitation_id):
        raise Conflict(_("This invitation is no longer open."))
    return invitation


def close(*, by: int, user_ids: Collection[int], only: int | None = None) -> int:
    """Take back the open invitations of these people, or `only` that one; part of acts that checked authority."""
    rows = Invitation.objects.filter(user_id__in=user_ids, accepted_at=None, revoked_at=None)
    rows = rows if only is None else rows.filter(pk=only)
    return rows.update(revoked_at=now(), revoked_by_id=by)


@act
def accept(*, by: int, invitation_id: int, password: str) -> None:
    """Use one's own invitation up by choosing a password; whoever signed in with an older one is signed out.

    Whoever has its link. Raises Conflict where it was used or ended, or a password was chosen by another way, Refused
    for an easy password.
    """
    with widened("invitation"), because(_("invitation accepted")):
        # The person first, as who invites them anew or lets them go does: otherwise each would wait for the other.
        User.objects.select_for_update(no_key=True).get(pk=by)
        if not open_ones().filter(pk=invitation_id, user_id=by).update(accepted_at=now()):
            raise Conflict(_("This invitation is no longer open."), code="invitation_over")
        choose_password(by=by, password=password)
