"""Addresses of training."""

from __future__ import annotations

from django.urls import path

from dingmi.interfaces.web.training import exams, views

urlpatterns = [
    path("training", views.training, name="training"),
    path("training/hours", views.hours, name="training_hours"),
    path("training/sessions/<uuid:session>", views.session, name="training_session"),
    path("training/exams", exams.exams, name="exams"),
    path("training/exams/<uuid:exam>", exams.exam, name="exam"),
    path("exams/<uuid:exam>/start", exams.start, name="exam_start"),
    path("papers/<uuid:paper>", exams.paper, name="exam_paper"),
    path("papers/<uuid:paper>/save", exams.save, name="exam_save"),
    path("papers/<uuid:paper>/result", exams.result, name="exam_result"),
    path("practice", exams.practice, name="practice"),
    path("my-training", views.mine, name="my_training"),
]
