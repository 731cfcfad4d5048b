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
    ChangeVacancyForm,
    DropVacancyForm,
    EndSeatForm,
    SeatForm,
    VacancyForm,
    ramp_field,
)
from territories.forms.tree import (
    MoveForm,
    RenameForm,
    TerritoryEditForm,
    TerritoryField,
    TerritoryForm,
)

__all__ = [
    "ChangeRoleForm",
    "ChangeSeatForm",
    "ChangeVacancyForm",
    "DropVacancyForm",
    "EndRoleForm",
    "EndSeatForm",
    "MoveForm",
    "PhotoForm",
    "ProfileForm",
    "RenameForm",
    "RoleForm",
    "SeatForm",
    "TerritoryEditForm",
    "TerritoryField",
    "TerritoryForm",
    "TokenForm",
    "VacancyForm",
    "ramp_field",
]
