"""Pure tools: no Django, no I/O, no clock."""
