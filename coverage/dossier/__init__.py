"""What a dossier and a needs analysis rest on: an area today and after a change, and who lives there."""
