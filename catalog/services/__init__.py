"""What may be done with the catalogue: one public function is one business act."""

from catalog.services.families import FAMILY_FIELDS, create_family, edit_family
from catalog.services.importing import apply_import, undo_import
from catalog.services.prices import PriceInput, create_book, edit_book, set_prices
from catalog.services.products import PRODUCT_FIELDS, PartInput, create_product, edit_product, set_parts

__all__ = [
    "FAMILY_FIELDS",
    "PRODUCT_FIELDS",
    "PartInput",
    "PriceInput",
    "apply_import",
    "create_book",
    "create_family",
    "create_product",
    "edit_book",
    "edit_family",
    "edit_product",
    "set_parts",
    "set_prices",
    "undo_import",
]
