"""Batches of imported files."""

from imports.models import Batch


def applied_batch(files_hash: str) -> Batch | None:
    """The batch that brought in exactly these files with nothing refused; a refused row may be right by now."""
    return Batch.objects.filter(files_hash=files_hash, rejects=[], finished_at__isnull=False).first()
