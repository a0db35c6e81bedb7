"""Official forms set as PDF with an embedded font; ``FORMS`` lists them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from dingmi.engines.documents import child
from dingmi.engines.documents.forms import approval
from dingmi.engines.documents.limits import DEFAULT, Limits

FORMS: dict[str, Callable[[Mapping[str, Any]], bytes]] = {"approval": approval.render}


def approval_form(record: Mapping[str, Any], limits: Limits = DEFAULT) -> bytes:
    """Return the 国家秘密确定审批表 as a one-page A4 PDF.

    Args:
        record: Texts for the fields named in ``approval.Fields``; missing ones stay empty for the pen.
    Raises:
        Invalid: ``form.too_long`` when the texts do not fit on one page even in the smallest size.
    """
    return child.run("form", json.dumps(dict(record)).encode(), {"form": "approval"}, limits)[1]
