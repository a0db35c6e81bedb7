"""定密拟稿：upload, item by item, check and sign, derive."""
