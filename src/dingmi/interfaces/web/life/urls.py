"""Addresses of a matter's later life."""

from __future__ import annotations

from django.urls import path

from dingmi.interfaces.web.life import more, views

urlpatterns = [
    path("m/<uuid:matter>/change", views.change, name="matter_change"),
    path("m/<uuid:matter>/extend", views.extension, name="matter_extend"),
    path("m/<uuid:matter>/void", views.errors, name="matter_void"),
    path("m/<uuid:matter>/affairs", views.affairs, name="matter_affairs"),
    path("m/<uuid:matter>/more", more.more, name="matter_more"),
    path("deliveries", views.deliveries, name="deliveries"),
    path("received/new", views.receive, name="receive"),
]
