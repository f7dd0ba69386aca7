"""Plans on any page: whose they are, their versions, what they may do."""
