"""The norm machine: a slider for the births that justify a place, and what that takes."""
