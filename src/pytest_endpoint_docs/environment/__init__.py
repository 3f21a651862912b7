"""Environments: one YAML file per target, validated by a JSON Schema, secrets from the process environment."""

from pytest_endpoint_docs.environment.authorization import NO_CREDENTIALS, Credentials, authorization, server_for
from pytest_endpoint_docs.environment.loading import ENVIRONMENTS, find_environment, load_environment, load_offline
from pytest_endpoint_docs.environment.schema import environment_schema
from pytest_endpoint_docs.environment.source import YamlSource, read_yaml

__all__ = [
    "ENVIRONMENTS",
    "NO_CREDENTIALS",
    "Credentials",
    "YamlSource",
    "authorization",
    "environment_schema",
    "find_environment",
    "load_environment",
    "load_offline",
    "read_yaml",
    "server_for",
]
