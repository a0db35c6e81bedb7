from importlib import import_module

from django.apps import AppConfig
from django.db.backends.signals import connection_created


class MattersConfig(AppConfig):
    name = "dingmi.records.matters"
    label = "matters"
    default_auto_field = "django.db.models.BigAutoField"

    def import_models(self) -> None:
        """Load the models that stand beside ``models.py``."""
        super().import_models()
        for module in ("life", "disputes", "applications", "assist", "outlook", "recusals"):
            import_module(f"dingmi.records.matters.{module}")

    def ready(self) -> None:
        """Let every connection tell the database who reads."""
        connection_created.connect(import_module("dingmi.records.matters.row_security").carry)
