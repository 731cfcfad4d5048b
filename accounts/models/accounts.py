"""Customers and their people."""

from typing import Any, Self

import pghistory
from django.db import models
from django.db.models import PROTECT, F, Func, Q, Value
from django.db.models.functions import Concat, Lower, Now, Trim, Upper
from django.utils.translation import gettext_lazy as _

from accounts.models.counts import counted
from common.models import Editable, EditableQuerySet, by_request, undone_only
from common.noting import noted, noted_for
from territories.models import Territory, User
from workspace.models import own_column

PROFILE = (
    "name number industry employees annual_revenue_minor town region country postcode web_domain tax_number"
).split()
LEGAL = (
    "ab ag aps as bv co company corp corporation eg ev gmbh inc incorporated kft kg limited llc llp lp ltd mbh nv "
    "ohg oy oyj plc pte pty sa sarl sas se sl spa sro srl ug"
).split()
"""What companies write after their names, without dots."""


class Replaced(Func):
    """A text in which a pattern is replaced everywhere."""

    function = "regexp_replace"
    template = "%(function)s(%(expressions)s, 'g')"

    def __init__(self, text: Any, pattern: str, new: str) -> None:
        super().__init__(text, Value(pattern), Value(new), output_field=models.CharField())


def match_key(name: Any) -> Func:
    """By what a name is found again however it is written: "ACME, Inc." and "Acme  GmbH" are both "acme"."""
    words = Replaced(Replaced(Lower(name), r"[.'’`]", ""), r"[^[:alnum:]]+", " ")
    return Replaced(Trim(words), f"(?<=[^ ])( ({'|'.join(LEGAL)}))+$", "")


def phone_digits(column: str) -> Func:
    """By what a phone number is found again (`accounts.rules.matching.phone_key`): "+49 (0)30 12-34" is "49301234"."""
    return Replaced(Replaced(column, r"\(0\)|[^0-9]", ""), "^00", "")


def email_key() -> models.GeneratedField:
    """An e-mail address in small letters: a plain column, because row policies keep lower(email) out of an index."""
    key = models.CharField(max_length=254, db_collation="C")
    return models.GeneratedField(expression=Lower("email"), output_field=key, db_persist=True)


def phone_key() -> models.GeneratedField:
    key = models.CharField(max_length=40, db_collation="C")
    return models.GeneratedField(expression=phone_digits("phone"), output_field=key, db_persist=True)


BLANKS = " \t\u00a0\u202f"
KEYS = [f"{name}_key" for name in ("country", "region", "postcode", "industry", "segment", "tier")]
"""By what rules look at accounts, however it is written (`accounts.rules.conditions.key_of`)."""


def rule_key(column: str, letters: type[Func] = Lower, without: str = BLANKS) -> models.GeneratedField:
    """A text without blanks, all of it in small or in capital letters."""
    bare = Func(column, Value(without), Value(""), function="translate", output_field=models.CharField())
    key = models.CharField(max_length=80, db_collation="C")
    return models.GeneratedField(expression=letters(bare), output_field=key, db_persist=True)


PLACES = ("territory_id", "specialist_territory_id", "partner_territory_id")
CONTACTS = ("contact", "accounts_contact", "account_id")


class AccountQuerySet(EditableQuerySet):
    """Chains over accounts."""

    def standing(self) -> Self:
        """Those that were not merged into another one."""
        return self.filter(merged_into=None)


