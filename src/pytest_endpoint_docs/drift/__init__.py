"""Docs, OpenAPI descriptions and answers held against each other."""
