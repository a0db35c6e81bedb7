"""归档移交: grouping, reviewing, packing and handing over."""
