"""Every page, one include per subject."""

from __future__ import annotations

from importlib.util import find_spec

from django.urls import include, path

from dingmi.interfaces.web.assets import asset

SUBJECTS = (
    "entry",
    "workbench",
    "matters",
    "life",
    "expiry",
    "disputes",
    "grades",
    "archives",
    "carriers",
    "assist",
    "guides",
    "officers",
    "statistics",
    "people",
    "oversight",
    "training",
    "admin",
    "drafts",
    "review",
    "printing",
    "lists",
)
urlpatterns = [path("static/<path:path>", asset, name="asset")]
urlpatterns += [
    path("", include(f"dingmi.interfaces.web.{subject}.urls"))
    for subject in SUBJECTS
    if find_spec(f"dingmi.interfaces.web.{subject}.urls") is not None
]
