"""Addresses of expiry and review."""

from __future__ import annotations

from django.urls import path

from dingmi.interfaces.web.expiry import views

urlpatterns = [
    path("expiry", views.expiry, name="expiry"),
    path("expiry/forecast", views.forecast, name="expiry_forecast"),
    path("expiry/outlook", views.outlook, name="outlook"),
    path("expiry/batch", views.batch, name="expiry_batch"),
]
