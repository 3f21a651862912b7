"""The one boundary through which every text about an exchange passes on its way to a person or a file."""
