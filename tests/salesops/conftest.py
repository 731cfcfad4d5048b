"""Installations without a company."""

from tests.prepared import empty_as_owner, prepared

__all__ = ["empty_as_owner", "prepared"]
