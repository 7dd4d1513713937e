"""bench/install: how long a large package takes until it is installed on a host, beside `uv pip install`."""
