"""What people, scripts, other systems and the clock touch: translate in and out, make one call down."""
