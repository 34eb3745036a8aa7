"""Many jobs of many tenants on many machines: who may run what, when, and what became of it.

No command yet: a program builds its worker from the desk, the ledger and the vault that are here.
"""
