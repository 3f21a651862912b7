"""What the token endpoint and the authorization endpoint owe (RFC 6749, 7636, 9207, 9700), as checks."""
