"""Facts that reports and public pages tell about places and zones."""
