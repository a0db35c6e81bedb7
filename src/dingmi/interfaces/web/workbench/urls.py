"""Addresses of the workbench."""

from __future__ import annotations

from django.urls import path

from dingmi.interfaces.web.workbench import views

urlpatterns = [
    path("", views.home, name="home"),
    path("workbench", views.workbench, name="workbench"),
    path("overview", views.overview, name="overview"),
]
