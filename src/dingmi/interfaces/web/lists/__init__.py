"""Lists taken out of the pages."""
