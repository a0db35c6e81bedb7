"""The filled bureau for browser tests: ``python -m tests.e2e.bureau`` in an empty ``DINGMI_DATA`` prints what ``house`` prints."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any


def build() -> dict[str, Any]:
    """Build the bureau in ``DINGMI_DATA`` and return its accounts."""
    Path(os.environ["DINGMI_DATA"], "dingmi.toml").write_text('profile = "demo"\n', encoding="utf-8")
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    from dingmi.queries import clock
    from tests.filled import Filled
    from tests.story import PASSWORD

    made = Filled(clock.now() - timedelta(days=3))
    made.fill_up()
    return {"password": PASSWORD, "first": {}, "known": str(made.matters["active, asked about"].matter)}


if __name__ == "__main__":
    print(json.dumps(build()))
