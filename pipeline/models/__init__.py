"""Deals in play: ways of selling, leads, opportunities with all that is known of them, and activities."""

from pipeline.models.activities import Activity, ActivityContact
from pipeline.models.around import Answer, Competitor, Concession, Requirement, Stakeholder, Tick
from pipeline.models.attendance import Attendance, EventContact, EventLead
from pipeline.models.leads import Lead, LeadQuerySet, SalesEvent
from pipeline.models.opportunities import (
    Channel,
    Motion,
    Opportunity,
    OpportunityLine,
    OpportunityQuerySet,
    Participant,
    StageVisit,
)
from pipeline.models.plans import Milestone, PlanStep, PlanTemplate
from pipeline.models.stages import (
    OPEN_CATEGORIES,
    Category,
    Criterion,
    ModelVersion,
    Question,
    SalesModel,
    Stage,
)
from pipeline.models.standings import Standing, StandingQuerySet
from pipeline.models.targets import MOST_TARGET, ActivityTarget, CalendarLink
from pipeline.models.team import WHOLE, Split, SplitPart, TeamMember

__all__ = [
    "MOST_TARGET",
    "OPEN_CATEGORIES",
    "WHOLE",
    "Activity",
    "ActivityContact",
    "ActivityTarget",
    "Answer",
    "Attendance",
    "CalendarLink",
    "Category",
    "Channel",
    "Competitor",
    "Concession",
    "Criterion",
    "EventContact",
    "EventLead",
    "Lead",
    "LeadQuerySet",
    "Milestone",
    "ModelVersion",
    "Motion",
    "Opportunity",
    "OpportunityLine",
    "OpportunityQuerySet",
    "Participant",
    "PlanStep",
    "PlanTemplate",
    "Question",
    "Requirement",
    "SalesEvent",
    "SalesModel",
    "Split",
    "SplitPart",
    "Stage",
    "StageVisit",
    "Stakeholder",
    "Standing",
    "StandingQuerySet",
    "TeamMember",
    "Tick",
]
