"""A staff number is one person's for good (SR-01)."""

from typing import Any

from django.db import migrations, models

from dingmi.records.ledger.tables import Whole


def require_once(apps: Any, schema: Any) -> None:
    """Name the numbers that two people bear, where the database would only say that the constraint does not hold."""
    people = apps.get_model("organs", "Person").objects.values("organ", "staff_no").order_by("staff_no")
    twice = [row["staff_no"] for row in people.annotate(bearers=models.Count("pk")).filter(bearers__gt=1)]
    if twice:
        raise RuntimeError(f"工号不止一人使用，不能升级 · staff numbers of more than one person: {', '.join(twice)}")


class Migration(Whole):
    dependencies = [("organs", "0001_tables")]
    operations = [
        migrations.RunPython(require_once, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="person",
            constraint=models.UniqueConstraint(fields=("organ", "staff_no"), name="staff_no_once"),
        ),
    ]
