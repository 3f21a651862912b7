"""Environments: one YAML file per target, validated by a JSON Schema, secrets from the process environment."""
