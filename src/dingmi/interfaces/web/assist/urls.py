"""Addresses of what the suggestion engine has learnt from, and of the consistency radar."""

from __future__ import annotations

from django.urls import path

from dingmi.interfaces.web.assist import radar, views

urlpatterns = [
    path("assist", views.assist, name="assist"),
    path("consistency", radar.cases, name="consistency"),
    path("consistency/<uuid:case>", radar.case, name="consistency_case"),
]
