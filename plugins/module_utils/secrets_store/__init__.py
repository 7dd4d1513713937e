"""Where an environment's secrets are kept, and how one is exchanged for another.

A *store* maps names (``vault_x``) to values: ``names()``, ``read(name)``, and ``write(changes)``, all or nothing.
``vault_file`` keeps them in a file encrypted by ansible-vault, ``folder`` each in a file of a private directory.
``rotation`` decides what each step of an exchange writes. Nothing here shows a value.
"""
