"""统计: figures told from decisions, each of which opens exactly the records that it counts."""

from __future__ import annotations

from dingmi.queries.statistics import dashboard, records, report

__all__ = ["dashboard", "records", "report"]
