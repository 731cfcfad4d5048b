"""What is known around a deal: criteria ticked, answers, people, competitors, requirements, concessions."""

import pghistory
from django.db import models
from django.db.models import PROTECT, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Contact
from common.models import Editable
from pipeline.models.opportunities import Opportunity
from pipeline.models.stages import Criterion, Question


@pghistory.track()
class Tick(Editable):
    """A criterion of a deal's stage was found to be met, or not any more."""

    opportunity = models.ForeignKey(Opportunity, on_delete=PROTECT, related_name="ticks")
    criterion = models.ForeignKey(Criterion, on_delete=PROTECT, related_name="+")
    is_met = models.BooleanField(default=True)

    class Meta(Editable.Meta):
        constraints = [models.UniqueConstraint(name="tick_once", fields=["opportunity", "criterion"])]

    def __str__(self) -> str:
        return f"{self.criterion_id} of {self.opportunity_id}"


@pghistory.track()
class Answer(Editable):
    """What is known of a deal to one of its model's questions, and how sure it is."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        PARTLY = "partly", _("partly")
        CONFIRMED = "confirmed", _("confirmed")

    opportunity = models.ForeignKey(Opportunity, on_delete=PROTECT, related_name="answers")
    question = models.ForeignKey(Question, on_delete=PROTECT, related_name="+")
    text = models.TextField(_("answer"), max_length=2000, blank=True)
    state = models.CharField(_("how sure"), max_length=10, choices=State, default=State.OPEN)

    class Meta(Editable.Meta):
        constraints = [models.UniqueConstraint(name="answer_once", fields=["opportunity", "question"])]

    def __str__(self) -> str:
        return f"{self.question_id} of {self.opportunity_id}"


@pghistory.track()
class Stakeholder(Editable):
    """A contact of the account with a part in this deal."""

    class Role(models.TextChoices):
        DECIDES = "decides", _("decides")
        BUDGET = "budget", _("holds the budget")
        CHAMPION = "champion", _("champion")
        INFLUENCES = "influences", _("influences")
        EVALUATES = "evaluates", _("evaluates")
        USES = "uses", _("uses")

    class Stance(models.TextChoices):
        UNKNOWN = "unknown", _("unknown")
        FOR = "for", _("for us")
        NEUTRAL = "neutral", _("neutral")
        AGAINST = "against", _("against us")

    opportunity = models.ForeignKey(Opportunity, on_delete=PROTECT, related_name="stakeholders")
    contact = models.ForeignKey(Contact, on_delete=PROTECT, related_name="+", verbose_name=_("contact"))
    role = models.CharField(_("role"), max_length=10, choices=Role)
    stance = models.CharField(_("stance"), max_length=8, choices=Stance, default=Stance.UNKNOWN)
    note = models.CharField(_("note"), max_length=300, blank=True)
    is_removed = models.BooleanField(default=False)

    class Meta(Editable.Meta):
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                name="stakeholder_once",
                fields=["opportunity", "contact"],
                condition=Q(is_removed=False),
                violation_error_message=_("This contact is a stakeholder already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} on {self.opportunity_id}"


@pghistory.track()
class Competitor(Editable):
    """A competitor on a deal, and what is done about it; the incumbent is whom the customer buys from today."""

    opportunity = models.ForeignKey(Opportunity, on_delete=PROTECT, related_name="competitors")
    name = models.CharField(_("competitor"), max_length=80)
    strategy = models.TextField(_("strategy"), max_length=1000, blank=True)
    is_incumbent = models.BooleanField(_("incumbent"), default=False)
    is_removed = models.BooleanField(default=False)

    class Meta(Editable.Meta):
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                name="competitor_once",
                fields=["opportunity", "name"],
                condition=Q(is_removed=False),
                violation_error_message=_("This competitor is on the deal already."),
            ),
            models.UniqueConstraint(
                name="competitor_one_incumbent",
                fields=["opportunity"],
                condition=Q(is_incumbent=True, is_removed=False),
                violation_error_message=_("A deal has one incumbent."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


@pghistory.track()
class Requirement(Editable):
    """Something that the customer needs, and whether what is offered meets it."""

    class Kind(models.TextChoices):
        BUSINESS = "business", _("business")
        TECHNICAL = "technical", _("technical")

    class State(models.TextChoices):
        OPEN = "open", _("open")
        MET = "met", _("met")
        UNMET = "unmet", _("not met")

    opportunity = models.ForeignKey(Opportunity, on_delete=PROTECT, related_name="requirements")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.BUSINESS)
    text = models.CharField(_("requirement"), max_length=500)
    state = models.CharField(_("state"), max_length=6, choices=State, default=State.OPEN)
    is_removed = models.BooleanField(default=False)

    class Meta(Editable.Meta):
        ordering = ["id"]

    def __str__(self) -> str:
        return self.text[:40]


@pghistory.track()
class Concession(Editable):
    """Something that was given to the customer, why, and what was got in return. Worth is in the deal's currency."""

    class Kind(models.TextChoices):
        DISCOUNT = "discount", _("discount")
        TERMS = "terms", _("terms")
        SERVICE = "service", _("service")
        OTHER = "other", _("other")

    opportunity = models.ForeignKey(Opportunity, on_delete=PROTECT, related_name="concessions")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    text = models.CharField(_("what was given"), max_length=300)
    reason = models.CharField(_("reason"), max_length=300)
    in_return = models.CharField(_("what was got in return"), max_length=300, blank=True)
    worth_minor = models.BigIntegerField(_("worth"), null=True, blank=True)
    given_on = models.DateField(_("given on"))
    is_removed = models.BooleanField(default=False)

    class Meta(Editable.Meta):
        ordering = ["-given_on", "-id"]
        constraints = [
            models.CheckConstraint(
                name="concession_worth",
                condition=Q(worth_minor=None) | Q(worth_minor__gte=0),
                violation_error_message=_("What a concession is worth is zero or more."),
            )
        ]

    def __str__(self) -> str:
        return self.text[:40]
