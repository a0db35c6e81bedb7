"""Paths below ``/api/v1/``."""

from __future__ import annotations

from django.urls import path

from dingmi.interfaces.api import views

urlpatterns = [
    path("acts/<str:name>", views.act, name="api-act"),
    path("asks/<str:name>", views.ask, name="api-ask"),
    path("openapi.json", views.openapi, name="api-openapi"),
]
