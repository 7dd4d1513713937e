"""Asking other people's HTTP APIs: bounded in time and size, with failures that say whether to try again."""
