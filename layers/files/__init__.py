"""Files: formats, where they go, and those made once for the browser."""
