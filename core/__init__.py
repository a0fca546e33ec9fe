"""The calculations of Six Markets, free of any user interface."""
