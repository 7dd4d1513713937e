"""bench/release: how long a release takes until it is live, beside what it cannot go below."""
