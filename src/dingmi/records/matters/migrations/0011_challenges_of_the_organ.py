"""A challenged matter is seen by those who decide in its organ and in the one that keeps the records, and by nobody elsewhere."""

from django.db import migrations

from dingmi.records.ledger.tables import Whole
from dingmi.records.matters.row_security import renew_policies


class Migration(Whole):

    dependencies = [('matters', '0010_published_found')]

    operations = [migrations.RunPython(renew_policies, migrations.RunPython.noop)]  # narrower policies suit what was before, too
