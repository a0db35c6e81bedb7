"""统计年报: the page of figures, the records behind each, and the reports of a year."""
