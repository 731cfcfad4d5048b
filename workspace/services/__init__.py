"""Acts on what people are told and asked."""

from workspace.services.approvals import (
    Asked,
    answer,
    answer_many,
    ask,
    ask_anew,
    check_granted,
    withdraw,
    withdraw_waiting,
)
from workspace.services.choices import choose
from workspace.services.invitations import accept, invite, revoke
from workspace.services.lists import (
    add_value,
    as_listed,
    listed,
    merge_value,
    offer_value,
    place_value,
    rename_value,
    unlisted,
)
from workspace.services.mail import send_due
from workspace.services.messages import (
    Told,
    read_all,
    read_message,
    send_again,
    take_out_news,
    tell,
    tell_each,
)
from workspace.services.own import own_values
from workspace.services.people import add_person, edit_person, let_go
from workspace.services.periods import ask_closing, ask_reopening
from workspace.services.runs import tell_of_failed_runs
from workspace.services.setup import make_setup_link, use_setup_link
from workspace.services.stand_ins import end_stand_in, name_stand_in

__all__ = [
    "Asked",
    "Told",
    "accept",
    "add_person",
    "add_value",
    "answer",
    "answer_many",
    "as_listed",
    "ask",
    "ask_anew",
    "ask_closing",
    "ask_reopening",
    "check_granted",
    "choose",
    "edit_person",
    "end_stand_in",
    "invite",
    "let_go",
    "listed",
    "make_setup_link",
    "merge_value",
    "name_stand_in",
    "offer_value",
    "own_values",
    "place_value",
    "read_all",
    "read_message",
    "rename_value",
    "revoke",
    "send_again",
    "send_due",
    "take_out_news",
    "tell",
    "tell_each",
    "tell_of_failed_runs",
    "unlisted",
    "use_setup_link",
    "withdraw",
    "withdraw_waiting",
]
