"""What every regime is made of: levels, periods, instruments and clauses, parameters, rules and verdicts."""
