"""建议引擎与一致性雷达: what was learnt, and near-identical matters that differ."""
