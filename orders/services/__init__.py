"""What may be done with orders: one public function is one business act."""

from orders.services.bookings import book
from orders.services.changing import amend, book_on_another_day, split_anew
from orders.services.counters import cancel, correct
from orders.services.disputes import answer_dispute, put_right, raise_dispute, withdraw_dispute
from orders.services.importing import apply_import, undo_import
from orders.services.inputs import LineInput, ShareInput
from orders.services.keeping import keep_order, keep_won_order
from orders.services.kept import cancel_kept_order, claim_next, claim_order, release_order
from orders.services.openings import OpeningInput, post_opening
from orders.services.papers import note_purchase_order
from orders.services.progress import note_progress
from orders.services.review import add_point, remove_point
from orders.services.winning import send_order_back, win

__all__ = ["LineInput", "OpeningInput", "ShareInput", "amend", "apply_import", "book", "book_on_another_day"]
__all__ += [
    "add_point",
    "answer_dispute",
    "cancel",
    "cancel_kept_order",
    "claim_order",
    "correct",
    "keep_order",
]
__all__ += ["claim_next", "keep_won_order", "release_order"]
__all__ += ["note_progress", "note_purchase_order", "post_opening", "put_right", "remove_point"]
__all__ += ["raise_dispute", "send_order_back", "split_anew", "undo_import", "win", "withdraw_dispute"]
