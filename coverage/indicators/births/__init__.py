"""Births over the years and by place."""
