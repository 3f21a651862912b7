"""YAML as values: plain texts without a library, all others by PyYAML, bounded."""
