"""What must survive a rollback goes over its own connection."""

from typing import Any


class AsideRouter:
    """Sends the cache table to the autocommit alias `aside`."""

    def db_for_read(self, model: Any, **hints: Any) -> str | None:
        return "aside" if model._meta.app_label == "django_cache" else None

    db_for_write = db_for_read

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        return None if db == "default" else False
