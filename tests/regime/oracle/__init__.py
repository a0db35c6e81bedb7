"""What the law says, written a second time from the procedures and the register, without reading the rules.

Nothing here imports from ``dingmi.regime`` but the facts that an act is judged on.
"""
