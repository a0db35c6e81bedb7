"""Print of the 审批表, and downloads."""
