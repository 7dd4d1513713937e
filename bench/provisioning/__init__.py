"""bench/provision: how long provisioning takes, beside its peers."""
