"""Travel over the street graph of the snapshot."""
