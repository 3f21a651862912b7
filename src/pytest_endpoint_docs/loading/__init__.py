"""Text -> :class:`EndpointDoc` (head) and :class:`DocBody`, for both dialects, with what is wrong in it."""