@pghistory.track(
    exclude=["name_key", "match_key", "place_key", *KEYS], meta=by_request("accountevent_request")
)
class Account(Editable):
    """A customer or prospect.

    What is dated stands here as it is today: where it is (`AccountTerritory` says it for any day; `territory` in the
    field, the others for specialists and partners), and how it is classified (`Classification`).
    """

    name = models.CharField(_("name"), max_length=160)
    # Lists are ordered and searched by it: a plain column, because row policies keep lower(name) out of an index.
    name_key = models.GeneratedField(
        expression=Lower("name"),
        output_field=models.CharField(max_length=160, db_collation="C"),
        db_persist=True,
    )
    match_key = models.GeneratedField(
        expression=match_key("name"),
        output_field=models.CharField(max_length=160, db_collation="C"),
        db_persist=True,
    )
    number = models.CharField(_("number"), max_length=40, unique=True)
    industry = models.CharField(_("industry"), max_length=80, blank=True)
    employees = models.PositiveIntegerField(_("employees"), null=True, blank=True)
    annual_revenue_minor = models.BigIntegerField(_("annual revenue"), null=True, blank=True)
    town = models.CharField(_("town"), max_length=80, blank=True)
    region = models.CharField(_("state or region"), max_length=80, blank=True)
    country = models.CharField(_("country"), max_length=80, blank=True)
    postcode = models.CharField(_("postcode"), max_length=16, blank=True)
    web_domain = models.CharField(_("web domain"), max_length=120, blank=True, db_default="")
    tax_number = models.CharField(_("tax number"), max_length=40, blank=True, db_default="")
    place_key = models.GeneratedField(
        expression=Lower(Concat("town", Value(", "), "region", Value(", "), "country")),
        output_field=models.CharField(max_length=250, db_collation="C"),
        db_persist=True,
    )
    country_key = rule_key("country")
    region_key = rule_key("region")
    postcode_key = rule_key("postcode", Upper, BLANKS + "-")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=PROTECT, related_name="subsidiaries")
    territory = models.ForeignKey(Territory, on_delete=PROTECT, related_name="accounts", editable=False)
    specialist_territory = models.ForeignKey(
        Territory, null=True, on_delete=PROTECT, related_name="specialist_accounts", editable=False
    )
    partner_territory = models.ForeignKey(
        Territory, null=True, on_delete=PROTECT, related_name="partner_accounts", editable=False
    )
    segment = models.CharField(_("segment"), max_length=80, blank=True, db_default="", editable=False)
    tier = models.CharField(_("tier"), max_length=80, blank=True, db_default="", editable=False)
    business_unit = models.CharField(
        _("business unit"), max_length=80, blank=True, db_default="", editable=False
    )
    is_strategic = models.BooleanField(_("strategic"), default=False, db_default=False, editable=False)
    industry_key = rule_key("industry")
    segment_key = rule_key("segment")
    tier_key = rule_key("tier")
    merged_into = models.ForeignKey(
        "self", null=True, on_delete=PROTECT, related_name="duplicates", editable=False
    )
    first_ordered_on = models.DateField(null=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    own = own_column()

    objects = AccountQuerySet.as_manager()

    class Meta(Editable.Meta):
        triggers = [undone_only(), *counted(), *noted("account", PLACES, followed_by=[CONTACTS])]
        ordering = ["name_key", "id"]
        constraints = [
            models.CheckConstraint(
                name="account_not_own_parent",
                condition=Q(parent=None) | ~Q(parent=F("id")),
                violation_error_message=_("An account can't be its own parent."),
            )
        ]
        indexes = [
            models.Index(name="account_territory_name_key", fields=["territory", "name_key", "id"]),
            models.Index(name="account_name_key", fields=["name_key", "id"]),
            models.Index(name="account_match_key", fields=["match_key"]),
            models.Index(name="account_rule_place", fields=["country_key", "region_key"]),
            models.Index(name="account_rule_postcode", fields=["postcode_key"]),
            models.Index(name="account_domain", fields=["web_domain"], condition=~Q(web_domain="")),
            models.Index(name="account_tax_number", fields=["tax_number"], condition=~Q(tax_number="")),
            models.Index(
                name="account_specialist",
                fields=["specialist_territory"],
                condition=Q(specialist_territory__isnull=False),
            ),
            models.Index(
                name="account_partner",
                fields=["partner_territory"],
                condition=Q(partner_territory__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def parent_name(self) -> str:
        """The parent's name where the reader may see it."""
        parent = Account.objects.filter(pk=self.parent_id).first() if self.parent_id else None
        return parent.name if parent else ""


class Participant(models.Model):
    """A person who may read an account because credit or a team touched it; never removed."""

    account = models.ForeignKey(Account, on_delete=PROTECT, related_name="participants")
    user = models.ForeignKey(User, on_delete=PROTECT, related_name="account_participations")
    reason = models.CharField(max_length=80)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        triggers = [noted_for("account", "account_id", followed_by=[CONTACTS])]
        constraints = [models.UniqueConstraint(name="account_participant_once", fields=["user", "account"])]

    def __str__(self) -> str:
        return f"{self.user_id} on {self.account_id}"


@pghistory.track(exclude=["name_key", "email_key", "phone_key"])
class Contact(Editable):
    """A person at an account."""

    class Seniority(models.TextChoices):
        EXECUTIVE = "executive", _("C-level")
        VICE_PRESIDENT = "vice", _("vice president")
        DIRECTOR = "director", _("director")
        MANAGER = "manager", _("manager")
        STAFF = "staff", _("staff")

    account = models.ForeignKey(Account, on_delete=PROTECT, related_name="contacts")
    name = models.CharField(_("name"), max_length=120)
    title = models.CharField(_("job title"), max_length=120, blank=True)
    seniority = models.CharField(
        _("seniority"), max_length=9, choices=Seniority, blank=True, default="", db_default=""
    )
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    name_key = models.GeneratedField(
        expression=Lower("name"),
        output_field=models.CharField(max_length=120, db_collation="C"),
        db_persist=True,
    )
    email_key = email_key()
    phone_key = phone_key()
    own = own_column()

    class Meta(Editable.Meta):
        triggers = [*noted("contact", ["account_id"])]
        ordering = [Lower("name"), "id"]
        indexes = [
            models.Index(name="contact_email", fields=["email_key"], condition=~Q(email_key="")),
            models.Index(name="contact_name_key", fields=["name_key", "id"]),
            models.Index(name="contact_phone", fields=["phone_key"], condition=~Q(phone_key="")),
        ]

    def __str__(self) -> str:
        return self.name
