"""Dossiers: documents that a council decides on and a house works from, as PDF, HTML and DOCX."""
