"""What may be done with deals and activities: one public function is one business act."""

from pipeline.rules.sales_models import StageInput
from pipeline.services.activities import complete_activity, complete_step, log_activity
from pipeline.services.attendance import add_guest, change_guest, remove_guest
from pipeline.services.bulk import change_opportunities
from pipeline.services.calendars import make_calendar_link, revoke_calendar_link
from pipeline.services.checks import deal_for
from pipeline.services.cloning import clone_opportunity
from pipeline.services.competitors import add_competitor, edit_competitor, remove_competitor
from pipeline.services.concessions import add_concession, edit_concession, remove_concession
from pipeline.services.converting import AccountInput, ContactInput, DealInput, convert_lead
from pipeline.services.deal_merging import merge_deals
from pipeline.services.editing import EDITABLE
from pipeline.services.events import create_event, edit_event
from pipeline.services.follow import follow_accounts, follow_territories, follow_waiting
from pipeline.services.handover import give_opportunity, hand_over
from pipeline.services.importing import apply_import, undo_import
from pipeline.services.importing_leads import import_leads, undo_leads
from pipeline.services.leads import (
    LEAD_FIELDS,
    LeadExists,
    create_lead,
    disqualify_lead,
    edit_lead,
    give_lead,
    reopen_lead,
)
from pipeline.services.lines import LineInput, set_lines
from pipeline.services.opportunities import add_participants, create_opportunity, edit_opportunity
from pipeline.services.passing import pass_work
from pipeline.services.qualifying import answer_question, tick_criterion
from pipeline.services.requirements import add_requirement, edit_requirement, remove_requirement
from pipeline.services.sales_models import (
    create_model,
    make_usual,
    publish_model,
    rename_model,
    retire_model,
    start_model,
)
from pipeline.services.splits import PartInput, set_split
from pipeline.services.stages import (
    close_won,
    lose_opportunity,
    move_stage,
    note_won,
    send_back,
    settle_won,
    won_on_another_day,
)
from pipeline.services.stakeholders import add_stakeholder, edit_stakeholder, remove_stakeholder
from pipeline.services.targets import set_target
from pipeline.services.team import add_to_team, change_role, end_in_team
from pipeline.services.untouched import tell_untouched

__all__ = [
    "EDITABLE",
    "LineInput",
    "StageInput",
    "add_participants",
    "answer_question",
    "apply_import",
    "change_opportunities",
    "close_won",
    "complete_activity",
    "complete_step",
]
__all__ += [
    "create_model",
    "create_opportunity",
    "deal_for",
    "edit_opportunity",
    "follow_accounts",
    "follow_territories",
    "follow_waiting",
    "hand_over",
    "log_activity",
]
__all__ += ["make_usual", "publish_model", "rename_model", "retire_model", "start_model", "tick_criterion"]
__all__ += ["move_stage", "note_won", "pass_work", "set_lines", "undo_import"]
__all__ += [
    "LEAD_FIELDS",
    "AccountInput",
    "ContactInput",
    "DealInput",
    "LeadExists",
    "convert_lead",
    "create_event",
]
__all__ += [
    "create_lead",
    "disqualify_lead",
    "edit_event",
    "edit_lead",
    "give_lead",
    "import_leads",
    "reopen_lead",
]
__all__ += ["tell_untouched", "undo_leads"]
__all__ += ["PartInput", "add_to_team", "change_role", "end_in_team", "set_split"]
__all__ += ["add_competitor", "add_concession", "add_requirement", "add_stakeholder"]
__all__ += ["edit_competitor", "edit_concession", "edit_requirement", "edit_stakeholder"]
__all__ += ["remove_competitor", "remove_concession", "remove_requirement", "remove_stakeholder"]
__all__ += ["clone_opportunity", "give_opportunity", "lose_opportunity", "merge_deals"]
__all__ += ["send_back", "settle_won", "won_on_another_day"]
__all__ += [
    "add_guest",
    "change_guest",
    "make_calendar_link",
    "remove_guest",
    "revoke_calendar_link",
    "set_target",
]
