"""What every room may use: errors, the actor, message catalogues, Chinese numerals and dates."""
