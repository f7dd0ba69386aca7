"""The question in arrays, its rules, and the gate that every answer goes through."""
