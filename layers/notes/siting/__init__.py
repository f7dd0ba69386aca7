"""What goes along with proposals of new places."""
