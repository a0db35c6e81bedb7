"""``python -m dingmi``."""

from dingmi.interfaces.cli import main

main()
