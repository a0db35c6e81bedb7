"""SQLite as this house reads it: instants come back in the time zone of the installation."""
