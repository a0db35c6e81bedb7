"""Where lists are taken out."""

from __future__ import annotations

from django.urls import path

from dingmi.interfaces.web.lists import views

urlpatterns = [path("lists/<str:name>/export", views.export, name="list_export")]
