"""Between hosts everything is said by TLS, to a host that the environment's authority knows."""

from tls_checks import *  # noqa: F403
