"""载体台账: the register of copies, each copy with its life, destruction and counts."""
