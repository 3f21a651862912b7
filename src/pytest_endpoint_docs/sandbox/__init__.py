"""An API platform that runs on loopback: the first target to try.

It knows nothing of the rest of the package, and imports Flask and Authlib (the extra ``sandbox``).
"""
