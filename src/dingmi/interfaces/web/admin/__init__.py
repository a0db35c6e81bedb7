"""The front doors of the three administrators."""
