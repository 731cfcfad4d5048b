"""What is looked at when the product starts."""

from django.apps import AppConfig

from common.access import table


class CommonConfig(AppConfig):
    """A mistake in the access table stops the start."""

    name = "common"

    def ready(self) -> None:
        table()
