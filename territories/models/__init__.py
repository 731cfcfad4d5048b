"""Who a person is, where they sit, and what they lead: people, roles, the tree and its seats, all by date."""

from territories.models.partners import Partner, PartnerRep
from territories.models.people import ApiToken, Photo, RoleGrant, User, Visit
from territories.models.seats import Seat, Vacancy
from territories.models.tree import Edge, Naming, Succession, Territory

__all__ = [
    "ApiToken",
    "Edge",
    "Naming",
    "Partner",
    "PartnerRep",
    "Photo",
    "RoleGrant",
    "Seat",
    "Succession",
    "Territory",
    "User",
    "Vacancy",
    "Visit",
]
