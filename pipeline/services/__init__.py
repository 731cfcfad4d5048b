"""What may be done with deals and activities: one public function is one business act."""

from pipeline.services.activities import complete_activity, log_activity
from pipeline.services.checks import deal_for
from pipeline.services.follow import follow_accounts, follow_territories, follow_waiting
from pipeline.services.handover import hand_over
from pipeline.services.importing import apply_import, undo_import
from pipeline.services.lines import LineInput, set_lines
from pipeline.services.opportunities import EDITABLE, add_participants, create_opportunity, edit_opportunity
from pipeline.services.passing import pass_work
from pipeline.services.stages import close_won, move_stage

__all__ = ["EDITABLE", "LineInput", "add_participants", "apply_import", "close_won", "complete_activity"]
__all__ += [
    "create_opportunity",
    "deal_for",
    "edit_opportunity",
    "follow_accounts",
    "follow_territories",
    "follow_waiting",
    "hand_over",
    "log_activity",
]
__all__ += ["move_stage", "pass_work", "set_lines", "undo_import"]
