"""Where plans are kept: SQLite or PostgreSQL."""
