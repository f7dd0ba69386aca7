"""A plan beside today or beside another plan."""
