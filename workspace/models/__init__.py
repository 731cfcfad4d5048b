"""What people are told and asked: invitations, messages, approvals, stand-ins, and the lists that forms offer."""

from workspace.models.approvals import Approval
from workspace.models.beside import Comment, Document, DocumentFile, Mention
from workspace.models.exports import Export
from workspace.models.lists import ListValue
from workspace.models.messages import TO, Choice, Delivery, Event, Message
from workspace.models.own import MOST_FIELDS, OwnField, own_column
from workspace.models.people import Invitation, Recent, SetupLink, StandIn, TourSeen
from workspace.models.saved_views import SavedView
from workspace.models.webhooks import Happening, Webhook, WebhookDelivery

__all__ = [
    "MOST_FIELDS",
    "TO",
    "Approval",
    "Choice",
    "Comment",
    "Delivery",
    "Document",
    "DocumentFile",
    "Event",
    "Export",
    "Happening",
    "Invitation",
    "ListValue",
    "Mention",
    "Message",
    "OwnField",
    "Recent",
    "SavedView",
    "SetupLink",
    "StandIn",
    "TourSeen",
    "Webhook",
    "WebhookDelivery",
    "own_column",
]
