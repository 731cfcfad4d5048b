"""Installations without a company."""

from tests.prepared import empty, empty_as_owner, own_prepared, prepared

__all__ = ["empty", "empty_as_owner", "own_prepared", "prepared"]
