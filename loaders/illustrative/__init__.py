"""The illustrative set of places: made up, and in agreement with what is published."""
