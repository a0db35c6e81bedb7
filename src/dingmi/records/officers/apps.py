from importlib import import_module

from django.apps import AppConfig


class OfficersConfig(AppConfig):
    name = "dingmi.records.officers"
    label = "officers"
    default_auto_field = "django.db.models.BigAutoField"

    def import_models(self) -> None:
        """Load the models that stand beside ``models.py``."""
        super().import_models()
        for module in ("appointments", "performance", "training", "exams", "selection"):
            import_module(f"dingmi.records.officers.{module}")
