"""Bringing in a folder of files by a profile, or a table of the set-up."""

from imports.services.company import set_up_company
from imports.services.folders import Applied, Count, import_folder
from imports.services.forgetting import forget_contents
from imports.services.tables import apply_table, check_table, look_again
from imports.services.undoing import NotUndone, undo_batch

__all__ = [
    "Applied",
    "Count",
    "NotUndone",
    "apply_table",
    "check_table",
    "forget_contents",
    "import_folder",
    "look_again",
    "set_up_company",
    "undo_batch",
]
