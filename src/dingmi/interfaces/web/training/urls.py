"""Addresses of training."""

from __future__ import annotations

from django.urls import path

from dingmi.interfaces.web.training import views

urlpatterns = [
    path("training", views.training, name="training"),
    path("training/hours", views.hours, name="training_hours"),
    path("training/export/<int:year>", views.export, name="training_export"),
    path("training/sessions/<uuid:session>", views.session, name="training_session"),
    path("my-training", views.mine, name="my_training"),
]
