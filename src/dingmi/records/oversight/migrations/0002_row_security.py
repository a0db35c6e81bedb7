"""Leaks and what inspections found under row security (SR-20): the second copy of who may know that there is one."""

from django.db import migrations

from dingmi.records.matters.row_security import guarded
from dingmi.records.ledger.tables import Whole


class Migration(Whole):
    dependencies = [("oversight", "0001_tables"), ("matters", "0002_guards")]
    operations = [
        migrations.RunPython(
            guarded(
                "oversight_incident",
                "oversight_incidentstep",
                "oversight_incidentliability",
                "oversight_inspectionfinding",
            )
        )
    ]
