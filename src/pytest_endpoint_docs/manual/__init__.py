"""Docs that need a person: which mode runs them, and the attended walk-through."""
