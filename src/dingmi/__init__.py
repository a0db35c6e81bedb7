"""dingmi: decide, mark, protect, review and release secrets, and manage the people accountable for it."""

__version__ = "0.1.0"
