"""Pages of the catalogue: everybody reads them, administrators change them."""
