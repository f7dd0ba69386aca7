"""Made-up worlds whose answer is known in closed form."""
