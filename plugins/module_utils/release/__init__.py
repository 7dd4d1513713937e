"""Building releases on the controller and running them on hosts."""
