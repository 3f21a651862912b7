"""Authorization codes from a real browser (RFC 6749 section 4.1, RFC 7636), and what is done with them."""
