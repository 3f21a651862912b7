"""The nouns of this package, every one a frozen value."""
