"""Addresses of the register of officers."""

from __future__ import annotations

from django.urls import path

from dingmi.interfaces.web.officers import views

urlpatterns = [
    path("officers", views.officers, name="officers"),
    path("officers/<uuid:person>", views.officers, name="officer"),
]
