"""Bringing in a folder of files by a profile."""

from imports.services.folders import Applied, Count, import_folder

__all__ = ["Applied", "Count", "import_folder"]
