"""Companies through which we sell, and their people."""

import pghistory
from django.db import models
from django.db.models import PROTECT
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from common.models import Editable


@pghistory.track()
class Partner(Editable):
    """A company through which we sell, or that brings us leads."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    is_active = models.BooleanField(default=True)

    class Meta(Editable.Meta):
        ordering = [Lower("name"), "id"]

    def __str__(self) -> str:
        return self.name


@pghistory.track()
class PartnerRep(Editable):
    """A person in the field who works for a partner."""

    partner = models.ForeignKey(Partner, on_delete=PROTECT, related_name="reps")
    name = models.CharField(_("name"), max_length=120)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta(Editable.Meta):
        ordering = [Lower("name"), "id"]

    def __str__(self) -> str:
        return self.name
