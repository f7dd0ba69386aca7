"""The present request: who asks, whether still there, and the kinds of value it may send."""
