"""What a browser may send: declared for every callback, and checked before anything reads it."""
