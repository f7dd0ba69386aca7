"""Attacks on a running explorer and on the command, declared row by row."""
