"""What people are told and asked: invitations, messages, approvals, stand-ins, and the lists that forms offer."""

from typing import Any

import pghistory
from django.db import models
from django.db.models import PROTECT, F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from common.access import Role, ScopedQuerySet
from common.dated import Dated, no_overlap, ordered
from common.models import Editable, append_only
from territories.models import User


class SetupLink(models.Model):
    """A link by which the first administrator is made, once; only the hash of its secret is kept."""

    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"set-up link {self.pk}"


class Invitation(models.Model):
    """A person is invited to choose their password. The link is computed from it and the installation's secret key."""

    user = models.ForeignKey(User, on_delete=PROTECT, related_name="invitations")
    nonce = models.CharField(max_length=64)
    by = models.ForeignKey(User, null=True, on_delete=PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(User, null=True, on_delete=PROTECT, related_name="+", db_index=False)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                name="invitation_one_open",
                fields=["user"],
                condition=Q(accepted_at=None, revoked_at=None),
                violation_error_message=_("This person has an open invitation already."),
            )
        ]

    def __str__(self) -> str:
        return f"invitation {self.pk} of {self.user_id}"


class Event(models.TextChoices):
    """What a person can be told of; each chooses how (`Choice`)."""

    INVITED = "invited", _("An invitation to sign in")
    ACCOUNT_CAME = "account_came", _("An account came to me")
    DEAL_CAME = "deal_came", _("A deal came to me")
    DEAL_CHANGED = "deal_changed", _("My deal was changed by somebody else")
    LEAD_CAME = "lead_came", _("A lead came to me")
    LEAD_UNTOUCHED = "lead_untouched", _("A lead of mine is untouched")
    SEAT_CAME = "seat_came", _("A seat came to me")
    SEAT_WENT = "seat_went", _("My seat is handed over")
    REALIGNED = "realigned", _("A realignment touches me")
    UNPUBLISHED = "unpublished", _("A realignment of mine was not published")
    FORECAST_DUE = "forecast_due", _("My forecast call is due within 24 hours")
    FORECAST_LATE = "forecast_late", _("My forecast call is late")
    APPROVAL_ASKED = "approval_asked", _("I am asked to approve or accept")
    APPROVAL_ANSWERED = "approval_answered", _("What I asked for was answered")
    MENTIONED = "mentioned", _("I am mentioned in a comment")
    RUN_FAILED = "run_failed", _("A run failed")
    ADDRESS_CHANGED = "address_changed", _("Another e-mail address to sign in with")


class Delivery(models.TextChoices):
    """How a person hears of an event."""

    PAGE = "page", _("on the page")
    MAIL = "mail", _("e-mail now")
    DIGEST = "digest", _("daily digest")
    OFF = "off", _("not at all")


# In what a message is about: between a thing that was handed over and who has it now.
TO = "\n"


