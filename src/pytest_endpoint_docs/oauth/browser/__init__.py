"""The consent in a browser."""
