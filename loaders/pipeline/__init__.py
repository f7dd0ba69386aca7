"""From raw or live bytes to a snapshot: parse, assemble, check, swap."""
