"""Wiring: settings from one dingmi.toml, URL roots, WSGI. Holds no logic."""
