from importlib import import_module

from django.apps import AppConfig


class OrgansConfig(AppConfig):
    name = "dingmi.records.organs"
    label = "organs"
    default_auto_field = "django.db.models.BigAutoField"

    def import_models(self) -> None:
        """Load the models that stand beside ``models.py``."""
        super().import_models()
        import_module("dingmi.records.organs.staff")
