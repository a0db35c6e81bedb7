"""Addresses of 待我审核."""

from __future__ import annotations

from django.urls import path

from dingmi.interfaces.web.review import views

urlpatterns = [
    path("review", views.queue, name="review"),
    path("review/<uuid:matter>", views.desk, name="review_desk"),
]
