"""Bringing in a folder of files by a profile."""

from imports.services.folders import Applied, import_folder

__all__ = ["Applied", "import_folder"]
