from django.apps import AppConfig


class GuidesConfig(AppConfig):
    name = "dingmi.records.guides"
    label = "guides"
    default_auto_field = "django.db.models.BigAutoField"