class Message(models.Model):
    """One piece of news for one person: what happened to what, by whom. Told at most once per person, event and key.

    It holds names and the address of a page, no amounts. A mail goes to the person's own e-mail address, or to the one
    that is told that it is, or was, theirs (`address`). It is due at `mail_due_at`; it is taken before it leaves, so
    that it leaves at most once, and given back where the mail server refused it.
    """

    person = models.ForeignKey(User, on_delete=PROTECT, related_name="messages")
    event = models.CharField(max_length=20, choices=Event)
    key = models.CharField(max_length=120)
    about = models.CharField(max_length=200, blank=True)
    count = models.PositiveIntegerField(default=1)
    url = models.CharField(max_length=300, blank=True)
    address = models.EmailField(max_length=254, blank=True, db_default="")
    by = models.ForeignKey(User, null=True, on_delete=PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField(db_default=Now())
    read_at = models.DateTimeField(null=True)
    delivery = models.CharField(max_length=8, choices=Delivery)
    mail_due_at = models.DateTimeField(null=True)
    mail_taken_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)
    mail_tries = models.PositiveSmallIntegerField(default=0)
    mail_error = models.CharField(max_length=200, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(name="message_once", fields=["person", "event", "key"])]
        indexes = [
            models.Index(name="message_unread", fields=["person", "-id"], condition=Q(read_at=None)),
            models.Index(
                name="message_mail_due",
                fields=["mail_due_at"],
                condition=Q(mail_due_at__isnull=False, mail_taken_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} for {self.person_id}"

    @property
    def is_given_up(self) -> bool:
        """The mail server refused its mail so often that it is not tried again."""
        return bool(self.mail_error and self.mail_taken_at and not self.mailed_at)

    @property
    def goes_to(self) -> str:
        """The address that its mail is sent to."""
        return self.address or self.person.email


class Choice(models.Model):
    """How one person wants to hear of one event; without a row the event's default holds."""

    person = models.ForeignKey(User, on_delete=PROTECT, related_name="choices")
    event = models.CharField(max_length=20, choices=Event)
    delivery = models.CharField(max_length=8, choices=Delivery)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(name="choice_once", fields=["person", "event"])]

    def __str__(self) -> str:
        return f"{self.event}: {self.delivery}"


@pghistory.track()
class Approval(Editable):
    """Somebody asks for something that another decides: one person (`approver`), or anybody of a role.

    `kind` names what is done when it is granted (`settings.APPROVALS`), `payload` its values. What waited for a person
    who left is asked of the administrators. `answered_for` is the
    absent approver for whom a stand-in answered. Nobody answers what they asked for themselves.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        GRANTED = "granted", _("granted")
        REFUSED = "refused", _("refused")
        WITHDRAWN = "withdrawn", _("withdrawn")

    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=120)
    about = models.CharField(max_length=200)
    url = models.CharField(max_length=300, blank=True)
    payload: Any = models.JSONField(default=dict)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    asked_by = models.ForeignKey(User, on_delete=PROTECT, related_name="approvals_asked")
    approver = models.ForeignKey(
        User, verbose_name=_("asked of"), null=True, on_delete=PROTECT, related_name="approvals_to_answer"
    )
    role = models.CharField(_("asked of role"), max_length=12, choices=Role, blank=True)
    asked_at = models.DateTimeField(db_default=Now(), editable=False)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    answered_by = models.ForeignKey(User, null=True, on_delete=PROTECT, related_name="+", db_index=False)
    answered_for = models.ForeignKey(User, null=True, on_delete=PROTECT, related_name="+", db_index=False)
    answer = models.CharField(_("answer"), max_length=500, blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta(Editable.Meta):
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                name="approval_waiting_once",
                fields=["kind", "key"],
                condition=Q(state="waiting"),
                violation_error_message=_("This is asked for already, and waits for an answer."),
            ),
            models.CheckConstraint(
                name="approval_one_address",
                condition=Q(approver=None) ^ Q(role=""),
            ),
            models.CheckConstraint(
                name="approval_not_own",
                condition=Q(answered_by=None) | Q(state="withdrawn") | ~Q(answered_by=F("asked_by")),
                violation_error_message=_("Nobody answers what they asked for themselves."),
            ),
            models.CheckConstraint(
                name="approval_answer_whole",
                condition=Q(state="waiting", answered_by=None, answered_at=None)
                | (~Q(state="waiting") & Q(answered_by__isnull=False, answered_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class Comment(models.Model):
    """What somebody wrote about a thing of an app above; never changed. Who may see the thing reads it."""

    class Subject(models.TextChoices):
        ACCOUNT = "account", _("account")
        OPPORTUNITY = "opportunity", _("opportunity")
        ORDER = "order", _("order")
        SUBMISSION = "submission", _("forecast call")
        REALIGNMENT = "realignment", _("realignment")

    subject = models.CharField(max_length=20, choices=Subject)
    subject_id = models.BigIntegerField()
    by = models.ForeignKey(User, on_delete=PROTECT, related_name="comments")
    text = models.CharField(_("comment"), max_length=2000)
    at = models.DateTimeField(db_default=Now(), editable=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        triggers = append_only()
        indexes = [models.Index(name="comment_subject", fields=["subject", "subject_id", "id"])]

    def __str__(self) -> str:
        return self.text[:40]


class Mention(models.Model):
    """A comment names somebody with @; `was_told` where they could see its subject on that day."""

    comment = models.ForeignKey(Comment, on_delete=PROTECT, related_name="mentions")
    person = models.ForeignKey(User, on_delete=PROTECT, related_name="mentions")
    was_told = models.BooleanField()

    class Meta:
        triggers = append_only()
        constraints = [models.UniqueConstraint(name="mention_once", fields=["comment", "person"])]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.comment_id}"


@pghistory.track()
class Document(Editable):
    """A link or a small file beside a thing of an app above. Who may see the thing opens it."""

    class Kind(models.TextChoices):
        CONTRACT = "contract", _("Contract")
        OFFER = "offer", _("Offer")
        OTHER = "other", _("Other")

    subject = models.CharField(max_length=20, choices=Comment.Subject)
    subject_id = models.BigIntegerField()
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.OTHER)
    name = models.CharField(_("name"), max_length=160)
    url = models.URLField(_("link"), max_length=500, blank=True)
    media_type = models.CharField(max_length=120, blank=True)
    size = models.PositiveIntegerField(default=0)
    by = models.ForeignKey(User, on_delete=PROTECT, related_name="documents")
    at = models.DateTimeField(db_default=Now(), editable=False)
    is_removed = models.BooleanField(default=False)

    class Meta(Editable.Meta):
        ordering = ["-id"]
        indexes = [models.Index(name="document_subject", fields=["subject", "subject_id", "id"])]
        constraints = [models.CheckConstraint(name="document_is_one", condition=Q(url="") ^ Q(media_type=""))]

    def __str__(self) -> str:
        return self.name

    @property
    def kilobytes(self) -> int:
        """The size of a file, in thousands of bytes that were begun."""
        return -(-self.size // 1_000)


class DocumentFile(models.Model):
    """What a document that is a file holds, apart from its row so that lists stay light."""

    document = models.OneToOneField(Document, on_delete=PROTECT, related_name="file")
    content = models.BinaryField()

    class Meta:
        triggers = append_only()

    def __str__(self) -> str:
        return f"file of {self.document_id}"


class StandIn(Dated):
    """Somebody answers for an absent person on `[starts_on, stops_on)`."""

    person = models.ForeignKey(User, on_delete=PROTECT, related_name="stand_ins")
    stand_in = models.ForeignKey(User, on_delete=PROTECT, related_name="stands_in_for")
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    recorded_by = models.ForeignKey(User, null=True, on_delete=PROTECT, related_name="+", db_index=False)

    class Meta(Dated.Meta):
        constraints = [
            ordered("standin_ordered"),
            no_overlap(
                "standin_one_a_day", "person", message=_("Somebody stands in on one of these days already.")
            ),
            models.CheckConstraint(
                name="standin_somebody_else",
                condition=~Q(person=F("stand_in")),
                violation_error_message=_("Nobody stands in for themselves."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stand_in_id} for {self.person_id}"


@pghistory.track()
class ListValue(Editable):
    """One value that a form offers, such as a reason why deals are lost; what is not offered any more stays known."""

    class List(models.TextChoices):
        LOST_REASON = "lost_reason", _("Reasons why deals are lost")
        INDUSTRY = "industry", _("Industries")
        SEGMENT = "segment", _("Segments")
        TIER = "tier", _("Tiers")
        BUSINESS_UNIT = "business_unit", _("Business units")
        LEAD_SOURCE = "lead_source", _("Sources of leads")
        TACTIC = "tactic", _("Prospecting tactics")
        DISQUALIFIED = "disqualified", _("Reasons why leads are disqualified")
        WON_REASON = "won_reason", _("Reasons why deals are won")
        COMPETITOR = "competitor", _("Competitors")
        VENDOR = "vendor", _("Vendors")
        TEAM_ROLE = "team_role", _("Roles in a deal's team")

    list = models.CharField(max_length=20, choices=List)
    value = models.CharField(_("value"), max_length=80)
    position = models.PositiveSmallIntegerField(default=0)
    is_offered = models.BooleanField(default=True)

    class Meta(Editable.Meta):
        ordering = ["list", "position", "id"]
        constraints = [
            models.UniqueConstraint(
                name="listvalue_once",
                fields=["list", "value"],
                violation_error_message=_("That value is in the list already."),
            )
        ]

    def __str__(self) -> str:
        return self.value


class TourSeen(models.Model):
    """A person has been shown the tour of a role."""

    person = models.ForeignKey(User, on_delete=PROTECT, related_name="tours_seen")
    role = models.CharField(max_length=12, choices=Role)
    seen_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(name="tourseen_once", fields=["person", "role"])]

    def __str__(self) -> str:
        return f"{self.role} tour of {self.person_id}"
