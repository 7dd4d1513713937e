"""Plain Celery without Django: two tasks that count, a chain of them, and a beat that ticks every two seconds."""
