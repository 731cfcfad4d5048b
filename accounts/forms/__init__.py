"""Input about customers."""

from accounts.forms.accounts import (
    AccountCreateForm,
    AccountEditForm,
    AccountForm,
)
from accounts.forms.contacts import (
    ContactEditForm,
    ContactForm,
)
from accounts.forms.places import (
    AssignForm,
)

__all__ = [
    "AccountCreateForm",
    "AccountEditForm",
    "AccountForm",
    "AssignForm",
    "ContactEditForm",
    "ContactForm",
]
