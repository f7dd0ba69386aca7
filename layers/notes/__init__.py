"""What tables and files say about themselves."""
