"""Addresses of invitations, the inbox and what waits for approval."""

from django.urls import path

from workspace.views import approvals, inbox, invitations, lists, people, setup, stand_ins

urlpatterns = [
    path("setup/first/", setup.first_admin, name="first_admin"),
    path("setup/first/<str:secret>/", setup.first_admin_open, name="first_admin_open"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/<int:pk>/", inbox.inbox_open, name="inbox_open"),
    path("inbox/read/", inbox.inbox_read, name="inbox_read"),
    path("inbox/asked/", approvals.asked_list, name="asked_list"),
    path("inbox/mail/<int:pk>/again/", inbox.mail_again, name="mail_again"),
    path("inbox/mail/", inbox.mail_list, name="mail_list"),
    path("profile/notifications/", inbox.notification_choices, name="notification_choices"),
    path("people/new/", people.person_create, name="person_create"),
    path("people/invitations/", invitations.invitation_list, name="invitation_list"),
    path("people/invitations/send/", invitations.invitation_send, name="invitation_send"),
    path("people/invitations/<int:pk>/revoke/", invitations.invitation_revoke, name="invitation_revoke"),
    path("people/<int:pk>/edit/", people.person_edit, name="person_edit"),
    path("people/<int:pk>/invitation/", invitations.invitation_panel, name="invitation_panel"),
    path("invitation/<int:pk>/", invitations.invitation_accept, name="invitation_accept"),
    path("invitation/<str:token>/", invitations.invitation_open, name="invitation_open"),
    path("settings/lists/<str:name>/", lists.list_value_list, name="list_value_list"),
    path("settings/lists/<str:name>/new/", lists.list_value_create, name="list_value_create"),
    path("settings/lists/values/<int:pk>/", lists.list_value_edit, name="list_value_edit"),
    path("settings/lists/values/<int:pk>/move/", lists.list_value_move, name="list_value_move"),
    path("settings/lists/values/<int:pk>/offer/", lists.list_value_offer, name="list_value_offer"),
    path("approvals/<int:pk>/", approvals.approval_detail, name="approval_detail"),
    path("approvals/<int:pk>/answer/", approvals.approval_answer, name="approval_answer"),
    path("approvals/<int:pk>/withdraw/", approvals.approval_withdraw, name="approval_withdraw"),
    path("approvals/answer/", approvals.approval_answer_many, name="approval_answer_many"),
    path("calendar/periods/<int:pk>/reopen/", approvals.period_reopen, name="period_reopen"),
    path("profile/stand-in/", stand_ins.stand_in_list, name="stand_in_list"),
    path("profile/stand-in/new/", stand_ins.stand_in_create, name="stand_in_create"),
    path("profile/stand-in/suggest/", stand_ins.colleague_suggest, name="colleague_suggest"),
    path("profile/stand-in/<int:pk>/end/", stand_ins.stand_in_end, name="stand_in_end"),
    path("people/<int:pk>/stand-in/", stand_ins.stand_in_panel, name="stand_in_panel"),
]
