"""Addresses of archiving."""

from __future__ import annotations

from django.urls import path

from dingmi.interfaces.web.archives import views

urlpatterns = [
    path("archives", views.archives, name="archives"),
    path("archives/<uuid:batch>", views.batch, name="archive_batch"),
]
