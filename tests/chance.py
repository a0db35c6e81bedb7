"""Whether chance is drawn from the name of each test, or free (``./test deep``)."""

from __future__ import annotations

import os

IS_FREE = os.environ.get("DINGMI_TEST_CHANCE") == "free"
