"""Run a canvas, watch it."""

from django.apps import AppConfig


class CanvasConfig(AppConfig):
    """Chains, groups, chords, callbacks, delays, expiry, retries and rate limits, to be run and watched."""

    name = "canvas"
    navigation = (("Canvas", "canvas:home", False),)
