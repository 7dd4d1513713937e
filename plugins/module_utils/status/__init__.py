"""How a host is, with what runs on it: facts (units, programs, queues, machine), their judgement, a table of both."""
