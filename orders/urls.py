"""Addresses of orders and of the ledger."""

from django.urls import path

from orders.api.accuracy import EntryAccuracyApi
from orders.api.attach import AttachRateApi
from orders.api.orders import OrderChangesApi
from orders.views import accuracy, attach, booking, counters, disputes, ledger, orders, queue

urlpatterns = [
    path("", orders.order_list, name="order_list"),
    path("book/", booking.order_book, name="order_book"),
    path("awaiting/", queue.order_request_list, name="order_request_list"),
    path("awaiting/next/", queue.order_request_next, name="order_request_next"),
    path("awaiting/<int:pk>/claim/", queue.order_request_claim, name="order_request_claim"),
    path("awaiting/<int:pk>/release/", queue.order_request_release, name="order_request_release"),
    path("awaiting/<int:pk>/back/", queue.order_request_back, name="order_request_back"),
    path("awaiting/<int:pk>/cancel/", queue.order_request_cancel, name="order_request_cancel"),
    path("review/", queue.review_point_list, name="review_point_list"),
    path("review/new/", queue.review_point_create, name="review_point_create"),
    path("review/<int:pk>/remove/", queue.review_point_remove, name="review_point_remove"),
    path("opening/", ledger.opening_create, name="opening_create"),
    path("without-rate/", ledger.rates_missing_panel, name="rates_missing_panel"),
    path("attach-rate/", attach.attach_rate, name="attach_rate"),
    path("accuracy/", accuracy.entry_accuracy, name="entry_accuracy"),
    path("accuracy/file/", accuracy.entry_accuracy_csv, name="entry_accuracy_csv"),
    path("credits/", ledger.credit_list, name="credit_list"),
    path("credits/file/", ledger.credit_csv, name="credit_csv"),
    path("disputes/", disputes.dispute_list, name="dispute_list"),
    path("disputes/new/", disputes.dispute_create, name="dispute_create"),
    path("disputes/<int:pk>/", disputes.dispute_detail, name="dispute_detail"),
    path("disputes/<int:pk>/answer/", disputes.dispute_answer, name="dispute_answer"),
    path("disputes/<int:pk>/withdraw/", disputes.dispute_withdraw, name="dispute_withdraw"),
    path("of-account/<int:pk>/", orders.account_orders_panel, name="account_orders_panel"),
    path("of-opportunity/<int:pk>/", orders.opportunity_order_panel, name="opportunity_order_panel"),
    path("<int:pk>/", orders.order_detail, name="order_detail"),
    path("<int:pk>/purchase-order/", orders.order_purchase_order, name="order_purchase_order"),
    path("<int:pk>/progress/", orders.order_progress, name="order_progress"),
    path("<int:pk>/cancel/", counters.order_cancel, name="order_cancel"),
    path("<int:pk>/correct/", counters.order_correct, name="order_correct"),
    path("<int:pk>/amend/", counters.order_amend, name="order_amend"),
    path("<int:pk>/split/", counters.order_split, name="order_split"),
    path("<int:pk>/day/", counters.order_day, name="order_day"),
]

for_programs = [
    path("orders/changes/", OrderChangesApi.as_view(), name="api_order_changes"),
    path("insight/entry-accuracy/", EntryAccuracyApi.as_view(), name="api_insight_entry_accuracy"),
    path("insight/attach-rate/", AttachRateApi.as_view(), name="api_insight_attach_rate"),
]
