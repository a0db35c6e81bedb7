"""Addresses of what the suggestion engine has learnt from."""

from __future__ import annotations

from django.urls import path

from dingmi.interfaces.web.assist import views

urlpatterns = [path("assist", views.assist, name="assist")]
