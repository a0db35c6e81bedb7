"""Addresses of the register of copies."""

from __future__ import annotations

from django.urls import path

from dingmi.interfaces.web.carriers import lists, views

urlpatterns = [
    path("carriers", views.carriers, name="carriers"),
    path("carriers/desk", views.desk, name="carriers_desk"),
    path("carriers/destructions", lists.destructions, name="destructions"),
    path("carriers/destructions/<uuid:destruction>", lists.destruction, name="destruction"),
    path("carriers/counts", lists.counts, name="stock_takes"),
    path("carriers/counts/<uuid:count>", lists.count, name="stock_take"),
    path("carriers/<uuid:carrier>", views.carrier, name="carrier"),
]
