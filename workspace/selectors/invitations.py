"""Invitations and their links, and who has not come in yet."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.core.signing import BadSignature, Signer
from django.db.models import Prefetch, Q, QuerySet
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext as _

from common.access import Role
from common.addresses import absolute
from common.history import Change
from common.locale import format_instant
from common.selectors import today
from common.transaction import now, widened
from territories.models import RoleGrant, User
from workspace.models import Event, Invitation, Message

SALT = "invitation"
SHOWN_FOR = timedelta(days=7)
NO_PASSWORD = Q(password__startswith=UNUSABLE_PASSWORD_PREFIX, is_active=True)


def invitation_link(invitation: Invitation) -> str:
    """The address by which a person accepts: computed from the row and the installation's key, kept nowhere."""
    token = Signer(salt=SALT).sign(f"{invitation.pk}.{invitation.nonce}")
    return absolute(reverse("invitation_open", args=[token]))


def invitation_of(token: str) -> Invitation | None:
    """The invitation of a link, which nobody signed in holds; None for a link that was never given."""
    try:
        pk, _dot, nonce = Signer(salt=SALT).unsign(token).partition(".")
    except BadSignature:
        return None
    with widened("invitation"):
        return _invitations().filter(pk=pk, nonce=nonce).first()


def opened_invitation(pk: int) -> Invitation | None:
    """The invitation whose link a browser opened before."""
    with widened("invitation"):
        return _invitations().filter(pk=pk).first()


def open_ones() -> QuerySet[Invitation]:
    """The invitations by which somebody can choose their password now: whoever has one meanwhile needs none."""
    rows = Invitation.objects.filter(accepted_at=None, revoked_at=None, expires_at__gt=now())
    return rows.filter(user__password__startswith=UNUSABLE_PASSWORD_PREFIX, user__is_active=True)


def _invitations() -> QuerySet[Invitation]:
    return Invitation.objects.select_related("user", "by")


@dataclass(frozen=True)
class Stand:
    """How far an invitation got: a stable code, words, and the colour of its badge."""

    code: str
    words: str
    level: str = ""

    @property
    def is_open(self) -> bool:
        return self.code == "open"

    @property
    def is_in(self) -> bool:
        """The person has chosen their password, by this link or by another way."""
        return self.code in ("accepted", "in")


def stand_of(invitation: Invitation | None) -> Stand:
    """How far an invitation got, or that there is none."""
    if invitation is None:
        return Stand("none", _("not invited"))
    if not invitation.user.is_active:
        return Stand("left", _("has left"))
    if invitation.accepted_at:
        at = format_instant(invitation.accepted_at)
        return Stand("accepted", _("accepted %(at)s") % {"at": at}, "good")
    if invitation.revoked_at:
        return Stand("revoked", _("invitation taken back"))
    if invitation.user.has_usable_password():
        return Stand("in", _("has a password"), "good")
    until = {"at": format_instant(invitation.expires_at)}
    if invitation.expires_at > now():
        return Stand("open", _("invited until %(at)s") % until, "accent")
    return Stand("expired", _("invitation ended %(at)s") % until, "warn")


@dataclass(frozen=True)
class Row:
    """A person, how far they have come in by their latest invitation, the link and its mail where it is open."""

    person: User
    invitation: Invitation | None
    stand: Stand
    mail: str = ""

    @property
    def link(self) -> str:
        return invitation_link(self.invitation) if self.invitation and self.stand.is_open else ""

    @property
    def may_be_invited(self) -> bool:
        return self.person.is_active and not self.person.has_usable_password()


def standing(people: Sequence[User]) -> list[Row]:
    """How far these people have come in; their invitations are fetched, newest first."""
    latest = [next(iter(person.invitations.all()), None) for person in people]
    rows = [(person, row, stand_of(row)) for person, row in zip(people, latest, strict=True)]
    mails = _mails([str(row.pk) for _person, row, stand in rows if row and stand.is_open])
    return [
        Row(person, row, stand, _mail_in_words(mails.get(str(row.pk))) if row and stand.is_open else "")
        for person, row, stand in rows
    ]


def _mails(keys: Collection[str]) -> dict[str, Message]:
    """The messages that carry these invitations."""
    if not keys:
        return {}
    with widened("message"):
        return {row.key: row for row in Message.objects.filter(event=Event.INVITED, key__in=keys)}


def _mail_in_words(message: Message | None) -> str:
    """What became of the mail with the link: that it was sent is only said where a mail server took it."""
    if settings.MAIL_KIND != "smtp":
        return _("No mail server is set: copy the link and give it to them.")
    if message is None or not message.mail_due_at:
        return _("No mail goes to them: copy the link and give it to them.")
    if message.mailed_at:
        return _("The mail was sent %(at)s.") % {"at": format_instant(message.mailed_at)}
    if message.mail_error:
        failed = _("The mail server refused the mail: %(error)s. Copy the link and give it to them.")
        return failed % {"error": message.mail_error.rstrip(".")}
    if message.mail_taken_at:
        return _("The mail is being sent, or was broken off: copy the link where it does not arrive.")
    return _("The mail waits to be sent.")


def outside() -> QuerySet[User]:
    """The people who have no password yet, and those who accepted in the last days, each with their invitations."""
    came = Invitation.objects.filter(accepted_at__gt=now() - SHOWN_FOR).values("user_id")
    rows = User.objects.filter(NO_PASSWORD | Q(pk__in=came, is_active=True))
    roles = RoleGrant.objects.current().order_by("starts_on")
    known = Prefetch("role_grants", roles, "roles_known")
    people: QuerySet[User] = rows.annotate(name_key=Lower("name")).prefetch_related("invitations", known)
    return people


def may_be_invited() -> list[tuple[int, str]]:
    """The people who have no password yet, as choices."""
    return [(person.pk, person.name) for person in User.objects.filter(NO_PASSWORD)]


def who_to_ask(invitation: Invitation | None) -> str:
    """The name of who can send a new link: who sent this one, else an administrator; empty where nothing tells."""
    if invitation is None:
        return ""
    if invitation.by and invitation.by.is_active:
        return invitation.by.name
    admins = RoleGrant.objects.on(today()).filter(role=Role.ADMIN, user__is_active=True)
    grant = admins.select_related("user").order_by("starts_on", "pk").first()
    return grant.user.name if grant else ""


def book_of(person: User) -> list[Change]:
    """What became of a person's invitations, in sentences, newest first."""
    lines = []
    for row in person.invitations.select_related("by", "revoked_by"):
        lines.append(Change(row.made_at, _name(row.by), "", _("Invited")))
        if row.accepted_at:
            lines.append(Change(row.accepted_at, person.name, "", _("Accepted the invitation")))
        if row.revoked_at:
            said = _("The invitation was taken back, or replaced by a newer one")
            lines.append(Change(row.revoked_at, _name(row.revoked_by), "", said))
    return sorted(lines, key=lambda line: line.at, reverse=True)


def _name(person: User | None) -> str:
    return person.name if person else _("the system")
