"""Commands that look for new places."""
