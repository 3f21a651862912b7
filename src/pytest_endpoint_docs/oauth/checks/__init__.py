"""What the endpoints of an authorization server owe, as checks.

The duties are those of RFC 6749, 7009, 7636, 7662, 8628, 9126, 9207 and 9700, and of OpenID Connect Core 1.0.
"""
