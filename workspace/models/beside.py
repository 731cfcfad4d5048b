"""Comments and documents beside the things of the apps above."""

import pghistory
from django.db import models
from django.db.models import PROTECT, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from common.access import ScopedQuerySet
from common.models import Editable, append_only
from territories.models import User


class Comment(models.Model):
    """What somebody wrote about a thing of an app above; never changed. Who may see the thing reads it."""

    class Subject(models.TextChoices):
        ACCOUNT = "account", _("account")
        OPPORTUNITY = "opportunity", _("opportunity")
        ORDER = "order", _("order")
        SUBMISSION = "submission", _("forecast call")
        REALIGNMENT = "realignment", _("realignment")
        DISPUTE = "dispute", _("dispute")

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
