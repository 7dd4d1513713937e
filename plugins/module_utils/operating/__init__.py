"""What an operator's verbs on the controller share: who is where in an environment, and how a host is reached."""
