"""Services that hand out features: WFS, OGC API, links and files."""
