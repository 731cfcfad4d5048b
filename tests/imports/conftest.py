"""Installations without a company, and the real files that lie beside the project."""

from pathlib import Path

import pytest
from django.conf import settings

from tests.prepared import empty, empty_worker, prepared

__all__ = ["empty", "empty_worker", "prepared"]


@pytest.fixture(scope="session")
def real_files() -> Path:
    """The folder of real inputs: `../shared/data`, seen from the project. Skips the test where it is not there."""
    folder = settings.BASE_DIR.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"there are no real files in {folder}")
    return folder
