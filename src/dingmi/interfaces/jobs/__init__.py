"""The clock: runs what is due, once a day and at start; asks no business question itself."""
