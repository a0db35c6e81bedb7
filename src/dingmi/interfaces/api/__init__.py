"""The acts and queries as JSON over HTTP; never wider than the pages."""
