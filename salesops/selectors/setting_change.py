"""A setting with the value that it would have."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.locale import format_number
from common.policies import POLICIES
from common.selectors import policy


@dataclass(frozen=True)
class Change:
    """A setting and the value that it would have from a day on; `value` None: as it is then."""

    name: str
    value: Any
    starts_on: date
    today: date

    @property
    def is_one(self) -> bool:
        """Whether anything would be otherwise."""
        return self.value is not None and self.value != self.before

    @property
    def before(self) -> Any:
        return policy(self.name, self.starts_on)

    def in_words(self) -> str:
        return POLICIES[self.name].in_words(self.value)

    def beside(self, tell: Callable[[Any], str]) -> str:
        """What is told of the value as it is and, where it would change, of the new one."""
        told = {"before": tell(self.before)}
        if not self.is_one:
            return _("Now: %(before)s.") % told
        told |= {"value": self.in_words(), "after": tell(self.value)}
        return _("Now: %(before)s. With %(value)s: %(after)s.") % told


def people_in_words(number: int) -> str:
    return ngettext("%(number)s person", "%(number)s people", number) % {"number": format_number(number)}
