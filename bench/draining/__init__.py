"""bench/celery: how many tasks a second a worker drains, and what durability costs of them."""
