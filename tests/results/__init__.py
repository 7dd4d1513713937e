"""What `bin/test-all` has seen of each scenario, kept from run to run, and the report made of it.

A row is a scenario's name (`release`), a module of the compose tests (`compose/test_20_faults`), or `integration`.
"""
