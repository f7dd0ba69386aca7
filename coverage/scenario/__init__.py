"""Plans: edits on the places of today, carried out and replayed."""
