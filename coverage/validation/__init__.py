"""Answers that are known beforehand, against what nabij works out."""
