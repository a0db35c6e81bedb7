"""Addresses of people, organs and delegations."""

from __future__ import annotations

from django.urls import path

from dingmi.interfaces.web.people import views

urlpatterns = [
    path("people", views.people, name="people"),
    path("organs", views.organs, name="organs"),
]
