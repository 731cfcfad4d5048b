"""Input about customers."""

from accounts.forms.accounts import (
    AccessForm,
    AccountCreateForm,
    AccountEditForm,
    AccountForm,
)
from accounts.forms.contacts import (
    ContactEditForm,
    ContactForm,
)
from accounts.forms.places import (
    CoverageField,
    EndHoldForm,
    HoldForm,
    PlaceField,
    TerritoryFilterForm,
)
from accounts.forms.potential import (
    CoverageModelForm,
    NormForm,
    PotentialForm,
)
from accounts.forms.profiles import (
    ProfileForm,
)
from accounts.forms.standing import (
    ClassifyForm,
    ClassifyManyForm,
)

__all__ = [
    "AccessForm",
    "AccountCreateForm",
    "AccountEditForm",
    "AccountForm",
    "ClassifyForm",
    "ClassifyManyForm",
    "ContactEditForm",
    "ContactForm",
    "CoverageField",
    "CoverageModelForm",
    "EndHoldForm",
    "HoldForm",
    "NormForm",
    "PlaceField",
    "PotentialForm",
    "ProfileForm",
    "TerritoryFilterForm",
]
