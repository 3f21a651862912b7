"""OpenAPI descriptions (2.0, 3.0, 3.1): the operation of a request, and requests and answers held against it."""
