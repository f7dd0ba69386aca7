"""Partnerships of places: the areas they serve, the rule that these keep to, and how they are housed."""
