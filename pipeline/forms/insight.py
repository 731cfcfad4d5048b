"""What the pages of insight may be asked: days and filters, read strictly from the address, shown as a form."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from common.forms import LocaleDateField
from common.http import BadQuery, a_day, chosen, whole
from common.pickers import PickField
from pipeline.forms.filters import below
from pipeline.models import Channel, Motion, SalesModel
from pipeline.selectors.insight import Asked
from pipeline.selectors.offers import Holders
from territories.selectors.offers import Led
from workspace.models import ListValue
from workspace.selectors.lists import offered

A_YEAR = timedelta(days=364)
DAYS = ("from", "to")
PLACE = ("within", "owner")
KINDS = ("model", "motion", "channel", "source")
NAMES = (*DAYS, *PLACE, *KINDS)


def asked_of(query: Mapping[str, str], today: date) -> Asked:
    """What an address asks for; without days the last year. Raises BadQuery on what is not known."""
    asked = dict(query)
    last = a_day(asked, "to") or today
    first = a_day(asked, "from") or last - A_YEAR
    if first > last:
        raise BadQuery(_now("The first day lies after the last one."), path="from")
    columns = {
        "owner_id": whole(asked, "owner"),
        "territory_id__in": below(whole(asked, "within")),
        "stage__sales_model_id": whole(asked, "model"),
        "motion": chosen(asked, "motion", ["", *Motion.values], ""),
        "channel": chosen(asked, "channel", ["", *Channel.values], ""),
        "source": query.get("source", ""),
    }
    return Asked(first, last, {name: value for name, value in columns.items() if value not in (None, "")})


class InsightForm(forms.Form):
    """The filters as a reader sets them; never bound, because the address is read strictly. What the page is asked
    besides (`kept`) goes along unseen.
    """

    within = PickField(label=_("Territory"), required=False, offer=Led(), nothing=_("all in reach"))
    owner = PickField(label=_("Owner"), required=False, offer=Holders(), nothing=_("all"))
    model = forms.ChoiceField(label=_("Sales model"), required=False)
    motion = forms.ChoiceField(label=_("Motion"), required=False)
    channel = forms.ChoiceField(label=_("Channel"), required=False)
    source = forms.ChoiceField(label=_("Source"), required=False)

    def __init__(
        self, query: Mapping[str, str], asked: Asked, names: Sequence[str] = NAMES, kept: Sequence[str] = ()
    ) -> None:
        super().__init__(initial={**query, "from": asked.first, "to": asked.last}, auto_id="filter_%s")
        for name, label in (("from", _("From")), ("to", _("To"))):
            self.fields[name] = LocaleDateField(label=label, required=False)
        self.order_fields(NAMES)
        self.fields = {name: field for name, field in self.fields.items() if name in names}
        for name, offer in (("within", Led()), ("owner", Holders())):
            if name in self.fields and offer.choices() == []:
                del self.fields[name]
        if "model" in self.fields:
            self._offer_kinds(query)
        for name in filter(query.get, kept):
            self.fields[name] = forms.CharField(widget=forms.HiddenInput)

    def _offer_kinds(self, query: Mapping[str, str]) -> None:
        models = list(SalesModel.objects.values_list("pk", "name"))
        self._offer("model", models)
        if len(models) < 2:
            del self.fields["model"]
        self._offer("motion", Motion.choices)
        self._offer("channel", Channel.choices)
        now = filter(None, [query.get("source")])
        sources = dict.fromkeys([*offered(ListValue.List.LEAD_SOURCE), *now])
        self._offer("source", ((one, one) for one in sources))

    def _offer(self, name: str, choices: Iterable[tuple[Any, Any]]) -> None:
        self.fields[name].choices = [("", _("all")), *choices]  # type: ignore[attr-defined]

    def usual(self) -> list[forms.BoundField]:
        """The fields that are always shown."""
        return [self[name] for name in self.fields if name not in KINDS]

    def rare(self) -> list[forms.BoundField]:
        """The fields that are folded until one of them is set."""
        return [self[name] for name in self.fields if name in KINDS]

    def is_rare(self) -> bool:
        """Whether one of the folded fields is set."""
        return any(self.initial.get(name) for name in KINDS)
