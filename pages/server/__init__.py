"""What the server keeps and serves beside pages: files, jobs, memory."""
