"""What was proposed and decided is written once (SR-58); content stands under row security: a query that forgets its filter shows a
reader nothing more (SR-20)."""

from django.db import migrations

from dingmi.records.ledger.triggers import append_only
from dingmi.records.matters.row_security import guarded
from dingmi.records.ledger.tables import Whole


class Migration(Whole):
    replaces = [
        ("matters", name)
        for name in "0002_immutable 0005_earlier_texts_immutable 0010_steps_immutable 0027_row_security".split()
    ]  # data directories made before 0.1.0
    dependencies = [("matters", "0001_tables"), ("officers", "0001_tables"), ("ledger", "0002_guards")]
    operations = [
        migrations.RunPython(
            append_only(
                ("matters_proposal", "id", False),
                ("matters_decision", "id", False),
                ("matters_suggestion", "id", False),
                ("matters_earliertext", "id", False),
                ("matters_challengestep", "id", False),
            )
        ),
        migrations.RunPython(
            guarded(
                "matters_matter",
                "matters_mattertext",
                "matters_matterfile",
                "matters_suggestion",
                "matters_proposal",
                "matters_decision",
                "matters_earliertext",
                "matters_classifiedpoint",
                "matters_comment",
                "matters_sourcelink",
                "matters_referral",
                "matters_consultation",
                "matters_centralapproval",
                "matters_disclosurereview",
                "matters_challengestep",
                "matters_appraisal",
                "matters_preparation",
                "matters_learntpart",
                "matters_posting",
                "matters_sketchcode",
            )
        ),
    ]
