"""Plugins: found by stevedore, built by cattrs, called by pluggy; nothing else in the core knows these three.

``find`` knows what is installed, ``build`` makes and checks one, ``faces`` says what each kind must and may have,
``hookspecs`` specifies every hook, and ``source``, ``renderer``, ``sink``, ``listener``,
``target`` are what the core calls.
"""
