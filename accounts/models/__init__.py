"""Customers, their people, where each of them is by date and why, how they are classified and bundled."""

from accounts.models.accounts import PROFILE, Account, Contact, Participant, match_key
from accounts.models.counts import AccountCount
from accounts.models.merging import AccountMerge, Lookup
from accounts.models.modules import Module, ModuleMember
from accounts.models.places import AccountTerritory, Cause, Coverage, Hold, MovedAccount
from accounts.models.potential import CoverageModel, Potential, TouchNorm
from accounts.models.profiles import ProfileNote, Topic
from accounts.models.rules import Rule, RuleRun
from accounts.models.standing import CLASSES, Classification

__all__ = [
    "CLASSES",
    "PROFILE",
    "Account",
    "AccountCount",
    "AccountMerge",
    "AccountTerritory",
    "Cause",
    "Classification",
    "Contact",
    "Coverage",
    "CoverageModel",
    "Hold",
    "Lookup",
    "Module",
    "ModuleMember",
    "MovedAccount",
    "Participant",
    "Potential",
    "ProfileNote",
    "Rule",
    "RuleRun",
    "Topic",
    "TouchNorm",
    "match_key",
]
