"""Leads: who might buy and is not a deal yet, and the events at which people are met."""

from typing import Self

import pghistory
from django.db import models
from django.db.models import PROTECT, F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Contact
from accounts.models.accounts import email_key, match_key, phone_key
from common.models import Editable, EditableQuerySet, by_request, undone_only
from common.noting import noted
from pipeline.models.opportunities import Opportunity
from territories.models import Partner, PartnerRep, Territory, User
from workspace.models import own_column


@pghistory.track()
class SalesEvent(Editable):
    """A fair, a meeting of the community, a dinner: when and where, what it cost, and whose it is."""

    name = models.CharField(_("name"), max_length=120)
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    place = models.CharField(_("place"), max_length=120, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    cost_minor = models.BigIntegerField(_("cost"), null=True, blank=True)
    owner = models.ForeignKey(User, on_delete=PROTECT, related_name="+", verbose_name=_("owner"))

    class Meta(Editable.Meta):
        ordering = ["-starts_on", "-id"]
        constraints = [
            models.CheckConstraint(
                name="salesevent_days",
                condition=Q(ends_on__gte=F("starts_on")),
                violation_error_message=_("The last day comes after the first one, or is the same."),
            ),
            models.CheckConstraint(
                name="salesevent_cost",
                condition=Q(cost_minor=None) | Q(cost_minor__gte=0),
                violation_error_message=_("A cost is zero or more."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class LeadQuerySet(EditableQuerySet):
    """Chains over leads."""

    def open(self) -> Self:
        return self.filter(state=Lead.State.OPEN)


@pghistory.track(
    exclude=["name_key", "company_key", "email_key", "phone_key", "untouched_alerts"],
    meta=by_request("leadevent_request"),
)
class Lead(Editable):
    """Somebody who might buy: a person, a company, and at least one way to reach them.

    `owned_at` is when it came to its owner, `touched_at` when something was done with it first since then, and
    `untouched_alerts` how often somebody was told that nothing was: 1 the owner, 2 their lead too. It ends as
    converted, into an account and perhaps a deal, or as disqualified with a reason.
    """

    class State(models.TextChoices):
        OPEN = "open", _("open")
        CONVERTED = "converted", _("converted")
        DISQUALIFIED = "disqualified", _("disqualified")

    class Origin(models.TextChoices):
        SELF = "self", _("self-sourced")
        PARTNER = "partner", _("partner")
        EVENT = "event", _("event")
        INBOUND = "inbound", _("inbound")

    number = models.CharField(max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    company = models.CharField(_("company"), max_length=160, blank=True)
    title = models.CharField(_("job title"), max_length=120, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    web_domain = models.CharField(_("web domain"), max_length=120, blank=True)
    country = models.CharField(_("country"), max_length=80, blank=True)
    region = models.CharField(_("state or region"), max_length=80, blank=True)
    town = models.CharField(_("town"), max_length=80, blank=True)
    interest = models.CharField(_("interested in"), max_length=500, blank=True)
    origin = models.CharField(_("origin"), max_length=10, choices=Origin, default=Origin.SELF)
    source = models.CharField(_("source"), max_length=80, blank=True)
    tactic = models.CharField(_("tactic"), max_length=80, blank=True)
    partner = models.ForeignKey(
        Partner, null=True, blank=True, on_delete=PROTECT, related_name="+", verbose_name=_("partner")
    )
    partner_rep = models.ForeignKey(
        PartnerRep,
        null=True,
        blank=True,
        on_delete=PROTECT,
        related_name="+",
        verbose_name=_("their representative"),
    )
    event = models.ForeignKey(
        SalesEvent, null=True, blank=True, on_delete=PROTECT, related_name="leads", verbose_name=_("event")
    )
    owner = models.ForeignKey(User, on_delete=PROTECT, related_name="leads", verbose_name=_("owner"))
    territory = models.ForeignKey(Territory, on_delete=PROTECT, related_name="+", verbose_name=_("territory"))
    state = models.CharField(max_length=12, choices=State, default=State.OPEN)
    reason = models.CharField(_("why it was disqualified"), max_length=80, blank=True)
    created_on = models.DateField(editable=False)
    owned_at = models.DateTimeField(editable=False)
    touched_at = models.DateTimeField(null=True, editable=False)
    untouched_alerts = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)
    own = own_column()
    closed_on = models.DateField(null=True, editable=False)
    account = models.ForeignKey(Account, null=True, on_delete=PROTECT, related_name="leads", editable=False)
    contact = models.ForeignKey(Contact, null=True, on_delete=PROTECT, related_name="leads", editable=False)
    opportunity = models.ForeignKey(
        Opportunity, null=True, on_delete=PROTECT, related_name="leads", editable=False
    )
    name_key = models.GeneratedField(
        expression=Lower("name"),
        output_field=models.CharField(max_length=120, db_collation="C"),
        db_persist=True,
    )
    company_key = models.GeneratedField(
        expression=match_key("company"),
        output_field=models.CharField(max_length=160, db_collation="C"),
        db_persist=True,
    )

    email_key = email_key()
    phone_key = phone_key()

    objects = LeadQuerySet.as_manager()

    class Meta(Editable.Meta):
        triggers = [undone_only(), *noted("lead", ["owner_id", "territory_id"], state="state")]
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="lead_is_somebody",
                condition=~Q(name="") | ~Q(company=""),
                violation_error_message=_("Say who it is: a person, a company or both."),
            ),
            models.CheckConstraint(
                name="lead_can_be_reached",
                condition=~Q(email="") | ~Q(phone="") | ~Q(web_domain=""),
                violation_error_message=_(
                    "Give at least one way to reach them: e-mail, phone or web domain."
                ),
            ),
            models.CheckConstraint(
                name="lead_outcome",
                condition=Q(state="open", closed_on=None, account=None, reason="")
                | Q(state="converted", closed_on__isnull=False, account__isnull=False, reason="")
                | (Q(state="disqualified", closed_on__isnull=False, account=None) & ~Q(reason="")),
            ),
            models.CheckConstraint(
                name="lead_origin",
                condition=(
                    Q(origin="partner", partner__isnull=False)
                    | (~Q(origin="partner") & Q(partner=None, partner_rep=None))
                )
                & (Q(origin="event", event__isnull=False) | (~Q(origin="event") & Q(event=None))),
                violation_error_message=_(
                    "A partner's lead names the partner, an event's the event; others name none."
                ),
            ),
        ]
        indexes = [
            models.Index(name="lead_owner", fields=["owner", "-id"], condition=Q(state="open")),
            models.Index(name="lead_territory", fields=["territory", "-id"], condition=Q(state="open")),
            models.Index(
                name="lead_untouched", fields=["owned_at"], condition=Q(state="open", touched_at=None)
            ),
            models.Index(name="lead_email", fields=["email_key"], condition=~Q(email_key="")),
            models.Index(name="lead_phone", fields=["phone_key"], condition=~Q(phone_key="")),
            models.Index(name="lead_company", fields=["company_key"], condition=~Q(company_key="")),
            models.Index(name="lead_created", fields=["created_on", "id"]),
            models.Index(name="lead_name", fields=["name_key", "id"]),
        ]

    def __str__(self) -> str:
        return self.name or self.company

    @property
    def is_open(self) -> bool:
        return self.state == Lead.State.OPEN

    @property
    def is_touched(self) -> bool:
        return self.touched_at is not None
