"""Content of matters under row security: a query that forgets its filter shows a reader nothing more (SR-20)."""

from django.db import migrations

from dingmi.records.matters.row_security import guarded


class Migration(migrations.Migration):
    dependencies = [("matters", "0026_text_warnings"), ("officers", "0008_allowance"), ("organs", "0006_second_factor")]
    operations = [
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
            ),
            migrations.RunPython.noop,
        )
    ]
