"""Borders and the zones that lie within or across municipalities."""
