"""A member of a service takes its turn to be away: others lead meanwhile, and it is whole before the next one goes."""
