"""Many jobs of many tenants on many machines: who may run what, when, and what became of it.

The commands are ``notion-sync fleet …``; a program may as well build a worker from the desk, the ledger and the vault.
"""
