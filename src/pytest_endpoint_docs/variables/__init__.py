"""Variables of docs: where they stand, who defines them, and values in their place (doc format, section 5)."""
