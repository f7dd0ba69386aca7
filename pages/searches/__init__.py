"""Searches for new places, each in a process of its own with a limit on its memory and time."""
