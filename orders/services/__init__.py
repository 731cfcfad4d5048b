"""What may be done with orders: one public function is one business act."""

from orders.services.bookings import book, note_purchase_order
from orders.services.counters import cancel, correct
from orders.services.importing import apply_import, undo_import
from orders.services.openings import OpeningInput, post_opening
from orders.services.posting import LineInput, ShareInput
from orders.services.winning import send_order_back, win

__all__ = ["LineInput", "OpeningInput", "ShareInput", "apply_import", "book", "cancel", "correct"]
__all__ += ["note_purchase_order", "post_opening", "send_order_back", "undo_import", "win"]
