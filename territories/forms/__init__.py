"""Input about people, the tree and its seats."""

from territories.forms.people import (
    ChangeRoleForm,
    EndRoleForm,
    PhotoForm,
    ProfileForm,
    RoleForm,
    TokenForm,
)
from territories.forms.seats import (
    ChangeSeatForm,
    EndSeatForm,
    SeatForm,
)
from territories.forms.tree import (
    MoveForm,
    TerritoryField,
    TerritoryForm,
)

__all__ = [
    "ChangeRoleForm",
    "ChangeSeatForm",
    "EndRoleForm",
    "EndSeatForm",
    "MoveForm",
    "PhotoForm",
    "ProfileForm",
    "RoleForm",
    "SeatForm",
    "TerritoryField",
    "TerritoryForm",
    "TokenForm",
]
