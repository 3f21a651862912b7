"""The nouns of this package, every one a frozen value; and the version that it has."""

# To ask the metadata of the installed package for it takes as long as a dozen docs.
VERSION = "0.1.0"
