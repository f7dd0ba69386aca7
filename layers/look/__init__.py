"""What everything looks like: colours, sizes and forms of numbers, for Python and for browsers."""
