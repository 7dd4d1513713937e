"""Keeps a host's ACME certificates: what stands in for one, certbot's calls, renewal, and how it went."""
