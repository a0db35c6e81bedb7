from importlib import import_module

from django.apps import AppConfig


class CarriersConfig(AppConfig):
    name = "dingmi.records.carriers"
    label = "carriers"
    default_auto_field = "django.db.models.BigAutoField"

    def import_models(self) -> None:
        """Load the models that stand beside ``models.py``."""
        super().import_models()
        import_module("dingmi.records.carriers.archives")
