"""One host with the lab's stack on it, kept as an image: scenarios that need a running stack start from a copy.

`python -m snapshot DIRECTORY`, with tests/ in PYTHONPATH, makes it where it is not there, puts its authority and its
secrets into the directory, and prints the image's name. Made once for each state of what it depends on.
"""
