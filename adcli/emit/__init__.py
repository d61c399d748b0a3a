"""A tape as text in another language."""
