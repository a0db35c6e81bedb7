"""内部: the one level of work secrets."""

from __future__ import annotations

from dingmi.regime.kernel.levels import OrderedLevel


class Level(OrderedLevel):
    """The one level of work secrets; it is no grade and does not stand in a mark."""

    INTERNAL = "内部"
