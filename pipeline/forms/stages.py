"""Stages as forms offer them."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from django import forms

from pipeline.models import Stage


class StageSelect(forms.Select):
    """Stages, each with its kind, by which a form shows the fields that it asks for."""

    kinds: Mapping[int, str] = {}

    def create_option(self, name: str, value: Any, *args: Any, **more: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(name, value, *args, **more)
        option["attrs"]["data-kind"] = self.kinds[value]
        return option


def by_model(stages: Sequence[Stage]) -> list[tuple[Any, Any]]:
    """Choices of stages, under the names of their sales models where these are several."""
    groups = [
        (name, [(stage.pk, stage.name) for stage in rows])
        for name, rows in groupby(stages, key=lambda stage: stage.sales_model.name)
    ]
    return groups if len(groups) > 1 else [choice for _name, choices in groups for choice in choices]
