"""What people read: errors, messages and texts in Dutch, English and French; it imports nothing of ours."""
