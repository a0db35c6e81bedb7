"""Addresses of statistics and reports."""

from __future__ import annotations

from django.urls import path

from dingmi.interfaces.web.statistics import views

urlpatterns = [
    path("statistics", views.statistics, name="statistics"),
    path("statistics/signals/<slug:name>", views.signal, name="statistics_signal"),
    path("statistics/records", views.records, name="statistics_records"),
    path("statistics/reports/<slug:name>/<int:year>", views.report, name="statistics_report"),
    path("statistics/reports/<slug:name>/<int:year>/file", views.report_file, name="statistics_report_file"),
]
