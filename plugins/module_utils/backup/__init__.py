"""Backups as the controller sees them: what may be asked for, what hosts are told, and what they have."""
