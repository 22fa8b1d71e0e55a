"""A mapping proposed for a file: what it looks like, which headings mean what, and what is unsure."""
