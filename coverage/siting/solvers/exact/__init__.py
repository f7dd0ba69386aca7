"""Exact search for the p-median and its kin: bounds, branching, enumeration."""
