"""Input about people who leave and come back."""

from planning.forms.assign import AssignAccountsForm, ChosenForm
from planning.forms.people import (
    LeaveForm,
    ReturnForm,
)
from planning.forms.tree import MergeForm, RetireForm, SplitForm

__all__ = [
    "AssignAccountsForm",
    "ChosenForm",
    "LeaveForm",
    "MergeForm",
    "RetireForm",
    "ReturnForm",
    "SplitForm",
]
