"""What a release does with its own code and settings, in one process a verb.

Needs nothing but the standard library and what the application has: Django and Celery are imported by the verbs that
were asked for them, and only then.
"""
