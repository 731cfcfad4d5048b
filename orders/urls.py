"""Addresses of orders and of the ledger."""

from django.urls import path

from orders import views
from orders.api import AttachRateApi, OrderChangesApi

urlpatterns = [
    path("", views.order_list, name="order_list"),
    path("book/", views.order_book, name="order_book"),
    path("awaiting/", views.order_request_list, name="order_request_list"),
    path("awaiting/<int:pk>/back/", views.order_request_back, name="order_request_back"),
    path("opening/", views.opening_create, name="opening_create"),
    path("attach-rate/", views.attach_rate, name="attach_rate"),
    path("credits/", views.credit_list, name="credit_list"),
    path("of-account/<int:pk>/", views.account_orders_panel, name="account_orders_panel"),
    path("of-opportunity/<int:pk>/", views.opportunity_order_panel, name="opportunity_order_panel"),
    path("<int:pk>/", views.order_detail, name="order_detail"),
    path("<int:pk>/purchase-order/", views.order_purchase_order, name="order_purchase_order"),
    path("<int:pk>/cancel/", views.order_cancel, name="order_cancel"),
    path("<int:pk>/correct/", views.order_correct, name="order_correct"),
]

for_programs = [
    path("orders/changes/", OrderChangesApi.as_view(), name="api_order_changes"),
    path("insight/attach-rate/", AttachRateApi.as_view(), name="api_insight_attach_rate"),
]
