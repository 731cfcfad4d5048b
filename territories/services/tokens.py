"""A person's own keys to the API."""

import secrets
from collections.abc import Sequence
from datetime import timedelta

from django.db.models.functions import Now
from django.utils.translation import gettext as _

from common.access import found
from common.errors import Refused
from common.selectors import policy
from common.transaction import act, now
from territories.models import ApiToken, User
from territories.selectors import token_digest

SCOPES = ("read", "write")


@act
def make_token(*, by: int, name: str, scopes: Sequence[str], days: int) -> tuple[ApiToken, str]:
    """Make an own API token for a number of days; its secret is given back once and only its hash is kept."""
    if not scopes or set(scopes) - set(SCOPES):
        raise Refused(_("A token may read, or read and write."), path="scopes")
    longest = policy("token_days")
    if not 1 <= days <= longest:
        raise Refused(_("A token lives from 1 to %(most)s days.") % {"most": longest}, path="days")
    secret = secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user_id=by,
        name=name.strip(),
        digest=token_digest(secret),
        way_in=User.objects.get(pk=by).get_session_auth_hash(),
        scopes=[scope for scope in SCOPES if scope in scopes],
        expires_at=now() + timedelta(days=days),
    )
    return token, secret


@act
def revoke_token(*, by: int, token_id: int) -> None:
    """Take back an own token at once. Raises NotInReach for another person's."""
    token = found(ApiToken.objects.filter(pk=token_id, user_id=by).first())
    ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=Now())
