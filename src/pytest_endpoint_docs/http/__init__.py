"""The one sender of HTTP requests."""
