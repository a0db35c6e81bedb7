"""Addresses of print and download."""

from __future__ import annotations

from django.urls import path

from dingmi.interfaces.web.printing import views

urlpatterns = [
    path("print/approval/<uuid:matter>", views.approval, name="print_approval"),
    path("download/<uuid:matter>", views.download, name="download"),
]
