"""Which operations of the descriptions have a doc."""
