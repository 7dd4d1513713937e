"""What a host keeps of itself, how it is proven, and how it comes back; Python's standard library and psycopg2 only."""
