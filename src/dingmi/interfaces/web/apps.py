"""The Django app of the pages."""

from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Templates, template tags and static files of the pages."""

    name = "dingmi.interfaces.web"
    label = "web"
