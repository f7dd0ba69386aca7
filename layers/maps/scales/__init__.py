"""Classes of values and their colours."""
