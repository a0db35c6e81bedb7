"""秘密台账 and one 事项 with its acts."""
