"""The HTTP client of the loaders: requests, a cache of files, checks of what comes back."""
