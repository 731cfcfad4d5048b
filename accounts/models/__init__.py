"""Customers, their people, where each of them is by date and why, how they are classified and bundled."""

from accounts.models.accounts import PROFILE, Account, Contact, Participant
from accounts.models.modules import Module, ModuleMember
from accounts.models.places import AccountTerritory, Cause, Coverage, Hold, MovedAccount
from accounts.models.rules import Rule, RuleRun
from accounts.models.standing import CLASSES, Classification

__all__ = [
    "CLASSES",
    "PROFILE",
    "Account",
    "AccountTerritory",
    "Cause",
    "Classification",
    "Contact",
    "Coverage",
    "Hold",
    "Module",
    "ModuleMember",
    "MovedAccount",
    "Participant",
    "Rule",
    "RuleRun",
]
