"""A list of places: from its rows to facilities, and what was made of each row."""
