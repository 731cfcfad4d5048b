"""Stages as forms offer them."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from pipeline.models import Stage


def by_model(stages: Sequence[Stage]) -> list[tuple[Any, Any]]:
    """Choices of stages, under the names of their sales models where these are several."""
    groups = [
        (name, [(stage.pk, stage.name) for stage in rows])
        for name, rows in groupby(stages, key=lambda stage: stage.sales_model.name)
    ]
    return groups if len(groups) > 1 else [choice for _name, choices in groups for choice in choices]
