"""One published table or map to a checked frame, whoever brought the bytes."""
