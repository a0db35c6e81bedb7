from importlib import import_module

from django.apps import AppConfig


class OversightConfig(AppConfig):
    name = "dingmi.records.oversight"
    label = "oversight"
    default_auto_field = "django.db.models.BigAutoField"

    def import_models(self) -> None:
        """Load the models that stand beside ``models.py``."""
        super().import_models()
        for module in ("reports", "radar", "secrecy_file", "inspections", "incidents", "conduct"):
            import_module(f"dingmi.records.oversight.{module}")
