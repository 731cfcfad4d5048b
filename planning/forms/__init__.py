"""Input about people who leave and come back."""

from planning.forms.people import (
    LeaveForm,
    ReturnForm,
)

__all__ = [
    "LeaveForm",
    "ReturnForm",
]
